"""The words of 口座振替 of NHI."""

from collections.abc import Mapping
from typing import Final

KINDS: Final[Mapping[str, str]] = {"regular": "納期の振替", "retry": "再振替", "further": "追加の振替"}
HANDLINGS: Final[Mapping[str, str]] = {
    "slip": "納付書を送った (この期はもう振り替えない)",
    "stop": "金融機関に請求の停止を依頼した",
    "refund": "還付・充当の手続きに回した",
    "checked": "確認した (何もしない)",
}
SLIP: Final = "slip"
