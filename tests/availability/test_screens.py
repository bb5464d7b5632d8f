"""COM-083: the probe looks, delivers, and the month is shown to the centre and to the municipality itself, with its outages."""

import hashlib
import io
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import psycopg
import pypdf
import pytest
import pytest_asyncio

from tests.batch.screens.conftest import CENTER
from tests.conftest import OTHER, OWN, PASSWORD, Installation, log_in
from yoriai.availability.probe import Spool, look, look_at_all
from yoriai.availability.states import Seen
from yoriai.clock import JAPAN, now
from yoriai.commands.staff import save_account, save_operator
from yoriai.database.bootstrap import make_probe_login
from yoriai.database.migrate import owner_connection
from yoriai.settings import Settings
from yoriai.tenancy.choice import PLATFORM_SCHEMA
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Database
from yoriai.web.app import create_app

HTML = {"accept": "text/html"}
TEN = datetime(2026, 6, 10, 10, tzinfo=JAPAN)


@pytest.fixture
def spool(installation: Installation, tmp_path: Path) -> Iterator[Spool]:
    """A probe that saw both municipalities on 2026-06-10, one of them without an answer for twenty minutes from ten."""
    spool = Spool(tmp_path / "spool.json", timedelta(minutes=10))
    for minutes in range(-120, 480, 10):
        at = TEN + timedelta(minutes=minutes)
        spool.note(OTHER, Seen.UP, at)
        spool.note(OWN, Seen.NO_ANSWER if minutes in (0, 10) else Seen.UP, at)
    try:
        yield spool
    finally:
        with owner_connection(installation.admin_dsn, PLATFORM_SCHEMA) as connection:
            connection.exec_driver_sql("TRUNCATE availability_span, planned_stop, outage_note")


@pytest.fixture
def probe_dsn(installation: Installation) -> str:
    """The probe's login, with the same password in all processes that share a server."""
    password = hashlib.sha256(installation.superuser_dsn.encode()).hexdigest()
    return make_probe_login(installation.admin_dsn, password=password)


@pytest_asyncio.fixture(loop_scope="session")
async def chief(anonymous: httpx.AsyncClient, database: Database) -> httpx.AsyncClient:
    """An operator who may record."""
    await save_operator(database, CENTER, "op", "運用 太郎", "運用室", PASSWORD, ["operator"])
    return await log_in(anonymous, "center", "op")


