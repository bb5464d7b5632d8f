"""住基月報 and 年報 (JUKI-053, JUKI-054): counted by hand, closed, fixed, corrected, printed, and nobody's 町字 given away."""

import csv
import io
from datetime import date, datetime
from typing import Any

import httpx
import pypdf
import pytest

from modules.resident.basic_register import service
from modules.resident.basic_register.jobs import NETS
from modules.resident.basic_register.movements.inputs import Death
from modules.resident.basic_register.reports.periods import PeriodKind, ended_before, period_of
from tests.resident.people import CHILD, FATHER, MOTHER, NOW, add_town, record_move_in
from tests.resident.test_protection import base, protect, supervisor
from yoriai.audit import SYSTEM
from yoriai.clock import JAPAN
from yoriai.jobs import JobContext
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database, WriteSession

__all__ = ["base", "supervisor"]
FOREIGNER = {
    "name": "NGUYEN VAN A",
    "name_kana": "グエン バン アー",
    "birth_date": "2000-01-01",
    "sex": "1",
    "relationship": "02",
    "nationality": "VNM",
    "residence_class": "mid_long",
    "residence_status": "留学",
    "residence_period": "2年",
    "residence_until": "2028-01-01",
    "residence_card_no": "AB12345678CD",
}


def fix(bulk: BulkDatabase, tenant: TenantRef, config: TenantConfig, day: date) -> None:
    """Run the monthly net's job as the night of the day does."""
    job = next(job for net in NETS for job in net.jobs if job.name == "resident.reports")
    context = JobContext(tenant, config, day, 2026, "run-1", datetime(2026, 12, 1, 22, 0, tzinfo=JAPAN))
    with bulk.write(tenant) as session:
        for chunk in job.plan_chunks(session, context):
            job.run_chunk(session, context, chunk)


async def at_end(client: httpx.AsyncClient, base: str, on: str, kind: str = "month") -> dict[str, Any]:
    answer = await client.get(f"{base}/reports?kind={kind}&on={on}")
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()["view"]
    return view


def lines(counts: list[dict[str, Any]]) -> dict[str, int]:
    """The lines that are not zero."""
    return {count["label"]: count["total"] for count in counts if count["total"]}


async def _november(session: WriteSession) -> None:
    """October: a family of three moves in. November: a foreign student comes, the father dies."""
    await add_town(session)
    moved = await record_move_in(session, FATHER, MOTHER, CHILD, event_date="2026-10-20", notified_on="2026-10-21")
    await record_move_in(session, FOREIGNER, event_date="2026-11-10", notified_on="2026-11-16")
    death = {
        "event_date": "2026-11-11",
        "notified_on": "2026-11-12",
        "household": {"household_no": moved.household_no, "version": 1},
        "addressee_no": 1,
        "staying": [{"addressee_no": 2, "relationship": "02"}, {"addressee_no": 3, "relationship": "20"}],
    }
    await service.record_death(session, Death.model_validate(death), NOW)


def test_periods_and_what_had_ended() -> None:
    month = period_of(PeriodKind.MONTH, date(2027, 2, 15))
    assert (month.since, month.until, month.label) == (date(2027, 2, 1), date(2027, 2, 28), "令和9年2月")
    year = period_of(PeriodKind.FISCAL_YEAR, date(2027, 2, 15))
    assert (year.since, year.until, year.label) == (date(2026, 4, 1), date(2027, 3, 31), "令和8年度")
    assert [period.label for period in ended_before(date(2027, 1, 4))] == ["令和8年12月", "令和8年"]
    assert [period.label for period in ended_before(date(2027, 4, 1))] == ["令和9年3月", "令和8年度"]
    assert [period.label for period in ended_before(date(2026, 12, 1))] == ["令和8年11月"]


async def test_the_month_equals_a_count_by_hand_and_closes_juki_053(
    client: httpx.AsyncClient, database: Database, tenant: TenantRef
) -> None:
    async with database.write(tenant, SYSTEM) as session:
        await _november(session)
    base = f"/{tenant}/resident"
    october, november = await at_end(client, base, "2026-10-31"), await at_end(client, base, "2026-11-30")
    assert lines(october["report"]["ins"]) == {"転入": 3, "増加計": 3}
    assert october["report"]["closing"]["total"] == november["report"]["opening"]["total"] == 3
    assert lines(november["report"]["ins"]) == {"転入": 1, "増加計": 1}
    assert lines(november["report"]["outs"]) == {"死亡": 1, "減少計": 1}
    closing = november["report"]["closing"]
    assert {key: closing[key] for key in ("total", "male", "female", "japanese", "foreign")} == {
        "total": 3,
        "male": 1,
        "female": 2,
        "japanese": 2,
        "foreign": 1,
    }
    assert november["closes"]
    assert november["report"]["households"] == {"opening": 1, "closing": 2, "japanese": 1, "foreign": 1}
    assert lines(november["report"]["ages"]) == {"5〜9歳": 1, "25〜29歳": 1, "35〜39歳": 1, "計": 3}
    assert lines(november["report"]["nationalities"]) == {"日本": 2, "ベトナム": 1, "計": 3}
    year = await at_end(client, base, "2026-12-31", "calendar_year")
    assert lines(year["report"]["ins"]) == {"転入": 4, "増加計": 4}
    assert (year["report"]["opening"]["total"], year["report"]["closing"]["total"], year["closes"]) == (0, 3, True)


