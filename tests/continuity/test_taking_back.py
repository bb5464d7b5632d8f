"""COM-080: one municipality is taken back, and what must not go back with it stays: closed accounts, protections, files of banks.

A copy is made, a moment noted; then what happens in an office in a day. The municipality is taken back to the moment by
the commands an operator types.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import adbc_driver_manager
import httpx
import psycopg
import pytest

from batch.runner import run_alone
from modules.resident.basic_register.protections import service as protections
from modules.resident.basic_register.protections.inputs import ProtectionEntry, Release, Renewal
from modules.resident.non_resident.accounts import AccountInput, set_account
from modules.resident.seal_registration import figures as seals
from modules.resident.seal_registration.cards import change_card
from modules.resident.seal_registration.inputs import CardAct
from tests.conftest import OTHER, OWN, PASSWORD, give_app
from tests.continuity.conftest import Main
from tests.continuity.test_copies import on
from tests.continuity.test_restore_commands import environment, refused, run
from tests.nhi import register
from tests.nhi.nightly import run_net
from tests.resident.people import MOTHER, record_move_in
from tests.resident.seal.seals import register as register_seal
from tests.resident.seal.seals import stamp
from tests.welfare.families import act, bear, claim, claim_body, context, settle
from tests.welfare.test_transfers import ACCOUNT, JOBS
from yoriai.audit import Principal
from yoriai.clock import now
from yoriai.commands.audit import verify_schema
from yoriai.commands.staff import save_account, save_operator
from yoriai.continuity import municipality
from yoriai.continuity.archive import fetch_until
from yoriai.continuity.municipality import take_back
from yoriai.continuity.restoring import Target
from yoriai.exchange.accounts import set_scopes
from yoriai.exchange.area import area_of
from yoriai.exchange.data_sets import get_data_set
from yoriai.exchange.sending import send
from yoriai.security.totp import code_at
from yoriai.settings import ROOT
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.files import read_deployment
from yoriai.tenancy.kept import list_kept
from yoriai.tenancy.ref import CENTER, TenantRef
from yoriai.tenancy.session import Database, WriteSession
from yoriai.web.app import create_app

__all__ = ["environment"]
pytestmark = pytest.mark.xdist_group("taking_back")
TENANT = TenantRef(OWN)
OFFICER = Principal("officer")
PEOPLE = get_data_set("resident.person")
NEW_PASSWORD = "another-password-for-tests"
PAYERS = (replace(register.HEAD, no=1001), replace(register.PENSIONER, no=1006))
_DEBIT_ACCOUNT = """
INSERT INTO bank_account (addressee_no, business, account_use, bank_code, bank_name, branch_code, branch_name, account_type,
                          account_number, holder_kana, valid_from, valid_to, reason, staff_id)
VALUES ($1, 'nhi', 'debit', '9971', 'みほん銀行', '101', '本店', '1', '0000001', 'ﾔﾏﾀﾞ', '2026-04-01', '9999-12-31', '依頼', 'x')
"""
_CORRECTED = """
UPDATE nhi_instalment i SET amount = i.amount + 100 FROM nhi_assessment a
 WHERE a.id = i.assessment_id AND a.superseded_at IS NULL AND a.household_no = 100 AND i.no = 1
"""
_ELECTION = """
INSERT INTO election (election_no, name, kind, notice_on, base_on, registered_on, vote_on, early_from, early_until, status,
                      staff_id)
VALUES (%s, '市長選挙', 'municipal', '2026-11-15', '2026-11-14', '2026-11-14', '2026-11-22', '2026-11-16', '2026-11-21', 'fixed',
        'x')
"""
_VOTER = """
WITH entry AS (
  INSERT INTO electoral_entry (entry_no, addressee_no, household_no, name, name_kana, name_fold, kana_fold, birth_date, sex,
                               address, district_code, serial_no, status, registered_on, registered_by, run_key)
  VALUES (1, 1, 1, '選挙 人', 'センキョ ニン', '選挙人', 'センキヨニン', '1985-04-01', '1', '町', '01', 1, 'registered',
          '2026-09-01', 'regular', 'x')
  ON CONFLICT DO NOTHING
)
INSERT INTO electoral_voter (election_no, entry_no, card_no, addressee_no, household_no, district_code, serial_no, name, name_kana,
                             name_fold, kana_fold, birth_date, sex, address, is_former_address, is_added)
