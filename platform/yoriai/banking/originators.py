"""In whose name files go to which bank (`banking` of the tenant file): 委託者, 振込依頼人, and the account they are settled with.

One business may have several: of 口座振替 each collecting bank (取りまとめ店) serves its own banks. Nothing is built in.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from yoriai.dates import add_months
from yoriai.errors import FieldError
from yoriai.japanese import to_bank_kana
from yoriai.tenancy.config import TenantConfig

_BANK = {"type": "string", "pattern": "^[0-9]{4}$"}
_NAME = {"type": "string", "minLength": 1, "maxLength": 40}
_RETRY = {
    "description": "資金不足のときの再振替 (なければ再振替をしない)",
    "oneOf": [
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["with"],
            "properties": {"with": {"const": "next_due_date", "description": "同じ年度の次の納期限の日に"}},
        },
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["months_after", "day"],
            "properties": {
                "months_after": {"type": "integer", "minimum": 1, "maximum": 2, "description": "振替日の何か月後に"},
                "day": {"type": "integer", "minimum": 1, "maximum": 31, "description": "その月の日 (31は末日)"},
            },
        },
    ],
}
_REQUIRED = ("business", "use", "code", "name", "bank_code", "branch_code", "account_type", "account_number")
BANKING: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "金融機関に渡すファイル (全銀) の委託者・振込依頼人",
    "properties": {
        "originators": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": list(_REQUIRED),
                "properties": {
                    "business": {"type": "string", "description": "業務 (nhi、child_allowance など)"},
                    "use": {"enum": ["debit", "benefit"], "description": "口座振替 (debit)・総合振込 (benefit)"},
                    "code": {
                        "type": "string",
                        "pattern": "^[0-9]{10}$",
                        "description": "委託者コード・振込依頼人コード",
                    },
                    "name": {**_NAME, "description": "委託者名・振込依頼人名 (カナ)"},
                    "bank_code": {**_BANK, "description": "取引銀行番号"},
                    "bank_name": {**_NAME, "description": "取引銀行名 (カナ)"},
                    "branch_code": {"type": "string", "pattern": "^[0-9]{3}$", "description": "取引支店番号"},
                    "branch_name": {**_NAME, "description": "取引支店名 (カナ)"},
                    "account_type": {"enum": ["1", "2", "9"], "description": "預金種目 1普通 2当座 9その他"},
                    "account_number": {"type": "string", "pattern": "^[0-9]{7}$", "description": "口座番号"},
                    "serves": {
                        "type": "array",
                        "items": _BANK,
                        "uniqueItems": True,
                        "description": "口座振替を取りまとめる金融機関 (なければ、ほかの取りまとめ店にないすべて)",
                    },
                    "business_days_before": {
                        "type": "integer",
                        "minimum": 1,
                        "maximum": 30,
                        "description": "納期限・支払日の何営業日前に作るか (なければ7)",
                    },
                    "retry": _RETRY,
                    "notice_days": {
                        "type": "integer",
                        "minimum": 1,
                        "maximum": 60,
                        "description": "増額を決めた日から追加の振替までに置く日数 (なければ10)",
                    },
                    "line_end": {"enum": ["crlf", "none"], "description": "レコードの終わりの改行 (なければcrlf)"},
                },
            },
        },
    },
}
"""JSON Schema of the section."""
_DAYS_BEFORE = 7
_NOTICE_DAYS = 10


@dataclass(frozen=True)
class Retry:
    """再振替: so many months after the first debit on a day of the month; with neither, together with the next due date."""

    months_after: int = 0
    day: int = 0

    def day_after(self, first: date, due_dates: tuple[date, ...], is_closed: Callable[[date], bool]) -> date | None:
        """The day of the second debit, moved off closed days; `due_dates` are those it may join. None where none is left."""
        if not self.months_after:
            return min((due for due in due_dates if due > first), default=None)
        month = add_months(first.replace(day=1), self.months_after)
        day = min(month + timedelta(days=self.day - 1), add_months(month, 1) - timedelta(days=1))
        while is_closed(day):
            day += timedelta(days=1)
        return day


@dataclass(frozen=True)
class Originator:
    """Who sends a file through which bank; names are half-width kana. `serves` empty: every bank no other one serves."""

    business: str
    use: str
    code: str
    name: str
    bank_code: str
    bank_name: str
    branch_code: str
    branch_name: str
    account_type: str
    account_number: str
    serves: frozenset[str]
    business_days_before: int
    line_end: str
    retry: Retry | None = None
    """None: no 再振替."""
    notice_days: int = _NOTICE_DAYS
    """Days between the decision of a raised amount and its debit."""


def find_originators(config: TenantConfig, business: str, use: str) -> tuple[Originator, ...]:
    """The originators of a business for `debit` or `benefit`, in the order of the file; none where it sends none."""
    items = config.section("banking").get("originators") or ()
    return tuple(_originator(item) for item in items if item["business"] == business and item["use"] == use)


def originator_for(originators: tuple[Originator, ...], bank_code: str) -> Originator | None:
    """The one whose file an account of that bank belongs into, or None."""
    named = next((item for item in originators if bank_code in item.serves), None)
    return named or next((item for item in originators if not item.serves), None)


def check_banking(document: Mapping[str, Any]) -> Iterator[FieldError]:
    """What a schema cannot say: names a bank's record can hold, businesses that are installed, no bank served twice."""
    from yoriai import registry

    served: dict[tuple[str, str, str], int] = {}
    known = {business.name for business in registry.businesses()}
    for place, item in enumerate((document.get("banking") or {}).get("originators") or ()):
        at = f"banking.originators[{place}]"
        for name, width in (("name", 40), ("bank_name", 15), ("branch_name", 15)):
            kana = to_bank_kana(item[name]) if name in item else ""
            if kana is None or len(kana) > width:
                message = f"全銀のレコードに入るカナ・英大文字・数字で{width}字までです。"
                yield FieldError(f"{at}.{name}", message, rule="kana")
        if item["business"] not in known:
            yield FieldError(f"{at}.business", f"業務「{item['business']}」はありません。", rule="unknown")
        for name in ("retry", "notice_days"):
            if name in item and item["use"] != "debit":
                yield FieldError(f"{at}.{name}", "口座振替 (debit) の設定です。総合振込にはありません。", rule="use")
        for bank in item.get("serves") or ("その他すべて",):
            first = served.setdefault((item["business"], item["use"], bank), place)
            if first != place:
                message = f"金融機関 {bank} は originators[{first}] も取りまとめます。"
                yield FieldError(f"{at}.serves", message, rule="twice")


def _originator(item: Mapping[str, Any]) -> Originator:
    retry = item.get("retry")
    names = {name: to_bank_kana(item.get(name, "") or " ") or "" for name in ("name", "bank_name", "branch_name")}
    return Originator(
        **{name: item[name] for name in _REQUIRED if name != "name"},
        **names,
        serves=frozenset(item.get("serves") or ()),
        business_days_before=item.get("business_days_before", _DAYS_BEFORE),
        line_end="" if item.get("line_end") == "none" else "\r\n",
        retry=Retry(retry.get("months_after", 0), retry.get("day", 0)) if retry else None,
        notice_days=item.get("notice_days", _NOTICE_DAYS),
    )
