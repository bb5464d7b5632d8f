"""総合振込 of child allowance: accounts of use 給付 by the night, those without one listed, a further file later (ATENA-017)."""

from datetime import date, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import IntegrityError

from batch.runner import run_alone
from modules.resident.basic_register.movements.inputs import MovementResult
from modules.resident.non_resident.accounts import AccountInput, set_account
from modules.welfare.child_allowance.jobs import NETS
from modules.welfare.child_allowance.models import ChildAllowanceTransfer
from tests.conftest import PASSWORD, log_in
from tests.welfare.families import NOW, act, claim, claim_body, context
from yoriai.audit import SYSTEM
from yoriai.banking.layout import TRANSFER, TRANSFER_TRAILER
from yoriai.clock import JAPAN
from yoriai.commands.staff import save_account
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Database

HTML = {"accept": "text/html"}
JOBS = {job.name: job for net in NETS for job in net.jobs}
ACCOUNT: dict[str, Any] = {
    "business": "child_allowance", "account_use": "benefit", "bank_code": "9971", "bank_name": "みほん銀行", "branch_code": "101",
    "branch_name": "本店", "account_type": "1", "account_number": "12345", "holder_kana": "ワタナベ ハナコ",
    "valid_from": "2026-04-01", "reason": "請求書",
}  # fmt: skip
_LINK = "INSERT INTO addressee_link (from_no, to_no, kind, reason, staff_id) VALUES ($1, $2, 'duplicate', '同一人', 'clerk')"


_FEBRUARY = """
SELECT sum(m.amount)::bigint FROM child_allowance_payment_month m JOIN child_allowance_payment p ON p.payment_no = m.payment_no
 WHERE m.month < '2027-02-01'
"""
_STATUS = "UPDATE child_allowance_case SET status = $1"


async def _pay(database: Database, bulk: BulkDatabase, config: TenantConfig, settled: MovementResult) -> None:
    async with database.write(config.tenant, SYSTEM) as session:
        case = await claim(session, config, claim_body(settled))
        await act(session, config, case, "approve", "2026-11-18")
    for job, day in (("decide", "2026-12-01"), ("decide", "2027-02-01"), ("payments", "2027-02-01")):
        run_alone(bulk, JOBS[f"child_allowance.{job}"], context(config, day, f"{job}-{day}"))


async def _register(database: Database, config: TenantConfig, number: int, **values: Any) -> None:
    async with database.write(config.tenant, SYSTEM) as session:
        await set_account(session, number, AccountInput.model_validate(ACCOUNT | values), NOW)


async def test_the_night_pays_into_the_benefit_account_once_with_its_control_totals(
    database: Database,
    bulk: BulkDatabase,
    config: TenantConfig,
    clerk: httpx.AsyncClient,
    settled: MovementResult,
) -> None:
    mother = settled.addressee_nos[1]
    await _register(database, config, mother)
    await _register(database, config, mother, account_use="debit", account_number="9")
    await _pay(database, bulk, config, settled)
    made = run_alone(bulk, JOBS["child_allowance.transfers"], context(config, "2027-02-01", "transfers"))
    assert (made.rows_out, made.rows_error, made.control_total) == (1, 0, 20_000)
    again = run_alone(bulk, JOBS["child_allowance.transfers"], context(config, "2027-02-01", "again"))
    assert (again.rows_out, again.control_total) == (0, 0)
    base = f"/{config.code}/child_allowance/transfers"
    shown = (await clerk.get(f"{base}?month=2027-02", headers={"accept": "application/json"})).json()
    assert (shown["without_account"], shown["ready"]) == ([], [])
    (file,) = shown["files"]
    lines = (await clerk.get(f"{base}/{file['file_no']}/content")).content.decode("cp932").split("\r\n")
    record, trailer = TRANSFER.read(lines[1]), TRANSFER_TRAILER.read(lines[2])
    assert (record["account_number"], record["holder_kana"], int(record["amount"])) == ("0012345", "ﾜﾀﾅﾍﾞ ﾊﾅｺ", 20_000)
    assert (int(trailer["count"]), int(trailer["total"])) == (1, 20_000)
    assert lines[0][54:58] == "0210", "the day of payment"
    assert record["novelty"] == "1", "the first transfer to the payee"