VALUES (%s, 1, 1, %s, 1, '01', 1, '選挙 人', 'センキョ ニン', '選挙人', 'センキヨニン', '1985-04-01', '1', '町', false, false)
"""
_BALLOT = """
INSERT INTO electoral_ballot (election_no, entry_no, kind, place_code, reason, received_at, staff_id)
VALUES (%s, 1, 'early', 'A1', 'work', now(), 'x')
"""
_PROTECTION: dict[str, Any] = {
    "kind": "support",
    "category": "dv",
    "starts_on": "2026-11-20",
    "ends_on": "2027-11-19",
    "applicant": "渡邉 花子",
}


@dataclass
class Office:
    """The municipality with the numbers of its people, and the moment it is to be taken back to."""

    main: Main
    bulk: BulkDatabase
    tokens: dict[str, str] = field(default_factory=dict)
    secret: str = ""
    moment: datetime | None = None
    family: Sequence[int] = ()
    newcomer: int = 0
    numbers: Mapping[str, int] | None = None

    @property
    def config(self) -> TenantConfig:
        return self.main.configs[OWN]

    def rows(self, sql: str, schema: str = TENANT.schema) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.main.settings.admin_dsn) as connection:
            connection.execute(f"SET search_path TO {schema}")
            return connection.execute(sql.encode()).fetchall()

    def night(self) -> tuple[int, int]:
        """How many debits and transfers the nights make."""
        debits = run_net(self.bulk, self.config, "nhi.daily", date(2026, 7, 24))["nhi.debits"]
        for job in ("decide", "payments", "transfers"):
            done = run_alone(
                self.bulk, JOBS[f"child_allowance.{job}"], context(self.config, "2027-02-01", f"{job}-{now():%H%M%S%f}")
            )
        return sum(each.rows_out for each in debits), done.rows_out


@pytest.fixture(scope="module")
def office(main: Main, environment: dict[str, str]) -> Iterator[Office]:
    """The office, as it was at the moment and as it is some hours later."""
    with closing(BulkDatabase(main.settings.app, keep=True)) as bulk, pytest.MonkeyPatch.context() as patch:
        patch.setenv("YORIAI_EXCHANGE", (main.settings.var / "area").as_uri())
        office = Office(main, bulk)
        asyncio.run(on(main.settings, lambda database: _before(office, database)))
        office.moment = now()
        asyncio.run(on(main.settings, lambda database: _after(office, database)))
        office.numbers = dict(office.rows("SELECT kind, next FROM number_counter"))
        with psycopg.connect(main.settings.backup_dsn, autocommit=True) as connection:
            lsn = connection.execute("SELECT pg_create_restore_point('fetched')::text").fetchone()
        assert lsn
        fetch_until(main.settings.backup_dsn, main.rules.near.log, lsn[0])
        yield office


async def _before(office: Office, database: Database) -> None:
    config = office.config
    for login, *roles in (
        ("worker", "one_stop_clerk", "tax_clerk"),
        ("leaver", "tax_clerk"),
        ("library", "other_system"),
    ):
        await save_account(database, config, login, "窓口 花子", "総合窓口課", PASSWORD, roles)
    center = read_deployment(ROOT / "tenants").center
    await save_operator(database, center, "watcher", "監視 三郎", "運用室", PASSWORD, ["watcher"])
    async with database.write(TENANT, OFFICER) as session:
        family = await settle(session)
        office.family = family.addressee_nos
        case = await claim(session, config, claim_body(family))
        await act(session, config, case, "approve", "2026-11-18")
        await set_account(session, office.family[1], AccountInput.model_validate(ACCOUNT), now())
        await protect(session, office.family[1])
        await protect(session, office.family[0], kind="attention", category=None, note="窓口で注意")
        await _seal(office, session, "before")
        await set_scopes(session, "library", ["resident.person"], "カードの住所", now())
        await send(session, area_of(office.main.settings, TENANT), PEOPLE, "full", now(), "提供")
    with psycopg.connect(office.main.settings.admin_dsn) as connection:
        connection.execute(f"SET search_path TO {TENANT.schema}")
        connection.execute(_ELECTION, (1,))
        connection.execute(_VOTER, (1, office.family[0]))
        connection.execute(_BALLOT, (1,))
    with office.bulk.write(TENANT) as bulk:
        register.settle(bulk, *PAYERS)
        for payer in PAYERS:
            bulk.execute(_DEBIT_ACCOUNT, (payer.no,))
    run_net(office.bulk, config, "nhi.annual")
    office.tokens["before"] = (await log_in(office, "worker", PASSWORD))["token"]


async def _after(office: Office, database: Database) -> None:
    config, settings = office.config, office.main.settings
    await save_account(
        database, config, "worker", "窓口 花子", "総合窓口課", NEW_PASSWORD, ["one_stop_clerk", "resident_clerk"]
    )
    await save_account(database, config, "newcomer", "新任 太郎", "総合窓口課", PASSWORD, ["one_stop_clerk"])
    office.secret = await give_app(database, settings, TENANT, "worker")
    async with database.write(TENANT, OFFICER) as session:
        await session.fetch("UPDATE staff SET is_active = false WHERE login = 'leaver' RETURNING login")
        moved = await record_move_in(
            session, {**MOTHER, "name": "山本 月子", "name_kana": "ヤマモト ツキコ", "relationship": "02"}
        )
        (office.newcomer,) = moved.addressee_nos
        await protect(session, office.family[2])
        await protect(session, office.newcomer)
        await protections.release(session, 1, Release(reason="本人の申出"), now())
        longer = Renewal(ends_on=date(2028, 11, 19), reason="延長", confirmed=["early_renewal"])
        await protections.renew(session, 2, longer, now())
        await _seal(office, session, "after")
        await set_scopes(session, "library", ["non_resident.addressee"], "宛名", now())
        # Who came after the moment has a child, claims, and is paid in the same file as the family.
        born = await bear(session, moved.model_copy(update={"addressee_nos": [0, office.newcomer]}), "2026-11-18")
        body = {"recipient_no": office.newcomer, "claimed_on": "2026-11-20", "event": "birth", "event_on": "2026-11-18"}
        case = await claim(session, config, body | {"children": [{"child_no": born, "is_cared": True}]})
        await act(session, config, case, "approve", "2026-11-20")
        await set_account(
            session, office.newcomer, AccountInput.model_validate(ACCOUNT | {"account_number": "2"}), now()
        )
        await send(session, area_of(settings, TENANT), PEOPLE, "difference", now(), "提供")
    with psycopg.connect(settings.admin_dsn) as connection:
        connection.execute(f"SET search_path TO {TENANT.schema}")
        connection.execute(_CORRECTED)
        # One ballot is undone and cast again; another election's list is made, and somebody votes.
        connection.execute(
            "UPDATE electoral_ballot SET cancelled_at = now(), cancelled_by = 'x', cancel_reason = '誤り'"
        )
        connection.execute(_BALLOT, (1,))
        connection.execute(_ELECTION, (2,))
        connection.execute(_VOTER, (2, office.family[0]))
        connection.execute(_BALLOT, (2,))
    assert office.night() == (2, 2), "both payers were asked for, both cases paid"
    office.tokens["after"] = (await log_in(office, "worker", NEW_PASSWORD))["token"]


async def _seal(office: Office, session: WriteSession, on: str) -> None:
    """Before: the father's and the mother's seals with their cards. After: his card is lost and hers replaced."""
    figures = seals.figures_of(office.config, now().date())
    if on == "before":
        for number, pattern in ((office.family[0], 3), (office.family[1], 5)):
            await register_seal(session, office.config, number, image=stamp(pattern=pattern), seal_text="渡邉")
        return
    for number, act_of_card, reason in ((1, "lost", "紛失"), (2, "exchanged", "汚損")):
        body = {
            "version": 1,
            "card_act": act_of_card,
            "card_on": "2026-11-20",
            "card_applicant": "本人",
            "card_reason": reason,
        }
        await change_card(session, number, CardAct.model_validate(body), figures, now())


async def protect(session: WriteSession, number: int, **values: Any) -> None:
    body = ProtectionEntry.model_validate(_PROTECTION | {"subjects": [number]} | values)
    await protections.protect(session, body, now())


async def ask(office: Office, method: str, path: str, **values: Any) -> httpx.Response:
    """An application that has just been started."""
    app = create_app(office.main.settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answer = await client.request(method, path, **values)
    await app.state.gate.database.close()
    return answer


async def log_in(office: Office, login: str, password: str, **values: str) -> dict[str, Any]:
    body = {"tenant": OWN, "login": login, "password": password} | values
    return dict((await ask(office, "POST", "/login", json=body)).json())


@pytest.fixture(scope="module")
def reopened(office: Office, environment: dict[str, str]) -> Office:
    """The office taken back, and open again: on the way everything is looked at that only holds before the last decision."""
    moment = f"{office.moment:%Y-%m-%dT%H:%M:%S.%f}"
    command = ("restore", "municipality", OWN, "--at", moment, "--reason", "誤った一括更新の取消")
    told = run(environment, *command)
    assert "渡邉" not in told
    assert "山本" not in told, "operators of the centre read nobody's name"
    listed = json.loads(run(environment, "restore", "differences", OWN, "--json"))
    decisions = {item["subject"] for item in listed["items"] if item["needs_decision"]}
    assert decisions == {
        "staff:worker", "staff:newcomer", "staff:library", "protection:1", f"addressee:{office.newcomer}",
        "nhi_debit_file:1", "child_allowance_payment:2", "seal_card:3", "election:2",
    }  # fmt: skip
    carried = {item["subject"] for item in listed["items"] if not item["needs_decision"]}
    assert carried == {
        "staff", "staff:worker", "staff:leaver", "staff:library", "protection:2", "protection:3", "protection:4", "exchange",
        "nhi_debit_file:1", "child_allowance_transfer_file:1", "seal_registration:1", "seal_card:1", "seal_card:2", "election:1",
    }  # fmt: skip
    assert listed["opened_at"] is None
    (kept,) = list_kept(office.main.settings)

    # Shut: for people, for other systems, for jobs; and a migration does not let them in.
    for headers in ({"accept": "application/json"}, {"accept": "text/html"}):
        bearer = {"authorization": f"Bearer {office.tokens['after']}"}
        shut = asyncio.run(ask(office, "GET", f"/{OWN}/resident/persons", headers=headers | bearer))
        assert (shut.status_code, "復旧後の確認中" in shut.text) == (503, True)
    assert asyncio.run(log_in(office, "worker", NEW_PASSWORD))["code"] == "closed"
    assert asyncio.run(ask(office, "GET", f"/up/{OWN}")).status_code == 503
    office.bulk.close()
    with (
        pytest.raises(adbc_driver_manager.Error, match="permission denied to set role"),
        office.bulk.read(TENANT) as bulk,
    ):
        bulk.read("SELECT 1")
    run(environment, "db", "upgrade")
    assert asyncio.run(ask(office, "GET", f"/up/{OWN}")).status_code == 503
    other = asyncio.run(ask(office, "GET", f"/up/{OTHER}"))
    assert other.status_code == 200, "no other municipality is shut"

    # The shared centre sees on its screen what it waits for.
    settings = office.main.settings
    secret = asyncio.run(on(settings, lambda database: give_app(database, settings, None, "watcher")))
    token = asyncio.run(log_in(office, "watcher", PASSWORD, tenant=CENTER, code=code_at(secret, now())))["token"]
    headers = {"authorization": f"Bearer {token}", "accept": "text/html"}
    page = asyncio.run(ask(office, "GET", "/center/continuity/", headers=headers)).text
    assert [
        word for word in ("止まっています", "要判断 9 件", "支援措置 第1号", "要判断 9件") if word not in page
    ] == []

    # Nothing of it can be put aside or forgotten before it was decided.
    assert "確認が終わっていません" in refused(environment, *command)
    assert "確認が終わっていません" in refused(environment, "restore", "kept", "--drop", kept)
    assert "確認を待つ項目の番号ではありません" in refused(
        environment, "restore", "decide", OWN, "--note", "済", "--item", "99"
    )
    numbers = [item["item_no"] for item in listed["items"] if item["needs_decision"]]
    some = [argument for number in numbers[1:] for argument in ("--item", str(number))]
    still = run(environment, "restore", "decide", OWN, "--note", "担当課の係長と確認", *some)
    assert f"{OWN} は止めたままです" in still
    assert "担当課の係長と確認" in still
    assert "再開しています" in run(environment, "restore", "decide", OWN, "--note", "係長と確認", "--all")
    acts = office.rows("SELECT action FROM audit_event WHERE action LIKE 'restore.%' ORDER BY seq DESC LIMIT 5")
    assert [act for (act,) in reversed(acts)] == [
        f"restore.{act}" for act in ("municipality", "carried", "decided", "decided", "opened")
    ]
    return office


def test_com_080_taken_back_a_municipality_stays_shut_until_what_needs_a_decision_was_decided(reopened: Office) -> None:
    assert asyncio.run(ask(reopened, "GET", f"/up/{OWN}")).status_code == 200
    assert verify_schema(reopened.main.settings.admin_dsn, TENANT.schema).is_intact


def test_accounts_are_as_strict_as_the_stricter_of_both_states(reopened: Office) -> None:
    for name in ("before", "after"):
        bearer = {"authorization": f"Bearer {reopened.tokens[name]}", "accept": "application/json"}
        assert asyncio.run(ask(reopened, "GET", f"/{OWN}/resident/persons", headers=bearer)).status_code == 401, name
    for login in ("worker", "leaver", "newcomer"):
        assert asyncio.run(log_in(reopened, login, PASSWORD))["code"] == "unauthenticated", "old, closed, not there yet"
    code = code_at(reopened.secret, now())
    assert "token" in asyncio.run(log_in(reopened, "worker", NEW_PASSWORD, code=code)), (
        "newest password and second factor"
    )
    assert reopened.rows("SELECT role FROM staff_role WHERE login = 'worker'") == [("one_stop_clerk",)]
    assert reopened.rows("SELECT data_set FROM exchange_scope WHERE revoked_at IS NULL") == []


def test_no_protection_is_lost_and_none_ends(reopened: Office) -> None:
    hidden = {number for (number,) in reopened.rows("SELECT addressee_no FROM fact_hidden_person")}
    assert {reopened.family[1], reopened.family[2]} <= hidden, "released since: goes on; registered since: is there"
    subjects = reopened.rows("SELECT protection_no, addressee_no FROM protection_subject ORDER BY 1")
    assert subjects == [
        (1, reopened.family[1]),
        (2, reopened.family[0]),
        (3, reopened.family[2]),
        (4, reopened.newcomer),
    ]
    current = reopened.rows(
        "SELECT protection_no, ends_on, released_on FROM protection WHERE superseded_at IS NULL ORDER BY protection_no"
    )
    year = date(2027, 11, 19)
    assert current == [(1, year, None), (2, date(2028, 11, 19), None), (3, year, None), (4, year, None)]


def test_what_was_lost_or_cast_since_is_not_good_again(reopened: Office) -> None:
    """INKAN-012: a lost card issues nothing; 公職選挙法36条: one ballot for each voter."""
    states = "SELECT registration_no, status FROM seal_registration_state WHERE superseded_at IS NULL AND valid_to = '9999-12-31'"
    assert reopened.rows(f"{states} ORDER BY 1") == [(1, "suspended"), (2, "active")]
    assert reopened.rows("SELECT card_no, end_reason FROM seal_card ORDER BY 1") == [(1, "lost"), (2, "exchanged")]
    ballots = reopened.rows("SELECT election_no, cancelled_at IS NULL FROM electoral_ballot ORDER BY id")
    assert ballots == [(1, False), (1, True)]


def test_what_a_bank_has_is_not_made_again_and_no_number_is_given_twice(reopened: Office) -> None:
    assert reopened.night() == (0, 0), "nobody is asked or paid a second time"
    assert reopened.rows("SELECT count, total > 0 FROM nhi_debit_file") == [(2, True)]
    assert reopened.rows("SELECT count FROM child_allowance_transfer_file") == [(2,)]
    assert reopened.rows("SELECT payment_no FROM child_allowance_transfer") == [(1,)]
    assert reopened.numbers
    found = dict(reopened.rows("SELECT kind, next FROM number_counter"))
    assert all(found[kind] >= number for kind, number in reopened.numbers.items())
    # The other system has people who are not there any more: they are gone by the next difference, with higher numbers.
    (given,) = reopened.rows("SELECT max(to_change) FROM exchange_file")[0]

    async def differ(database: Database) -> tuple[int, int, int]:
        async with database.write(TENANT, OFFICER) as session:
            sent = await send(session, area_of(reopened.main.settings, TENANT), PEOPLE, "difference", now(), "提供")
        return sent.from_change, sent.rows, sent.gone

    since, changed, gone = asyncio.run(on(reopened.main.settings, differ))
    assert since == given
    assert (changed, gone) == (0, 2), "who moved in and who was born after the moment are gone"


def test_a_restoration_that_was_cut_off_is_gone_on_with_and_shut_until_then(
    reopened: Office, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(municipality, "go_on", cut)
    copy = reopened.main.rules.near.get_copy(until=reopened.moment)
    with pytest.raises(KeyboardInterrupt):
        take_back(
            reopened.main.settings,
            copy,
            TENANT,
            Target(moment=reopened.moment),
            by=OFFICER,
            reason="もう一度",
            now=now(),
        )
    assert asyncio.run(ask(reopened, "GET", f"/up/{OWN}")).status_code == 503
    assert "引継ぎの途中です" in run(environment, "restore", "differences", OWN)
    assert "yoriai restore resume" in refused(environment, "restore", "decide", OWN, "--note", "済", "--all")
    assert "要判断" in run(environment, "restore", "resume", OWN)
    assert "再開しています" in run(environment, "restore", "decide", OWN, "--note", "係長と確認", "--all")
    assert reopened.night() == (0, 0)
    for kept in list_kept(reopened.main.settings):
        run(environment, "restore", "kept", "--drop", kept)
