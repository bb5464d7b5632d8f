"""Notices of NHI follow 宛名: one number after 名寄せ, 納税管理人, returned mail (ATENA-009, 010, 013, 015, 016)."""

from datetime import date
from typing import Any

import pytest

from tests.nhi.nightly import run_net
from tests.nhi.register import HEAD, PENSIONER, settle
from tests.nhi.test_annual_jobs import correct_income
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef

NOTICES = (
    "SELECT household_no, addressee_no, name, address, principal, role, problem FROM nhi_notice ORDER BY assessment_id"
)


@pytest.fixture
def town(bulk: BulkDatabase, config: TenantConfig, tenant: TenantRef) -> None:
    with bulk.write(config.tenant) as session:
        settle(session, HEAD, PENSIONER)


def notices(bulk: BulkDatabase, config: TenantConfig) -> dict[int, dict[str, Any]]:
    with bulk.read(config.tenant) as session:
        return {row["household_no"]: row for row in session.read(NOTICES).iter_rows(named=True)}


def write(bulk: BulkDatabase, config: TenantConfig, sql: str, *values: Any) -> None:
    with bulk.write(config.tenant) as session:
        session.execute(sql, values)


_LINK = "INSERT INTO addressee_link (from_no, to_no, kind, reason, staff_id) VALUES ($1, $2, 'duplicate', '同一人', 'clerk')"
_UNLINK = """
UPDATE addressee_link SET superseded_at = clock_timestamp(), undone_by = 'clerk', undo_reason = '別人' WHERE from_no = $1
"""
_AGENT = """
INSERT INTO mailing_destination (addressee_no, kind, business, name, postcode, address, reason, valid_from, valid_to, staff_id)
VALUES ($1, 'tax_agent', $2, '代理 人', '7300001', '広島市中区白島1番', '申告書', '2026-04-01', '2027-03-31', 'clerk')
"""
_RETURNED = """
INSERT INTO returned_mail (addressee_no, kind, business, item, "on", staff_id)
VALUES ($1, $2, $3, '納税通知書', '2026-05-20', 'clerk')
"""


@pytest.mark.usefixtures("town")
def test_atena_009_bills_carry_the_representatives_number_and_010_after_undoing_the_own_one(
    bulk: BulkDatabase, config: TenantConfig
) -> None:
    write(bulk, config, _LINK, PENSIONER.no, HEAD.no)
    run_net(bulk, config, "nhi.annual")
    made = notices(bulk, config)
    assert {row["addressee_no"] for row in made.values()} == {HEAD.no}
    write(bulk, config, _UNLINK, PENSIONER.no)
    correct_income(bulk, config, PENSIONER.no, 3_000_000)
    run_net(bulk, config, "nhi.annual", date(2026, 10, 1))
    with bulk.read(config.tenant) as session:
        rows = session.read(
            "SELECT kind, addressee_no FROM nhi_notice WHERE household_no = $1 ORDER BY assessment_id", (300,)
        ).rows()
    assert rows == [("initial", HEAD.no), ("revised", PENSIONER.no)]


@pytest.mark.usefixtures("town")
def test_atena_015_the_notice_of_the_tax_goes_to_its_agent_with_the_principal_named(
    bulk: BulkDatabase, config: TenantConfig
) -> None:
    write(bulk, config, _AGENT, HEAD.no, "nhi")
    write(bulk, config, _AGENT, PENSIONER.no, "income")
    run_net(bulk, config, "nhi.annual")
    made = notices(bulk, config)
    agent = made[HEAD.household]
    assert (agent["name"], agent["address"], agent["role"]) == ("代理 人", "広島市中区白島1番", "納税管理人")
    assert agent["principal"] not in ("", "代理 人")
    own = made[PENSIONER.household]
    assert (own["role"], own["principal"], own["problem"]) == ("", "", None)


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize(("kind", "label"), [("returned", "返戻"), ("public_notice", "公示送達")])
def test_atena_016_the_next_batch_withholds_and_lists_whom_letters_do_not_reach(
    bulk: BulkDatabase, config: TenantConfig, kind: str, label: str
) -> None:
    write(bulk, config, _RETURNED, HEAD.no, kind, "all")
    write(bulk, config, _RETURNED, PENSIONER.no, kind, "income")
    results = run_net(bulk, config, "nhi.annual")
    errors = [error for chunk in results["nhi.notices"] for error in chunk.errors]
    assert [error.subject for error in errors] == [f"household:{HEAD.household}"]
    assert f"{label} 納税通知書" in errors[0].reason
    assert notices(bulk, config)[PENSIONER.household]["problem"] is None


_PROTECTED = """
INSERT INTO protection (protection_no, kind, category, starts_on, ends_on, applicant, hides_address, hides_from_search, stops_issue,
                        stops_movement, scope, reason, staff_id, recorded_at)
VALUES (1, 'support', 'dv', '2026-05-01', '2027-04-30', '本人', true, false, true, false, '{copy}', '申出', 'clerk',
        clock_timestamp())
"""
_SUBJECT = "INSERT INTO protection_subject (protection_no, addressee_no) VALUES (1, $1)"


@pytest.mark.usefixtures("town")
def test_the_notice_of_a_protected_payer_is_withheld_and_tells_no_address(
    bulk: BulkDatabase, config: TenantConfig
) -> None:
    write(bulk, config, _PROTECTED)
    write(bulk, config, _SUBJECT, HEAD.no)
    results = run_net(bulk, config, "nhi.annual")
    errors = [error for chunk in results["nhi.notices"] for error in chunk.errors]
    assert [error.subject for error in errors] == [f"household:{HEAD.household}"]
    assert "支援措置" in errors[0].reason
    made = notices(bulk, config)
    assert "ためし町" not in str(made[HEAD.household])
    assert made[PENSIONER.household]["address"] == "ためし町1番地"
    write(bulk, config, _AGENT, HEAD.no, "nhi")
    correct_income(bulk, config, HEAD.no, 5_000_000)
    run_net(bulk, config, "nhi.annual", date(2026, 10, 1))
    with bulk.read(config.tenant) as session:
        row = session.read("SELECT name, address, problem FROM nhi_notice ORDER BY assessment_id DESC LIMIT 1").row(0)
    assert row == ("代理 人", "広島市中区白島1番", None), "with a 送付先 it goes there"
