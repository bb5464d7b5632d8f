"""口座: one for each business and use at a time, with its period; a merger of branches changes all of them in one act."""

from datetime import date, datetime, timedelta
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import insert, select

from modules.resident.non_resident.account_models import BankAccount, BranchMerger
from modules.resident.non_resident.businesses import business_choices, business_label
from modules.resident.non_resident.codes import ACCOUNT_TYPES, ACCOUNT_USES
from modules.resident.non_resident.facts import find_addressee, list_same
from modules.resident.non_resident.inputs import Business, Reason
from modules.resident.non_resident.veil import is_concealed
from yoriai.audit import AuditEvent
from yoriai.dates import OPEN_END
from yoriai.errors import Conflict, FieldError, Invalid, NotFound
from yoriai.findings import Findings
from yoriai.japanese import to_bank_kana
from yoriai.numbering import allocate
from yoriai.tenancy.session import Reader, WriteSession
from yoriai.web.fields import Day

_HOLDER_LENGTH = 30
_ACCOUNTS = """
SELECT id, addressee_no, business, account_use, bank_code, bank_name, branch_code, branch_name, account_type, account_number,
       holder_kana, valid_from, valid_to, reason, merger_no
  FROM bank_account WHERE addressee_no = ANY($1::bigint[]) AND superseded_at IS NULL
 ORDER BY valid_to < $2, business, account_use, valid_from DESC
"""
_MERGERS = """
SELECT merger_no, bank_code, branch_code, to_bank_code, to_bank_name, to_branch_code, to_branch_name, effective_on, accounts
  FROM branch_merger ORDER BY merger_no DESC LIMIT 100
"""
_AT_BRANCH = """
SELECT count(*) FROM bank_account
 WHERE bank_code = $1 AND branch_code = $2 AND superseded_at IS NULL AND valid_to >= $3
"""


class AccountInput(BaseModel):
    """An account from a day on; the one for the same business and use before it ends the day before."""

    business: Business = Field(default="all", title="対象の業務")
    account_use: str = Field(pattern="^(debit|refund|benefit)$", title="用途")
    bank_code: str = Field(pattern="^[0-9]{4}$", title="金融機関コード")
    bank_name: str = Field(min_length=1, max_length=40, title="金融機関")
    branch_code: str = Field(pattern="^[0-9]{3}$", title="店舗コード")
    branch_name: str = Field(min_length=1, max_length=40, title="店舗")
    account_type: str = Field(default="1", pattern="^[124]$", title="預金種目")
    account_number: str = Field(pattern="^[0-9]{1,7}$", title="口座番号")
    holder_kana: str = Field(min_length=1, max_length=60, title="口座名義 (カナ)")
    valid_from: Day = Field(title="いつから")
    valid_to: Day | None = Field(default=None, title="いつまで")
    reason: Reason = Field(title="理由・届出")


class AccountEnd(BaseModel):
    """The last day of an account."""

    valid_to: Day = Field(title="最後の日")
    reason: Reason = Field(title="理由")


class MergerInput(BaseModel):
    """店舗統廃合: the branch that ends and the one that takes its accounts over."""

    bank_code: str = Field(pattern="^[0-9]{4}$", title="金融機関コード (旧)")
    branch_code: str = Field(pattern="^[0-9]{3}$", title="店舗コード (旧)")
    to_bank_code: str = Field(pattern="^[0-9]{4}$", title="金融機関コード (新)")
    to_bank_name: str = Field(min_length=1, max_length=40, title="金融機関 (新)")
    to_branch_code: str = Field(pattern="^[0-9]{3}$", title="店舗コード (新)")
    to_branch_name: str = Field(min_length=1, max_length=40, title="店舗 (新)")
    effective_on: Day = Field(title="統合の日")
    confirmed: list[str] = []


class AccountResult(BaseModel):
    """The addressee whose account was written."""

    addressee_no: int


class MergerResult(BaseModel):
    """A merger and how many accounts it changed."""

    merger_no: int
    accounts: int


