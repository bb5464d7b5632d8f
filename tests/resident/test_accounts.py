"""口座 by business and use with their periods, and the merger of branches (ATENA-017)."""

from datetime import date
from typing import Any

import httpx
import pytest
import pytest_asyncio

from modules.resident.non_resident import accounts, service
from modules.resident.non_resident.accounts import AccountEnd, AccountInput, MergerInput
from modules.resident.non_resident.facts import find_account
from modules.resident.non_resident.inputs import Link, Registration
from tests.resident.people import NOW, add_town
from tests.resident.test_non_resident import PERSON
from yoriai import registry
from yoriai.errors import Conflict, Invalid, NeedsConfirmation
from yoriai.japanese import to_bank_kana
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import WriteSession

ACCOUNT: dict[str, Any] = {
    "business": "nhi", "account_use": "debit", "bank_code": "9990", "bank_name": "ためし銀行", "branch_code": "101",
    "branch_name": "本店", "account_type": "1", "account_number": "12345", "holder_kana": "タカハシ ケン",
    "valid_from": "2026-04-01", "reason": "口座振替依頼書",
}  # fmt: skip
MERGER = {
    "bank_code": "9990", "branch_code": "101", "to_bank_code": "9990", "to_bank_name": "ためし銀行", "to_branch_code": "205",
    "to_branch_name": "中央支店", "effective_on": "2026-10-13",
}  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def session(write_session: WriteSession) -> WriteSession:
    await add_town(write_session)
    return write_session


async def register(session: WriteSession, **values: Any) -> int:
    return (await service.register(session, Registration.model_validate({**PERSON, **values}), NOW)).addressee_no


async def put(session: WriteSession, number: int, **values: Any) -> None:
    await accounts.set_account(session, number, AccountInput.model_validate(ACCOUNT | values), NOW)


async def found(session: WriteSession, number: int, business: str, use: str, on: date) -> str | None:
    account = await find_account(session, number, business, use, on)
    return account and f"{account.branch_code}-{account.account_number}"


async def test_atena_017_two_accounts_for_different_taxes_are_each_found_for_their_own(session: WriteSession) -> None:
    number, day = await register(session), date(2026, 11, 20)
    await put(session, number)
    await put(session, number, business="child_allowance", account_use="benefit", account_number="7777777")
    await put(session, number, business="all", account_number="1111111")
    assert await found(session, number, "nhi", "debit", day) == "101-0012345"
    assert await found(session, number, "income", "debit", day) == "101-1111111"
    assert await found(session, number, "child_allowance", "benefit", day) == "101-7777777"
    assert await found(session, number, "nhi", "refund", day) is None
    assert await found(session, number, "nhi", "debit", date(2026, 3, 31)) is None


async def test_a_new_account_ends_the_one_before_and_one_inside_another_is_refused(session: WriteSession) -> None:
    number = await register(session)
    await put(session, number)
    await put(session, number, account_number="2", valid_from="2026-12-01")
    assert await found(session, number, "nhi", "debit", date(2026, 11, 30)) == "101-0012345"
    assert await found(session, number, "nhi", "debit", date(2026, 12, 1)) == "101-0000002"
    with pytest.raises(Invalid) as refused:
        await put(session, number, valid_from="2026-11-01", holder_kana="高橋")
    assert {error.rule for error in refused.value.fields} == {"kana", "overlap"}
    rows = (await accounts.get_accounts(session, number, NOW.date())).rows
    ended = AccountEnd.model_validate({"valid_to": "2027-03-31", "reason": "解約"})
    last = next(row["id"] for row in rows if row["account_number"] == "0000002")
    await accounts.end_account(session, number, last, ended, NOW)
    with pytest.raises(Conflict):
        await accounts.end_account(session, number, last, ended, NOW)
    assert await found(session, number, "nhi", "debit", date(2027, 4, 1)) is None


async def test_a_merger_of_branches_moves_all_accounts_from_its_day_and_loses_none(session: WriteSession) -> None:
    people = [await register(session)]
    people.append(await register(session, name="別 人", name_kana="ベツ ジン", birth_date="1980-01-01"))
    for number in people:
        await put(session, number)
    await put(session, people[1], business="income", branch_code="102", account_number="9")
    with pytest.raises(NeedsConfirmation) as asked:
        await accounts.merge_branches(session, MergerInput.model_validate(MERGER), NOW)
    assert "2件" in asked.value.fields[0].message
    body = MergerInput.model_validate(MERGER | {"confirmed": [asked.value.fields[0].rule]})
    assert (await accounts.merge_branches(session, body, NOW)).accounts == 2
    for number in people:
        assert await found(session, number, "nhi", "debit", date(2026, 10, 12)) == "101-0012345"
        assert await found(session, number, "nhi", "debit", date(2026, 10, 13)) == "205-0012345"
    assert await found(session, people[1], "income", "debit", date(2026, 11, 1)) == "102-0000009"
    with pytest.raises(Invalid):
        await accounts.merge_branches(session, MergerInput.model_validate(MERGER | {"branch_code": "999"}), NOW)


async def test_after_a_join_the_account_of_either_number_serves(session: WriteSession) -> None:
    one, other = await register(session), await register(session, confirmed=["duplicate"])
    await put(session, other)
    assert await found(session, one, "nhi", "debit", NOW.date()) is None
    await service.link(session, other, Link(to_no=one, reason="同一人"), NOW)
    assert await found(session, one, "nhi", "debit", NOW.date()) == "101-0012345"


@pytest.mark.parametrize(
    ("written", "record"),
    [
        ("タカハシ　ケン", "ﾀｶﾊｼ ｹﾝ"),
        ("ガッコウ（カ", "ｶﾞﾂｺｳ(ｶ"),
        ("しけんしょうじ", "ｼｹﾝｼﾖｳｼﾞ"),
        ("ABC ｺｰﾎﾟ", "ABC ｺ-ﾎﾟ"),
        ("高橋", None),
    ],
)
def test_the_holders_name_is_written_as_a_bank_record_can_hold_it(written: str, record: str | None) -> None:
    assert to_bank_kana(written) == record


async def test_the_screens_take_an_account_and_a_merger(
    client: httpx.AsyncClient, config: TenantConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TenantConfig, "permissions_of", lambda *_: frozenset(registry.permissions()))
    html, base = {"accept": "text/html"}, f"/{config.code}/non_resident"
    made = await client.post(f"{base}/addressees", json={key: value for key, value in PERSON.items() if value})
    page = f"{base}/addressees/{made.json()['addressee_no']}/accounts"
    wrong = await client.post(page, data=ACCOUNT | {"bank_code": "12"}, headers=html)
    assert wrong.status_code == 422
    assert (await client.post(page, data=ACCOUNT, headers=html)).status_code == 303
    shown = (await client.get(page, headers=html)).text
    assert "ためし銀行" in shown
    asked = await client.post(f"{base}/branch-mergers", data=MERGER, headers=html)
    assert asked.status_code == 428
    assert "1件の口座" in asked.text
    done = await client.post(f"{base}/branch-mergers", data=MERGER | {"confirmed[]": "accounts:1"}, headers=html)
    assert done.status_code == 303, done.text
    assert "中央支店" in (await client.get(page, headers=html)).text
    assert "中央支店" in (await client.get(f"{base}/branch-mergers", headers=html)).text
