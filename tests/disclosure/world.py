"""A protected family whose data stand in the tables of every business, written in plain before the protection began.

The mother (2) and her children (3, 4) moved secretly within the municipality, into the grandmother's (5) household; the father (1)
stayed behind. Another woman (6) left for a secret place elsewhere. All of it goes through the application, as clerks record it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import polars as pl

from batch.runner import run_alone
from modules.nhi.health_insurance.jobs import NETS as NHI
from modules.resident.electoral_roll.jobs import NETS as ROLL
from modules.resident.school_age.jobs import NETS as SCHOOL
from modules.resident.seal_registration.jobs import NETS as SEAL
from modules.welfare.child_allowance.jobs import NETS as ALLOWANCE
from tests.nhi.register import income_row
from tests.nhi.test_direct_debits import answer_to
from tests.resident.seal.seals import stamp
from yoriai.clock import JAPAN
from yoriai.dates import fiscal_year_of
from yoriai.jobs import Job, JobContext
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig

NOW = datetime(2026, 11, 25, 10, 30, tzinfo=JAPAN)
TODAY = NOW.date()
FATHER, MOTHER, PUPIL, ENTRANT, GRANDMOTHER, LEAVER = range(1, 7)
HIDDEN_TOWN, OPEN_TOWN = "大柿町大原", "江田島町中央"
BLOCK, BUILDING = "77番88号", "かくれ荘203"
DESTINATION, OTHER_PLACE = "東京都千代田区秘密町5番", "岡山県岡山市北区隠里9番"
NAMES = ("花子", "さくら", "もみじ", "月子", "ハナコ", "ツキコ")
SECRETS = (BLOCK, BUILDING, "秘密町", "隠里")
JOBS: dict[str, Job] = {job.name: job for net in (*NHI, *ROLL, *SCHOOL, *SEAL, *ALLOWANCE) for job in net.jobs}


def _person(name: str, kana: str, birth: str, sex: str, relationship: str) -> dict[str, Any]:
    return {"name": name, "name_kana": kana, "birth_date": birth, "sex": sex, "relationship": relationship}


@dataclass
class World:
    """The way in: a client that may do everything, and the nights."""

    client: httpx.AsyncClient
    bulk: BulkDatabase
    config: TenantConfig
    numbers: dict[str, int] = field(default_factory=dict)

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        """Send a body as a clerk who accepts what is merely unusual."""
        address = f"/{self.config.code}{path}"
        answer = await self.client.post(address, json=body)
        if answer.status_code == 428:
            codes = [error["rule"] for error in answer.json()["errors"]]
            answer = await self.client.post(address, json={**body, "confirmed": codes})
        assert answer.status_code == 200, f"{path}: {answer.text}"
        result: dict[str, Any] = answer.json()
        return result

    async def version(self, household_no: int) -> dict[str, int]:
        """A household as it is now, to be sent back."""
        version = self.value(f"SELECT version FROM household WHERE household_no = {household_no}")
        return {"household_no": household_no, "version": version}

    def value(self, sql: str) -> Any:
        """One value of the database."""
        with self.bulk.read(self.config.tenant) as session:
            found = session.read(sql).item()
        return found.to_list() if isinstance(found, pl.Series) else found

    async def protect(self, *subjects: int, **values: Any) -> int:
        """Protect somebody; the number of the protection. No night passes."""
        support = {
            "kind": "support",
            "category": "dv",
            "starts_on": "2026-11-20",
            "ends_on": "2027-11-19",
            "applicant": "本人",
        }
        made = await self.post("/resident/protections", **{**support, **values}, subjects=list(subjects))
        return int(made["protection_no"])

    @asynccontextmanager
    async def protection(self, **values: Any) -> AsyncIterator[int]:
        """The mother with her children, and who left, are protected; released at the end, with whoever was beside them.

        Gives the number of the mother's protection.
        """
        number = await self.protect(MOTHER, PUPIL, ENTRANT, **values)
        await self.protect(LEAVER, **values)
        try:
            yield number
        finally:
            numbers = (
                "SELECT array_agg(protection_no) FROM protection WHERE superseded_at IS NULL AND released_on IS NULL"
            )
            for each in self.value(numbers):
                await self.post(f"/resident/protections/{each}/release", reason="申出により")

    def night(self, job: str, day: str) -> None:
        """Run a job as of a business date."""
        on = date.fromisoformat(day)
        moment = datetime.combine(on, NOW.timetz())
        run_alone(
            self.bulk,
            JOBS[job],
            JobContext(self.config.tenant, self.config, on, fiscal_year_of(on), f"{job}-{day}", moment),
        )


async def settle(world: World) -> None:
    """Who lives where."""
    father = _person("渡邉 太郎", "ワタナベ タロウ", "S600401", "1", "02")
    mother = _person("渡邉 花子", "ワタナベ ハナコ", "S620503", "2", "12") | {
        "registered_domicile": f"岡山市隠里{BLOCK}"
    }
    pupil = _person("渡邉 さくら", "ワタナベ サクラ", "2016-06-01", "2", "20")
    entrant = _person("渡邉 もみじ", "ワタナベ モミジ", "2020-06-01", "2", "20")
    grandmother = _person("山本 梅", "ヤマモト ウメ", "S300303", "2", "02")
    leaver = _person("佐藤 月子", "サトウ ツキコ", "H020909", "2", "02")
    days = {"event_date": "2026-05-10", "notified_on": "2026-05-11", "former_address": "広島県呉市中央四丁目1番"}
    hidden = {"town_code": HIDDEN_TOWN, "block": BLOCK, "building": BUILDING}
    for members, address in (
        ([father, mother, pupil, entrant], {"town_code": OPEN_TOWN, "block": "1番2号"}),
        ([grandmother], hidden),
        ([leaver], {"town_code": OPEN_TOWN, "block": "3番"}),
    ):
        await world.post("/resident/movements/move-in", **days, address=address, members=members)
    moved = [
        {"addressee_no": MOTHER, "relationship": "20"},
        {"addressee_no": PUPIL, "relationship": "2020"},
        {"addressee_no": ENTRANT, "relationship": "2020"},
    ]
    moving = {"event_date": "2026-06-15", "notified_on": "2026-06-16", "note": f"{BUILDING}へ避難"}
    await world.post(
        "/resident/households/1/move-within",
        **moving,
        household=await world.version(1),
        to_household=await world.version(2),
        members=moved,
    )


async def fill(world: World) -> None:
    """Something of the family in each business."""
    await _registers(world)
    await _seals_and_certificates(world)
    await _schools(world)
    await _roll(world)
    await _money(world)


async def _registers(world: World) -> None:
    leaving = {"event_date": "2026-10-20", "notified_on": "2026-10-10", "destination": DESTINATION, "is_certain": True}
    members = [{"addressee_no": LEAVER}]
    await world.post("/resident/households/3/move-out", **leaving, household=await world.version(3), members=members)
    ahead = {"event_date": "2026-12-15", "notified_on": "2026-11-25", "ground": f"{BUILDING}の住居表示の実施"}
    await world.post(
        "/resident/households/2/correction",
        **ahead,
        household=await world.version(2),
        addressee_no=MOTHER,
        address={"town_code": HIDDEN_TOWN, "block": BLOCK, "building": BUILDING + "1"},
    )
    await world.post("/resident/surveys", addressee_no=MOTHER, reason="返戻", next_on="2026-12-01")
    export = {"repertoire": "jis_x_0208", "receiver": "県", "purpose": "引渡し"}
    await world.post("/resident/characters/exports", **export)
    online = {"addressee_nos": [MOTHER], "event_date": "2026-12-20", "destination": DESTINATION}
    await world.post("/resident/intake", kind="online_move_out", source_id="MP-1", payload=online)
    facts = {
        "name_kana": "タカハシ ハナ",
        "birth_date": "S620503",
        "since": "2020-01-01",
        "source": "課税",
        "reason": "課税",
    }
    numbered = await world.post(
        "/non_resident/addressees", **facts, name="高橋 花", address=OTHER_PLACE, building=BUILDING
    )
    world.numbers["non_resident"] = numbered["addressee_no"]
    await world.post(f"/non_resident/addressees/{numbered['addressee_no']}/link", to_no=MOTHER, reason="同一人")
    place = {"address": OTHER_PLACE, "building": BUILDING, "name": "渡邉 花子", "valid_from": "2026-06-01"}
    await world.post(f"/non_resident/addressees/{MOTHER}/destinations", kind="mailing", reason="避難先", **place)
    returned = {"kind": "returned", "item": "納税通知書", "on": "2026-11-01", "business": "income"}
    await world.post(f"/non_resident/addressees/{MOTHER}/returned", **returned)
    await world.post("/resident/inspections", requester="乙大学", purpose="調査", town_code=HIDDEN_TOWN)


async def _seals_and_certificates(world: World) -> None:
    seal = {"applied_on": "2026-11-18", "identity_document": "運転免許証"}
    photo = await world.post(
        "/seal_registration/registrations", **seal, addressee_no=MOTHER, seal_text="渡邉", image=stamp(),
        identity_kind="photo_document",
    )  # fmt: skip
    await world.post(
        "/seal_registration/registrations", **seal, addressee_no=GRANDMOTHER, seal_text="山本", image=stamp(pattern=7),
        identity_kind="inquiry",
    )  # fmt: skip
    world.numbers["seal_card"] = photo["card_no"]
    await world.post("/seal_registration/certificates", card_no=photo["card_no"], birth_date="S620503")
    ended = await world.post(
        "/seal_registration/registrations", **seal, addressee_no=PUPIL - 2, seal_text="渡邉", image=stamp(pattern=11),
        identity_kind="photo_document",
    )  # fmt: skip
    end = {"act": "end", "end_reason": "application", "reason": "申請", "on": "2026-11-19", "version": ended["version"]}
    await world.post(f"/seal_registration/registrations/{ended['registration_no']}/acts", **end)
    asked = {"addressee_no": MOTHER, "asker": "self", "identity": "photo", "items": ["history", "domicile"]}
    for kind in ("household", "individual"):
        request = await world.post("/certificate/requests", **asked, kind=kind)
        if kind == "individual":
            issued = await world.post(f"/certificate/requests/{request['request_no']}/issue")
            world.numbers["certificate"] = issued["serials"][0]
    by_law = {"addressee_no": PUPIL, "asker": "legal", "asker_name": "渡邉 花子", "has_proof": True}
    await world.post(
        "/certificate/requests", **by_law, kind="individual", identity="photo",
        asker_address=f"{HIDDEN_TOWN}{BLOCK} {BUILDING}",
    )  # fmt: skip
    numbers = f"{MOTHER}\n{FATHER}"
    plan = {"label": "調査", "asker_body": "県", "purpose": "調査"}
    bulk = await world.post("/certificate/bulk", **plan, kind="individual", numbers=numbers)
    await world.post(f"/certificate/bulk/{bulk['bulk_no']}/issue")


async def _schools(world: World) -> None:
    await world.post("/school_age/transfers", addressee_no=PUPIL, since="2026-09-15")
    world.night("school_age.entrants", "2026-10-01")
    await world.post("/school_age/entrants/2027/fix")
    await world.post("/school_age/entrants/2027/notices", kind="enrolment")
    await world.post("/school_age/entrants/2027/notices", kind="health_check")
    period = {"applied_on": "2026-11-01", "valid_from": "2026-11-10", "valid_to": "2027-03-31", "reason": "通学"}
    case = await world.post(
        "/school_age/cases", **period, kind="out_of_area_out", addressee_no=PUPIL, school_name="呉市立第一小学校",
        other_board="呉市教育委員会",
    )  # fmt: skip
    await world.post(f"/school_age/cases/{case['case_no']}/consultation")


async def _roll(world: World) -> None:
    for day in ("2026-06-01", "2026-09-01"):
        world.night("electoral_roll.register", day)
    days = {"notice_on": "2026-11-15", "vote_on": "2026-11-29"}
    made = await world.post("/electoral_roll/elections", name="ためし選挙", kind="national", **days)
    for job in ("follow", "election", "fix"):
        world.night(f"electoral_roll.{job}", "2026-11-14")
    entry = {
        number: world.value(f"SELECT entry_no FROM electoral_entry WHERE addressee_no = {number}")
        for number in (MOTHER, GRANDMOTHER, LEAVER)
    }
    one = f"/electoral_roll/elections/{made['election_no']}"
    await world.post(f"{one}/ballots", entry_no=entry[MOTHER], kind="early", place_code="A1", reason="work")
    asked = {"method": "elsewhere", "place": f"{OTHER_PLACE}の選挙管理委員会", "requested_on": "2026-11-20"}
    card = world.value(f"SELECT card_no FROM electoral_voter WHERE entry_no = {entry[GRANDMOTHER]}")
    await world.post(f"{one}/absentees", card=str(card), **asked)
    await world.post(f"{one}/cards", on="2026-11-25")
    for job in ("card_list", "card_print"):
        world.night(f"electoral_roll.{job}", "2026-11-25")
    sending = {"sending_postcode": "7000001", "sending_address": OTHER_PLACE, "from_on": "2026-06-15"}
    await world.post("/electoral_roll/cares", addressee_no=MOTHER, **sending)
    paper = {"basis": "disability", "issued_on": "2026-11-01"}
    await world.post("/electoral_roll/certificates", addressee_no=MOTHER, **paper)
    district = world.value(f"SELECT district_code FROM electoral_entry WHERE addressee_no = {GRANDMOTHER}")
    inspection = {"requested_on": "2026-11-20", "applicant": "乙", "purpose": "political", "detail": "運動"}
    await world.post("/electoral_roll/inspections", **inspection, districts=[district])
    abroad = {
        "name": "渡邉 花子",
        "name_kana": "ワタナベ ハナコ",
        "birth_date": "S620503",
        "sex": "2",
        "country": "米国",
    }
    await world.post(
        "/electoral_roll/overseas", **abroad, addressee_no=MOTHER, last_address=f"{HIDDEN_TOWN}{BLOCK}",
        consulate="総領事館", applied_on="2026-11-01", registered_on="2026-11-10",
    )  # fmt: skip
    world.numbers |= {"election": made["election_no"], "mother_entry": entry[MOTHER]}


async def _money(world: World) -> None:
    with world.bulk.write(world.config.tenant) as session:
        rows = [income_row(number, income) for number, income in ((MOTHER, 4_000_000), (GRANDMOTHER, 500_000))]
        session.append("income", pl.DataFrame(rows))
    enrol = {"acquired_on": "2026-06-15", "notified_on": "2026-06-20", "reason": "move_in"}
    for number in (MOTHER, GRANDMOTHER):
        await world.post("/nhi/enrolments", addressee_no=number, **enrol)
    await world.post("/nhi/households/2/levies/2026/assess")
    claim = {"recipient_no": MOTHER, "claimed_on": "2026-06-20", "event": "other", "event_on": "2026-06-15"}
    children = [{"child_no": number, "is_cared": True} for number in (PUPIL, ENTRANT)]
    case = await world.post("/child_allowance/claims", **claim, children=children)
    approve = {"act": "approve", "on": "2026-06-25", "version": case["version"]}
    await world.post(f"/child_allowance/cases/{case['case_no']}/acts", **approve)
    account = {
        "bank_code": "9971", "bank_name": "みほん銀行", "branch_code": "101", "branch_name": "本店", "account_number": "1234567",
        "holder_kana": "ワタナベ ハナコ", "valid_from": "2026-06-15", "reason": "依頼書",
    }  # fmt: skip
    for number in (MOTHER, GRANDMOTHER):
        await world.post(f"/non_resident/addressees/{number}/accounts", **account, business="nhi", account_use="debit")
    world.night("child_allowance.decide", "2026-07-05")
    world.night("child_allowance.payments", "2026-08-05")
    benefit = account | {"account_number": "7654321", "business": "child_allowance", "account_use": "benefit"}
    await world.post(f"/non_resident/addressees/{MOTHER}/accounts", **benefit)
    world.night("child_allowance.transfers", "2026-08-05")
    due = world.value("SELECT min(due_date) FROM nhi_instalment WHERE due_date > '2026-11-25' AND amount > 0")
    world.night("nhi.debits", (due - timedelta(days=1)).isoformat())
    # The bank's answer: stopped by the depositor, so that a payment slip goes out.
    asked = world.value("SELECT content FROM nhi_debit_file")
    await world.post("/nhi/debits/results", file=answer_to(asked, {"1234567": "3"}))