async def test_districts_add_up_to_the_whole_juki_054(
    client: httpx.AsyncClient, database: Database, tenant: TenantRef
) -> None:
    async with database.write(tenant, SYSTEM) as session:
        await _november(session)
    report = (await at_end(client, f"/{tenant}/resident", "2026-11-30"))["report"]
    towns = [count for count in report["towns"] if not count["is_sum"]]
    assert [(count["label"], count["total"], count["households"]) for count in towns] == [("ためし町", 3, 2)]
    assert sum(count["total"] for count in towns) == report["closing"]["total"]
    assert sum(count["households"] for count in towns) == report["households"]["closing"]


async def test_what_is_fixed_stays_and_a_late_correction_shows_as_a_difference(
    client: httpx.AsyncClient, bulk: BulkDatabase, database: Database, tenant: TenantRef, config: TenantConfig
) -> None:
    async with database.write(tenant, SYSTEM) as session:
        await add_town(session)
        await record_move_in(session, FATHER, MOTHER, event_date="2026-10-20", notified_on="2026-10-21")
    base = f"/{tenant}/resident"
    fix(bulk, tenant, config, date(2026, 11, 2))
    fix(bulk, tenant, config, date(2026, 11, 2))
    fixed = await at_end(client, base, "2026-10-31")
    assert fixed["fixed_at"] is not None
    assert (fixed["report"]["closing"]["total"], fixed["differences"]) == (2, [])
    async with database.write(tenant, SYSTEM) as session:
        late = {
            "name": "遅田 次郎",
            "name_kana": "オソダ ジロウ",
            "birth_date": "1990-05-05",
            "sex": "1",
            "relationship": "02",
        }
        await record_move_in(session, late, event_date="2026-10-30", notified_on="2026-11-05")
    october, november = await at_end(client, base, "2026-10-31"), await at_end(client, base, "2026-11-30")
    assert october["report"]["closing"]["total"] == 2
    assert {row["label"]: row["change"] for row in october["differences"]} == {
        "当期末人口": 1,
        "世帯数": 1,
        "転入": 1,
        "増加計": 1,
    }
    assert november["report"]["opening"]["total"] == 2
    assert november["report"]["correction"]["total"] == 1
    assert (november["report"]["closing"]["total"], november["closes"]) == (3, True)
    with pytest.raises(Exception, match="permission denied"):
        async with database.write(tenant, SYSTEM) as session:
            await session.fetch("UPDATE population_figure SET persons = 0 RETURNING persons")


async def test_a_changed_nationality_moves_between_the_columns(
    client: httpx.AsyncClient, database: Database, tenant: TenantRef
) -> None:
    async with database.write(tenant, SYSTEM) as session:
        await add_town(session)
        await record_move_in(session, FOREIGNER, event_date="2026-10-20", notified_on="2026-10-21")
        await session.fetch(_NATURALIZED_END)
        await session.fetch(_NATURALIZED)
    report = await at_end(client, f"/{tenant}/resident", "2026-11-30")
    assert report["closes"]
    changed = [count for count in (*report["report"]["ins"], *report["report"]["outs"]) if "帰化" in count["label"]]
    assert [(count["japanese"], count["foreign"]) for count in changed] == [(1, 0), (0, 1)]


_NATURALIZED_END = "UPDATE resident_record SET superseded_at = now() RETURNING id"
_NATURALIZED = """
INSERT INTO resident_record (addressee_no, household_no, name, name_kana, name_fold, kana_fold, gram, birth_date, sex, nationality,
  relationship, relationship_text, address, became_resident_on, address_since, status, valid_from, valid_to, movement_no)
SELECT addressee_no, household_no, name, name_kana, name_fold, kana_fold, gram, birth_date, sex, kind.nationality, relationship,
       relationship_text, address, became_resident_on, address_since, status, kind.since, kind.until, movement_no
  FROM resident_record, (VALUES ('VNM', DATE '2026-10-20', DATE '2026-11-05'), ('JPN', DATE '2026-11-05', DATE '9999-12-31'))
       kind (nationality, since, until) RETURNING id"""


async def test_a_protected_person_is_counted_in_no_district_but_for_who_may_see(
    supervisor: httpx.AsyncClient, client: httpx.AsyncClient, base: str
) -> None:
    await protect(supervisor, base)
    seen = (await at_end(client, base, "2026-11-30"))["report"]
    assert [(count["label"], count["total"]) for count in seen["towns"]] == [
        ("ためし町", 1),
        ("（支援措置により町字を示さない人）", 2),
        ("計", 3),
    ]
    known = (await at_end(supervisor, base, "2026-11-30"))["report"]
    assert [(count["label"], count["total"]) for count in known["towns"]] == [("ためし町", 3), ("計", 3)]
    rows = list(
        csv.reader(io.StringIO((await client.get(f"{base}/reports/csv?on=2026-11-30")).content.decode("utf-8-sig")))
    )
    assert ["町字", "ためし町", "1", "1", "0", "1", "0", "1"] in rows


async def test_the_report_is_printed_and_shown(
    client: httpx.AsyncClient, database: Database, tenant: TenantRef
) -> None:
    async with database.write(tenant, SYSTEM) as session:
        await _november(session)
    base = f"/{tenant}/resident"
    pdf = await client.get(f"{base}/reports/pdf?on=2026-11-30")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf.content)).pages)
    for words in ("住民基本台帳月報", "令和8年11月", "速報", "転入", "死亡", "ためし町"):
        assert words in text.replace("\n", ""), words
    page = await client.get(f"{base}/reports?on=R8.11.30", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert "速報（未確定）" in page.text
    assert (await client.get(f"{base}/reports?on=hello")).status_code == 422
