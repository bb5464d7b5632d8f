"""The words of 住登外管理."""

from collections.abc import Mapping

KINDS: Mapping[str, str] = {"person": "個人", "corporation": "法人", "body": "任意団体", "co_owners": "共有者"}
STATES: Mapping[str, tuple[str, str]] = {"active": ("住登外", "info"), "resident": ("住民になった", "ok")}
DESTINATIONS: Mapping[str, str] = {
    "mailing": "送付先",
    "tax_agent": "納税管理人",
    "heir": "相続人代表",
    "guardian": "成年後見人",
    "trustee": "破産管財人",
}
PRIORITY = ("trustee", "guardian", "heir", "tax_agent", "mailing")
"""Who a letter goes to where several hold: the administrator of the estate first, a mere address last."""
MAIL_FLAGS: Mapping[str, str] = {"returned": "返戻", "public_notice": "公示送達"}
SEXES = {"0": "不明", "1": "男", "2": "女"}
ALL = "all"
"""A destination for the letters of every business."""
ACCOUNT_USES: Mapping[str, str] = {"debit": "振替", "refund": "還付", "benefit": "給付"}
ACCOUNT_TYPES: Mapping[str, str] = {"1": "普通", "2": "当座", "4": "貯蓄"}
"""預金種目 of the 全銀 record formats."""