async def test_who_has_no_account_is_listed_and_paid_by_a_further_file_once_it_is_there(
    database: Database,
    bulk: BulkDatabase,
    config: TenantConfig,
    clerk: httpx.AsyncClient,
    settled: MovementResult,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    father, mother, _ = settled.addressee_nos
    await _pay(database, bulk, config, settled)
    night = run_alone(bulk, JOBS["child_allowance.transfers"], context(config, "2027-02-01", "transfers"))
    assert (night.rows_out, night.rows_error) == (0, 1)
    base = f"/{config.code}/child_allowance/transfers"
    page = (await clerk.get(f"{base}?month=", headers=HTML)).text
    assert "口座を登録する" in page
    assert "追加の振込データを作る" not in page
    body = {"month": "2027-02-01", "pay_on": "2027-02-25"}
    assert (await clerk.post(base, json=body)).status_code == 409, "nobody to pay"
    # ATENA-009: the recipient's number is joined with another, whose account serves.
    with bulk.write(config.tenant) as session:
        session.execute(_LINK, (mother, father))
    await _register(database, config, father, business="all")
    with bulk.write(config.tenant) as session:
        session.execute(_STATUS, ("held",))
    assert (await clerk.post(base, json=body)).status_code == 409, (
        "held since the list was made: not paid until that ends"
    )
    with bulk.write(config.tenant) as session:
        session.execute(_STATUS, ("paying",))
    assert "追加の振込データを作る" in (await clerk.get(base, headers=HTML)).text
    past = await clerk.post(base, data=body | {"pay_on": "2026-01-01"}, headers=HTML)
    assert past.status_code == 422
    made = await clerk.post(base, data=body, headers=HTML)
    assert made.headers["location"].endswith("/transfers?month=2027-02")
    with bulk.read(config.tenant) as session:
        rows = session.read("SELECT payee_no, amount FROM child_allowance_transfer").rows()
        pay_on = session.read("SELECT pay_on FROM child_allowance_transfer_file").item()
    assert (rows, pay_on) == ([(father, 20_000)], date(2027, 2, 25))


async def _send_twice(database: Database, config: TenantConfig) -> None:
    """The payment in a third file, while the second has not come back."""
    async with database.write(config.tenant, SYSTEM) as session:
        session.add(ChildAllowanceTransfer(payment_no=1, file_no=3, payee_no=1, amount=20_000))
        await session.flush()


async def test_what_the_bank_returned_is_unpaid_until_a_later_file_pays_it_into_a_corrected_account(
    database: Database,
    bulk: BulkDatabase,
    config: TenantConfig,
    clerk: httpx.AsyncClient,
    settled: MovementResult,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("yoriai.web.context.now", lambda: datetime(2027, 2, 16, 9, tzinfo=JAPAN))
    mother = settled.addressee_nos[1]
    await _register(database, config, mother)
    await _pay(database, bulk, config, settled)
    run_alone(bulk, JOBS["child_allowance.transfers"], context(config, "2027-02-01", "transfers"))
    base, data = f"/{config.code}/child_allowance", {"accept": "application/json"}
    (file,) = (await clerk.get(f"{base}/transfers?month=2027-02", headers=data)).json()["files"]
    one = f"{base}/transfers/{file['file_no']}"
    for asked, found in (("", 1), ("花子", 1), ("わたなべ", 1), ("20,000", 1), ("太郎", 0), ("%", 0)):
        rows = (await clerk.get(one, params={"q": asked}, headers=data)).json()["rows"]
        assert len(rows) == found, asked
    payment = f"{one}/payments/1"
    page = (await clerk.get(payment, headers=HTML)).text
    assert "9971-101 普通 0012345" in page, "what the bank's notice is compared with"

    returned = {"on": "2027-02-12", "return_reason": "closed"}
    for wrong in ({"on": "2027-02-09"}, {"on": "2027-02-17"}, {"return_reason": "x"}):
        assert (await clerk.post(payment, data=returned | wrong, headers=HTML)).status_code == 422, wrong
    done = await clerk.post(payment, data=returned, headers=HTML)
    assert done.headers["location"].endswith("/transfers?month=2027-02")
    assert (await clerk.post(payment, json=returned)).status_code == 409, "once"
    plan = {"month": "2027-02-01", "pay_on": "2027-02-25"}
    assert (await clerk.post(f"{base}/transfers", json=plan)).status_code == 409, "not into the same account again"
    shown = (await clerk.get(f"{base}/transfers?month=2027-02", headers=data)).json()
    assert [(row["return_reason"], row["amount"]) for row in shown["returned"]] == [("解約済み", 20_000)]
    assert (shown["without_account"], shown["ready"]) == ([], [])
    listed = (await clerk.get(f"{base}/payments?month=2027-02", headers=data)).json()
    assert (listed["paid"], listed["unpaid"][0]["status"]["label"]) == ([], "振込不能 (未払)")
    assert (listed["total"], listed["returned_total"]) == (20_000, 20_000)
    assert "振込不能で未払い" in (await clerk.get(f"/{config.code}/resident/persons/{mother}", headers=HTML)).text
    run_alone(bulk, JOBS["child_allowance.payments"], context(config, "2027-04-01", "payments-april"))
    with bulk.read(config.tenant) as session:
        assert session.read(_FEBRUARY).rows() == [(20_000,)], "the next list does not pay it a second time"

    back = f"{payment}/back"
    assert (await clerk.post(back, data={"reason": ""}, headers=HTML)).status_code == 422
    assert (await clerk.post(back, json={"reason": "別の人の通知"})).status_code == 200
    assert (await clerk.post(back, json={"reason": "別の人の通知"})).status_code == 409
    assert (await clerk.post(payment, json=returned)).status_code == 200

    await _register(database, config, mother, account_number="777", valid_from="2027-02-15")
    assert "振込不能だったもの" in (await clerk.get(f"{base}/transfers?month=2027-02", headers=HTML)).text
    assert (await clerk.post(f"{base}/transfers", json=plan)).json()["total"] == 20_000
    assert (await clerk.post(f"{base}/transfers", json=plan)).status_code == 409, "once"
    with pytest.raises(IntegrityError, match="uq_child_allowance_transfer_open"):
        await _send_twice(database, config)
    sent = (await clerk.get(payment, headers=data)).json()["transfers"]
    assert [(row["pay_on"], row["returned_on"]) for row in sent] == [("2027-02-10", "2027-02-12"), ("2027-02-25", None)]
    assert (await clerk.post(back, json={"reason": "誤り"})).status_code == 409, "it was sent again since"
    second = f"{base}/transfers/{sent[1]['file_no']}"
    lines = (await clerk.get(f"{second}/content")).content.decode("cp932").split("\r\n")
    record = TRANSFER.read(lines[1])
    assert (record["account_number"], record["novelty"]) == ("0000777", "2"), "the bank is told of another account"
    listed = (await clerk.get(f"{base}/payments?month=2027-02", headers=data)).json()
    assert (len(listed["paid"]), listed["returned_count"]) == (1, 0)
    again = returned | {"on": "2027-02-26"}
    monkeypatch.setattr("yoriai.web.context.now", lambda: datetime(2027, 3, 1, 9, tzinfo=JAPAN))
    number = payment.rpartition("/")[2]
    assert (await clerk.post(f"{second}/payments/{number}", json=again)).status_code == 200, "returned once more"
    other = (await clerk.get(f"{base}/transfers?month=2027-04", headers=data)).json()["returned_elsewhere"]
    assert other == [["2027-02-01", 1]], "told in every month"


async def test_atena_016_the_letters_of_payments_follow_the_addressee_and_returned_mail_holds_them_back(
    database: Database,
    bulk: BulkDatabase,
    config: TenantConfig,
    clerk: httpx.AsyncClient,
    settled: MovementResult,
) -> None:
    mother = settled.addressee_nos[1]
    await _pay(database, bulk, config, settled)
    base = f"/{config.code}/child_allowance"
    path, as_data = f"{base}/payments/letters?month=2027-02", {"accept": "application/json"}
    (letter,) = (await clerk.get(path, headers=as_data)).json()
    assert (letter["name"], letter["principal"]) == ("渡邉　花子", "")
    case = (await clerk.get(f"{base}/cases/1", headers=as_data)).json()
    approval = next(row for row in case["history"] if row["has_letter"])
    decided = await clerk.get(f"{base}/cases/1/notices/{approval['id']}")
    assert decided.content.startswith(b"%PDF")
    with bulk.write(config.tenant) as session:
        session.execute(_GUARDIAN, (mother,))
    (letter,) = (await clerk.get(path, headers=as_data)).json()
    assert (letter["name"], letter["address"]) == ("代理 人", "広島市中区白島1番")
    assert letter["principal"].startswith("渡邉　花子 様の")
    with bulk.write(config.tenant) as session:
        session.execute(_RETURNED, (mother,))
    assert (await clerk.get(path, headers=as_data)).status_code == 404, "nobody is left"
    listed = (await clerk.get(f"{base}/payments?month=2027-02", headers=as_data)).json()["unsent"]
    assert ["返戻 支払通知" in row["problem"] for row in listed] == [True]
    page = (await clerk.get(f"{base}/cases/1", headers=HTML)).text
    assert "返戻: 支払通知" in page, "and warns before the next one"


async def test_com_032_who_may_only_look_is_offered_no_letter_to_print(
    database: Database,
    bulk: BulkDatabase,
    config: TenantConfig,
    clerk: httpx.AsyncClient,
    settled: MovementResult,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await _pay(database, bulk, config, settled)
    base = f"/{config.code}/child_allowance"
    pages = (f"{base}/payments?month=2027-02", f"{base}/cases/1")
    offered = ("/payments/letters", "/cases/1/notices/")
    for page, link in zip(pages, offered, strict=True):
        assert link in (await clerk.get(page, headers=HTML)).text
    monkeypatch.setattr(TenantConfig, "permissions_of", lambda *_: frozenset({"child_allowance.view"}))
    await save_account(database, config, "watcher", "照会 太郎", "こども課", PASSWORD, ["welfare_clerk"])
    await log_in(clerk, config.code, "watcher")
    for page, link in zip(pages, offered, strict=True):
        shown = await clerk.get(page, headers=HTML)
        assert (shown.status_code, link in shown.text) == (200, False)
    assert (await clerk.get(f"{base}/payments/letters?month=2027-02")).status_code == 403


_GUARDIAN = """
INSERT INTO mailing_destination (addressee_no, kind, business, name, postcode, address, reason, valid_from, valid_to, staff_id)
VALUES ($1, 'guardian', 'child_allowance', '代理 人', '7300001', '広島市中区白島1番', '届出', '2026-04-01', '2099-03-31', 'clerk')
"""
_RETURNED = """
INSERT INTO returned_mail (addressee_no, kind, business, item, "on", staff_id)
VALUES ($1, 'returned', 'child_allowance', '支払通知', '2026-12-20', 'clerk')
"""
