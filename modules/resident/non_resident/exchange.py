"""What 宛名 gives to other systems, and the accounts it takes from their files."""

from datetime import datetime

from pydantic import Field

from modules.resident.non_resident.accounts import AccountInput, set_account
from modules.resident.non_resident.codes import ACCOUNT_TYPES, ACCOUNT_USES
from modules.resident.non_resident.veil import concealed_among
from yoriai.exchange.data_sets import DataSet
from yoriai.exchange.receivers import Receiver
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import WriteSession

_HIGHEST = 10**15 - 1
DATA_SETS = (DataSet("non_resident.addressee", key=("addressee_no",)),)


class ReceivedAccount(AccountInput):
    """An account as another system sends it."""

    addressee_no: int = Field(ge=1, le=_HIGHEST, title="宛名番号")


async def _record(session: WriteSession, row: ReceivedAccount, now: datetime, _config: TenantConfig) -> object:
    body = AccountInput.model_validate(row.model_dump(exclude={"addressee_no"}))
    return await set_account(session, row.addressee_no, body, now)


RECEIVERS = (
    Receiver(
        "non_resident.account",
        "口座",
        {
            "宛名番号": "addressee_no",
            "対象の業務": "business",
            "用途": "account_use",
            "金融機関コード": "bank_code",
            "金融機関": "bank_name",
            "店舗コード": "branch_code",
            "店舗": "branch_name",
            "預金種目": "account_type",
            "口座番号": "account_number",
            "口座名義": "holder_kana",
            "開始日": "valid_from",
            "終了日": "valid_to",
            "届出": "reason",
        },
        ReceivedAccount,
        _record,
        permission="non_resident.account",
        person="宛名番号",
        concealed=concealed_among,
        hints={
            "対象の業務": "業務の名前（すべての業務は all）",
            "用途": "、".join(f"{code}={word}" for code, word in ACCOUNT_USES.items()),
            "預金種目": "、".join(f"{code}={word}" for code, word in ACCOUNT_TYPES.items()),
            "金融機関コード": "4桁の数字",
            "店舗コード": "3桁の数字",
            "口座番号": "7桁までの数字",
            "口座名義": "通帳のとおりのカナ",
            "開始日": "2026-04-01 または R080401",
        },
        required=("宛名番号", "用途", "金融機関コード", "店舗コード", "口座番号", "口座名義", "開始日"),
    ),
)
