"""A municipality's own night: its rows and no others, its error lists and nobody else's."""

import httpx
import psycopg
import pytest

from tests.batch.nights import Queue, make_job
from tests.batch.screens.conftest import HTML, BadNight, Login
from tests.conftest import OTHER, OWN, Installation
from yoriai.audit import SYSTEM
from yoriai.tenancy.choice import PLATFORM_SCHEMA
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

_ERRORS = """
INSERT INTO {schema}.job_run (run_key, job_name, business_date, fence, status, chunks_total, started_at)
VALUES (%(run)s, 'warned', '2026-06-01', 1, 'done', 1, now());
INSERT INTO {schema}.job_chunk (run_key, chunk_no, lower, upper) VALUES (%(run)s, 1, 0, 9);
INSERT INTO {schema}.job_error (run_key, chunk_no, line_no, subject, reason)
VALUES (%(run)s, 1, 7, 'addressee:4711', '=口座が不明です')
"""


@pytest.fixture
def errors(bad_night: BadNight, installation: Installation, tenant: TenantRef) -> int:
    """The job that ended with a warning, with a row that it could not process."""
    with psycopg.connect(installation.admin_dsn) as connection:
        connection.execute(f"SET search_path TO {PLATFORM_SCHEMA}".encode())
        row = connection.execute("SELECT id, run_key FROM batch_job WHERE job_name = 'warned'").fetchone()
        assert row is not None
        for statement in _ERRORS.format(schema=tenant.schema).split(";"):
            connection.execute(statement.encode(), {"run": row[1]})
    return int(row[0])

    return PLATFORM_SCHEMA


async def test_the_menu_leads_to_the_own_night_with_own_jobs_only(
    bad_night: BadNight, viewer: httpx.AsyncClient
) -> None:
    home = await viewer.get(f"/{OWN}/", headers=HTML)
    assert f"/{OWN}/batch/" in home.text
    night = (await viewer.get(f"/{OWN}/batch/")).json()
    names = {job["job_name"] for net in night["nets"] for job in net["jobs"]}
    assert "failed" in names
    assert "theirs" not in names
    assert night["totals"]["all"] == 9
    assert [alert["message"] for alert in night["alerts"]] == ["止まりました"]


async def test_every_own_screen_is_a_page_and_json(bad_night: BadNight, errors: int, viewer: httpx.AsyncClient) -> None:
    failed = bad_night.ids["failed"]
    for path in ("/", "/gantt", "/gantt?lanes=net", "/nets/net", f"/jobs/{failed}", f"/jobs/{errors}/errors"):
        page = await viewer.get(f"/{OWN}/batch{path}", headers=HTML)
        assert page.status_code == 200, path
        assert "/center/" not in page.text, path
        assert (await viewer.get(f"/{OWN}/batch{path}")).json(), path


async def test_jobs_of_others_and_screens_of_the_centre_do_not_exist(
    bad_night: BadNight, viewer: httpx.AsyncClient
) -> None:
    theirs = bad_night.ids["theirs"]
    for path in (
        f"/{OWN}/batch/jobs/{theirs}",
        f"/{OWN}/batch/jobs/{theirs}/errors",
        f"/{OTHER}/batch/",
        "/center/batch/",
    ):
        assert (await viewer.get(path)).status_code == 404, path


async def test_the_error_list_is_read_by_its_own_staff_and_every_sight_is_audited(
    errors: int, viewer: httpx.AsyncClient, database: Database, tenant: TenantRef
) -> None:
    page = (await viewer.get(f"/{OWN}/batch/jobs/{errors}/errors")).json()
    assert [(row["subject"], row["reason"]) for row in page["rows"]] == [("addressee:4711", "=口座が不明です")]
    file = await viewer.get(f"/{OWN}/batch/jobs/{errors}/errors/csv")
    assert "'=口座が不明です" in file.text
    async with database.read(tenant, SYSTEM) as session:
        rows = await session.fetch(
            "SELECT action, staff FROM audit_event WHERE action LIKE 'batch.errors.%' ORDER BY seq"
        )
    assert [(row["action"], row["staff"]) for row in rows] == [
        ("batch.errors.view", "viewer"),
        ("batch.errors.extract", "viewer"),
    ]


async def test_the_centre_has_no_way_to_the_error_lists(errors: int, operators: Login) -> None:
    client = await operators("chief")
    assert (await client.get(f"/center/batch/jobs/{errors}/errors")).status_code == 404
    page = await client.get(f"/center/batch/jobs/{errors}", headers=HTML)
    assert "4711" not in page.text


async def test_staff_without_the_right_have_neither_menu_nor_screens(
    bad_night: BadNight, client: httpx.AsyncClient
) -> None:
    home = await client.get(f"/{OWN}/", headers=HTML)
    assert f"/{OWN}/batch/" not in home.text
    assert (await client.get(f"/{OWN}/batch/")).status_code == 403


async def test_an_earlier_night_can_be_chosen(bad_night: BadNight, queue: Queue, viewer: httpx.AsyncClient) -> None:
    queue.change("UPDATE batch_night SET status = 'ended', ended_at = now()")
    later = queue.open(make_job("today"))
    page = await viewer.get(f"/{OWN}/batch/", headers=HTML)
    assert "today" in page.text
    assert f'<option value="{bad_night.key}"' in page.text
    earlier = (await viewer.get(f"/{OWN}/batch/", params={"night": bad_night.key})).json()
    assert (earlier["night"]["night_key"], earlier["totals"]["all"]) == (bad_night.key, 9)
    assert later != bad_night.key