class AccountsView(BaseModel):
    """An addressee's accounts, of all numbers of the same person."""

    addressee_no: int
    name: str
    rows: list[dict[str, Any]]
    businesses: list[tuple[str, str]]
    uses: list[tuple[str, str]]
    types: list[tuple[str, str]]
    initial: dict[str, Any]


class MergersView(BaseModel):
    """The mergers there were."""

    rows: list[dict[str, Any]]
    initial: dict[str, Any]


async def get_accounts(session: Reader, addressee_no: int, today: date) -> AccountsView:
    """The accounts known now, those in force first; audited. Raises NotFound."""
    person = await find_addressee(session, addressee_no)
    if person is None or await is_concealed(session, addressee_no):
        raise NotFound("この宛名番号はありません。")
    rows = await session.fetch(_ACCOUNTS, await list_same(session, addressee_no), today)
    session.audit(AuditEvent("account.view", f"addressee:{addressee_no}"))
    return AccountsView(
        addressee_no=addressee_no,
        name=person.name,
        rows=[
            dict(row)
            | {
                "business": business_label(row["business"]),
                "use": ACCOUNT_USES[row["account_use"]],
                "type": ACCOUNT_TYPES[row["account_type"]],
                "is_current": row["valid_from"] <= today <= row["valid_to"],
            }
            for row in rows
        ],
        businesses=business_choices(),
        uses=list(ACCOUNT_USES.items()),
        types=list(ACCOUNT_TYPES.items()),
        initial={"business": "all", "account_use": "debit", "account_type": "1", "valid_from": today.isoformat()},
    )


async def set_account(session: WriteSession, addressee_no: int, body: AccountInput, now: datetime) -> AccountResult:
    """Register an account. Raises NotFound or Invalid: a period that lies within that of another, a name no bank could have."""
    if await find_addressee(session, addressee_no) is None or await is_concealed(session, addressee_no):
        raise NotFound("この宛名番号はありません。")
    findings = Findings()
    until = body.valid_to or OPEN_END
    if until < body.valid_from:
        findings.refuse("valid_to", "終わりの日が始まりの日より前です。", rule="order")
    if body.business not in dict(business_choices()):
        findings.refuse("business", "この業務はありません。", rule="unknown")
    holder = to_bank_kana(body.holder_kana)
    if not holder or len(holder) > _HOLDER_LENGTH:
        findings.refuse("holder_kana", "口座名義は、通帳のとおりカナ・英大文字・数字で30字までです。", rule="kana")
    # One after the other for the person: two clerks must not register two accounts for one use.
    await session.fetchval(
        "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || 'account', $1))", addressee_no
    )
    query = select(BankAccount).where(
        BankAccount.addressee_no == addressee_no,
        BankAccount.business == body.business,
        BankAccount.account_use == body.account_use,
        BankAccount.superseded_at.is_(None),
        BankAccount.valid_to >= body.valid_from,
        BankAccount.valid_from <= until,
    )
    overlapping = (await session.scalars(query)).all()
    if any(account.valid_from >= body.valid_from for account in overlapping):
        findings.refuse("valid_from", "同じ業務・用途の口座が、この期間にもう登録されています。", rule="overlap")
    findings.settle()
    for account in overlapping:
        await _replace(session, account, now, valid_to=body.valid_from - timedelta(days=1))
    values = body.model_dump() | {
        "account_number": body.account_number.zfill(7),
        "holder_kana": holder,
        "valid_to": until,
    }
    session.add(BankAccount(addressee_no=addressee_no, recorded_at=now, staff_id=session.principal.login, **values))
    detail = {"business": body.business, "use": body.account_use}
    session.audit(AuditEvent("account.register", f"addressee:{addressee_no}", body.reason, detail))
    await session.flush()
    return AccountResult(addressee_no=addressee_no)