@pytest_asyncio.fixture(loop_scope="session")
async def staff(settings: Settings, database: Database, config: TenantConfig) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody of the municipality who may see its own availability."""
    await save_account(database, config, "viewer", "情報 次郎", "情報政策課", PASSWORD, ["batch_viewer"])
    app = create_app(settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield await log_in(client, OWN, "viewer")
    await app.state.gate.database.close()


async def test_the_month_names_outages_their_causes_and_the_line_of_the_target(
    chief: httpx.AsyncClient, staff: httpx.AsyncClient, spool: Spool, dsn: str, probe_dsn: str
) -> None:
    spool.deliver(probe_dsn, "probe")
    # Delivered again, as after a lost answer: nothing counts twice.
    spool.deliver(probe_dsn, "probe")
    month = (await chief.get("/center/availability/?month=2026-06")).json()
    own, other = month["rows"]
    assert (own["code"], own["down"], own["verdict"]) == (OWN, "20分00秒", "未達")
    assert (other["code"], other["down"], other["rate"], other["verdict"]) == (OTHER, "0秒", "100.00%", "未確定")
    (outage,) = month["outages"]
    assert (outage["since"], outage["seen"], outage["cause"]) == ("6/10 10:00:00", "応答なし", "")
    form = await chief.get("/center/availability/outages", params={"code": OWN, "since": outage["key"]}, headers=HTML)
    assert (form.status_code, "停止の原因" in form.text) == (200, True)
    body = {"code": OWN, "since": outage["key"], "cause": "network", "note": "庁内スイッチの故障"}
    assert (await chief.post("/center/availability/outages", json={**body, "cause": "bad"})).status_code == 422
    assert (
        await chief.post("/center/availability/outages", json={**body, "since": "2026-06-10T03:00:00+09:00"})
    ).status_code == 404
    assert (await chief.post("/center/availability/outages", data=body, headers=HTML)).status_code == 303
    page = await chief.get("/center/availability/?month=2026-06", headers=HTML)
    assert [word for word in ("目標 99.50%", "庁内スイッチの故障", "未達") if word not in page.text] == []
    causes = (await chief.get("/center/availability/?month=2026-06")).json()["causes"]
    assert causes == [{"label": "ネットワーク", "count": 1, "minutes": "20分00秒"}]
    for client, address in ((chief, "/center/availability/report"), (staff, f"/{OWN}/availability/report")):
        pdf = await client.get(f"{address}?month=2026-06", headers={"accept": "application/pdf"})
        text = "".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(pdf.content)).pages)
        assert [word for word in ("稼働率報告", "99.50%", "庁内スイッチの故障") if word not in text] == []
    seen = (await staff.get(f"/{OWN}/availability/?month=2026-06")).json()
    assert [row["code"] for row in seen["rows"]] == [OWN]
    assert (await staff.get(f"/{OWN}/availability/?month=2026-13")).status_code == 422
    with psycopg.connect(dsn) as connection:
        connection.execute(f"SET ROLE t_{OWN}")
        codes = {row[0] for row in connection.execute("SELECT DISTINCT code FROM yoriai.availability_span")}
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM yoriai.availability_span")
    assert codes == {OWN}, "the database itself hides the others"


def test_the_probes_login_writes_down_what_it_saw_and_can_do_nothing_else(spool: Spool, probe_dsn: str) -> None:
    spool.deliver(probe_dsn, "probe")
    assert {OWN, OTHER} <= set(spool.codes)
    refused = (
        "SELECT config FROM yoriai.tenant",
        "SELECT login FROM yoriai.operator",
        "SELECT seq FROM yoriai.audit_event",
        "SELECT yoriai.audit_append('[]')",
        "SELECT state FROM yoriai.availability_span",
        "UPDATE yoriai.availability_span SET state = 'up'",
        "DELETE FROM yoriai.availability_span",
        "INSERT INTO yoriai.planned_stop (code) VALUES ('')",
        "SET ROLE yoriai_platform",
        f"SET ROLE t_{OWN}",
        f"SELECT login FROM t_{OWN}.staff",
    )
    with psycopg.connect(probe_dsn, autocommit=True) as connection:
        for statement in refused:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


async def test_only_a_stop_announced_before_it_began_is_left_out(
    chief: httpx.AsyncClient, spool: Spool, probe_dsn: str
) -> None:
    spool.deliver(probe_dsn, "probe")
    stops = "/center/availability/stops"
    late = await chief.post(stops, json={"day": "2026-06-10", "start": "09:50", "end": "10:30", "reason": "x"})
    assert [error["field"] for error in late.json()["errors"]] == ["start"], "an outage cannot be announced afterwards"
    wrong = {"code": "999993", "day": "2099-06-10", "start": "10:00", "end": "09:00", "reason": "x"}
    assert {error["field"] for error in (await chief.post(stops, json=wrong)).json()["errors"]} == {"end", "code"}
    day = (now() + timedelta(days=3)).date().isoformat()
    body = {"day": day, "start": "22:00", "end": "25:00", "reason": "機器の交換"}
    assert (await chief.post(stops, data=body, headers=HTML)).status_code == 303
    page = await chief.get(stops, headers=HTML)
    assert [word for word in ("全団体", "機器の交換", "取り消す") if word not in page.text] == []
    (stop,) = (await chief.get(stops)).json()["stops"]
    assert (await chief.post(f"{stops}/{stop['stop_no']}/withdraw", json={})).status_code == 200
    assert (await chief.post(f"{stops}/{stop['stop_no']}/withdraw", json={})).status_code == 409
    assert (await chief.post(f"{stops}/0/withdraw", json={})).status_code == 404


async def test_the_address_for_probes_tells_whether_a_municipality_is_served_and_nothing_else(
    anonymous: httpx.AsyncClient,
) -> None:
    answer = await anonymous.get(f"/up/{OWN}")
    assert (answer.status_code, answer.json()) == (200, {"is_copy": False})
    assert [(await anonymous.get(f"/up/{code}")).status_code for code in ("123456", "131016", "x")] == [404] * 3


def test_the_probe_tells_apart_what_can_go_wrong() -> None:
    answers = {
        "/up/1": (200, b'{"is_copy": false}'),
        "/up/2": (503, b"{}"),
        "/up/3": (500, b"{}"),
        "/up/4": (200, b'{"is_copy": true}'),
        "/up/5": (200, b"<html>"),
    }
    with _served(answers) as address:
        found = look_at_all(address, "12345", 5)
    assert list(found.values()) == [Seen.UP, Seen.DATABASE, Seen.ERROR, Seen.DEGRADED, Seen.NO_ANSWER]
    assert look(address, "1", 1) is Seen.NO_ANSWER, "nobody listens there any more"


@contextmanager
def _served(answers: dict[str, tuple[int, bytes]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers[self.path]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