async def end_account(
    session: WriteSession, addressee_no: int, account_id: int, body: AccountEnd, now: datetime
) -> AccountResult:
    """解約・取消し: the account's last day. Raises NotFound, Conflict or Invalid."""
    account = await session.get(BankAccount, account_id, with_for_update=True)
    if account is None or account.addressee_no != addressee_no:
        raise NotFound("この口座はありません。")
    if account.superseded_at is not None:
        raise Conflict("この口座は、ほかの操作で変わりました。最新の内容を確かめてください。")
    if not account.valid_from <= body.valid_to <= account.valid_to:
        raise Invalid(fields=[FieldError("valid_to", "口座の期間の中の日を入力してください。", rule="order")])
    await _replace(session, account, now, valid_to=body.valid_to, reason=body.reason)
    session.audit(AuditEvent("account.end", f"addressee:{addressee_no}", body.reason))
    return AccountResult(addressee_no=addressee_no)


async def list_mergers(session: Reader, today: date) -> MergersView:
    """The last hundred mergers."""
    rows = [dict(row) for row in await session.fetch(_MERGERS)]
    return MergersView(rows=rows, initial={"effective_on": today.isoformat()})


async def merge_branches(session: WriteSession, body: MergerInput, now: datetime) -> MergerResult:
    """Give all accounts of a branch that hold on the day or later to another branch, from the day on, all or none.

    Raises NeedsConfirmation with the number of accounts; another number than the one confirmed asks again.
    """
    findings = Findings()
    if (body.bank_code, body.branch_code) == (body.to_bank_code, body.to_branch_code):
        findings.refuse("to_branch_code", "統合の前と後の店舗が同じです。", rule="same")
    count: int = await session.fetchval(_AT_BRANCH, body.bank_code, body.branch_code, body.effective_on)
    if count == 0:
        findings.refuse("branch_code", "この店舗の口座は登録されていません。", rule="unknown")
    else:
        findings.warn(f"accounts:{count}", "branch_code", f"{count:,}件の口座を変更します。")
    findings.settle(body.confirmed)
    merger_no = await allocate(session, "branch_merger")
    values = body.model_dump(exclude={"confirmed"})
    session.add(
        BranchMerger(merger_no=merger_no, accounts=count, recorded_at=now, staff_id=session.principal.login, **values)
    )
    await session.flush()
    query = (
        select(BankAccount)
        .where(
            BankAccount.bank_code == body.bank_code,
            BankAccount.branch_code == body.branch_code,
            BankAccount.superseded_at.is_(None),
            BankAccount.valid_to >= body.effective_on,
        )
        .with_for_update()
    )
    new: list[dict[str, Any]] = []
    for account in (await session.scalars(query)).all():
        kept = _values(account) | {"recorded_at": now}
        if account.valid_from < body.effective_on:
            new.append(kept | {"valid_to": body.effective_on - timedelta(days=1)})
        moved = {
            "bank_code": body.to_bank_code,
            "bank_name": body.to_bank_name,
            "branch_code": body.to_branch_code,
            "branch_name": body.to_branch_name,
            "valid_from": max(account.valid_from, body.effective_on),
            "merger_no": merger_no,
            "staff_id": session.principal.login,
        }
        new.append(kept | moved)
        account.superseded_at = now
    await session.flush()
    await session.execute(insert(BankAccount), new)
    detail = {"merger": merger_no, "accounts": count}
    session.audit(AuditEvent("account.merge_branches", f"bank:{body.bank_code}-{body.branch_code}", detail=detail))
    return MergerResult(merger_no=merger_no, accounts=count)


async def _replace(session: WriteSession, account: BankAccount, now: datetime, **changed: Any) -> None:
    """The account as it is from now on known; what was known before stays."""
    values = _values(account) | {"recorded_at": now, "staff_id": session.principal.login} | changed
    account.superseded_at = now
    await session.flush()
    session.add(BankAccount(**values))
    await session.flush()


def _values(account: BankAccount) -> dict[str, Any]:
    names = (column.name for column in BankAccount.__table__.columns)
    return {name: getattr(account, name) for name in names if name not in ("id", "superseded_at")}
