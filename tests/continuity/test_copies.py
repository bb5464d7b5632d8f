"""COM-080, COM-081: copies at distant sites, a drill from them, service for looking only, one municipality taken back."""

import asyncio
import json
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
from sqlalchemy import text

from tests.conftest import OTHER, OWN, PASSWORD
from tests.continuity.conftest import Main
from yoriai.audit import SYSTEM, AuditEvent
from yoriai.clock import now
from yoriai.commands.audit import verify_schema
from yoriai.commands.staff import save_account
from yoriai.continuity import municipality
from yoriai.continuity.archive import SLOT, fetch_until, stream
from yoriai.continuity.drill import run_drill
from yoriai.continuity.municipality import _put, drop_kept, take_back
from yoriai.continuity.programs import ProgramFailed
from yoriai.continuity.restoring import NotRestored, Target
from yoriai.continuity.sites import Site, verify
from yoriai.continuity.taking import Taken, take_copy
from yoriai.database.control import differences, list_schemas, reading_all, sum_up
from yoriai.errors import Conflict, Invalid, NotFound
from yoriai.settings import Settings
from yoriai.tenancy.choice import PLATFORM_ROLE
from yoriai.tenancy.kept import list_kept, move_aside
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

R = TypeVar("R")
TENANT, NEIGHBOUR = TenantRef(OWN), TenantRef(OTHER)
_COUNT = "SELECT count FROM resident_daily_close WHERE key = 'copied'"


@pytest.fixture(scope="module")
def taken(main: Main) -> Taken:
    """A copy of the installation with a clerk in it."""

    async def prepare(database: Database) -> None:
        await save_account(
            database, main.configs[OWN], "clerk", "窓口 花子", "総合窓口課", PASSWORD, ["one_stop_clerk"]
        )
        await set_number(database, TENANT, 1)

    on_main(main, prepare)
    away = main.settings.var / "a-file"
    away.touch()
    near, distant = main.rules.sites
    return take_copy(main.settings, replace(main.rules, sites=[near, Site("不通", away), distant]), now)


def test_a_copy_of_the_running_server_is_proved_and_sent_away(main: Main, taken: Taken) -> None:
    assert set(taken.errors) == {"不通"}, "a site that is away is named, and the others have theirs"
    assert taken.removed == {"手元": [], "遠隔地": []}
    assert taken.copy.mark.is_exact, "nobody was at work"
    distant = main.rules.site("遠隔地")
    kept = distant.get_copy()
    assert (kept.copy_id, kept.figures) == (taken.copy.copy_id, taken.copy.figures)
    assert kept.figures[TENANT.schema]["resident_daily_close"][0] == 1
    for folder in (taken.copy.folder, taken.copy.log, kept.folder, kept.log):
        assert folder.stat().st_mode & 0o077 == 0, "nobody else on the machine reads a copy, not even while it is made"
    # What the control figures are for: a row that has changed is seen, whatever its table.
    on_main(main, lambda database: set_number(database, TENANT, 2))
    with reading_all(main.settings.admin_dsn) as connection:
        found = sum_up(connection, list_schemas(connection))
    changed = {f"{TENANT.schema}.{table}" for table in ("resident_daily_close", "audit_event", "audit_head")}
    assert set(differences(taken.copy.figures, found)) == changed
    # A file that rots at the distant site is found there.
    broken = shutil.copytree(kept.data, main.settings.var / "rotten")
    victim = next(path for path in (broken / "base").rglob("*") if path.is_file() and path.stat().st_size)
    victim.write_bytes(
        b"\0" + victim.read_bytes()[1:] if victim.read_bytes()[:1] != b"\0" else b"\1" + victim.read_bytes()[1:]
    )
    with pytest.raises(ProgramFailed, match="pg_verifybackup"):
        verify(broken)


def test_a_drill_from_the_distant_copy_serves_it_for_looking_only_and_finds_every_row(main: Main, taken: Taken) -> None:
    """COM-080, COM-081: restored beside the running system, a clerk logs in, looks, and can change nothing."""
    copy = main.rules.site("遠隔地").get_copy(taken.copy.copy_id)
    seen: dict[str, Any] = {}

    def look(there: Settings, address: str) -> None:
        # 遠隔地 knows nothing of the main server: it could be gone.
        seen["own server"] = there.app_dsn.rpartition("@")[2] != main.settings.app_dsn.rpartition("@")[2]
        seen["refused"] = ask(f"{address}/{OWN}/", {})[0]
        body = {"tenant": OWN, "login": "clerk", "password": PASSWORD}
        token = json.loads(ask(f"{address}/login", {"content-type": "application/json"}, body)[1])["token"]
        bearer = {"authorization": f"Bearer {token}"}
        seen["page"] = ask(f"{address}/{OWN}/resident/persons?q=x", {**bearer, "accept": "text/html"})
        html = {**bearer, "accept": "text/html", "content-type": "application/x-www-form-urlencoded"}
        seen["act"] = ask(f"{address}/{OWN}/extraction/templates/1/delete", html, {})
        with psycopg.connect(there.app_dsn) as connection:
            connection.execute(f"SET ROLE {TENANT.role}")
            # Whoever logs in uses up a second factor, here too.
            connection.execute(f"UPDATE {TENANT.schema}.staff_factor SET last_used_at = now()")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"UPDATE {TENANT.schema}.number_counter SET next = 9")
        with psycopg.connect(there.app_dsn) as connection:
            connection.execute(f"SET ROLE {PLATFORM_ROLE}")
            connection.execute("UPDATE yoriai.operator_factor SET last_used_at = now()")
        seen["trail"] = asyncio.run(
            on(there, lambda database: read(database, TENANT, "SELECT count(*) FROM audit_event WHERE staff = 'clerk'"))
        )

    drill = run_drill(main.settings, copy, 12, look=look)
    assert (drill.ok, drill.fits, drill.differing, drill.broken_chains) == (True, True, (), ())
    assert drill.municipalities == 2
    assert drill.rows == sum(count for tables in copy.figures.values() for count, _ in tables.values())
    assert seen["own server"]
    assert seen["refused"] == 401
    assert (seen["page"][0], "縮退運転中(照会のみ)" in seen["page"][1]) == (200, True), "marked on every page"
    assert (seen["act"][0], "縮退運転中のため、照会だけができます" in seen["act"][1]) == (503, True)
    assert seen["trail"] >= 1, "who logs in to the copy is in the copy's trail"
    late = replace(drill, login_seconds=12 * 3600 + 1)
    assert not late.fits
    assert not replace(drill, differing=("yoriai.tenant",)).ok


def test_one_municipality_is_taken_back_to_a_moment_and_no_other_is_touched(
    main: Main, taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = main.settings
    on_main(
        main, lambda database: set_number(database, TENANT, 10), lambda database: set_number(database, NEIGHBOUR, 20)
    )
    on_main(main, lambda database: set_number(database, TENANT, 11))
    moment = now()
    on_main(
        main, lambda database: set_number(database, TENANT, 12), lambda database: set_number(database, NEIGHBOUR, 22)
    )
    # The resident process fetches the log and carries it to the distant site.
    stop = threading.Event()
    streaming = threading.Thread(target=stream, args=(settings.backup_dsn, main.rules.near, main.rules.sites[1:], stop))
    streaming.start()
    try:
        with psycopg.connect(settings.backup_dsn, autocommit=True) as connection:
            while not connection.execute(
                "SELECT 1 FROM pg_replication_slots WHERE slot_name = %s AND active", (SLOT,)
            ).fetchone():
                assert streaming.is_alive()
            row = connection.execute("SELECT pg_create_restore_point('fetched')::text").fetchone()
        assert row
        fetch_until(settings.backup_dsn, main.rules.near.log, row[0])
    finally:
        stop.set()
        streaming.join()
    distant = main.rules.site("遠隔地")
    copy = distant.get_copy(until=moment)
    with pytest.raises(NotFound, match="より前の写し"):
        distant.get_copy(until=taken.copy.finished - timedelta(seconds=1))

    with reading_all(settings.admin_dsn) as connection:
        before = sum_up(connection, [NEIGHBOUR.schema])
    with pytest.raises(Invalid, match="理由"):
        take_back(settings, copy, TENANT, Target(moment=moment), by=SYSTEM, reason=" ", now=now())
    with pytest.raises(NotRestored, match="届いていません"):
        take_back(settings, copy, TENANT, Target(moment=now() + timedelta(days=1)), by=SYSTEM, reason="誤り", now=now())

    async def around(database: Database) -> tuple[int, int]:
        """The same pooled connection before and after: what it had prepared must not lead to the rows put aside."""
        first = await read(database, TENANT, _COUNT)
        await asyncio.to_thread(restore)
        return first, await read(database, TENANT, _COUNT)

    done: dict[str, Any] = {}

    def look(settings: Settings, tenant: TenantRef, folder: Path, parts: Sequence[str | Path]) -> None:
        done["rights"] = [
            folder.stat().st_mode & 0o077,
            *(part.parent == folder for part in parts if isinstance(part, Path)),
        ]
        _put(settings, tenant, folder, parts)

    monkeypatch.setattr(municipality, "_put", look)

    def restore() -> None:
        done["back"] = take_back(
            settings, copy, TENANT, Target(moment=moment), by=SYSTEM, reason="誤った一括更新の取消", now=now()
        )

    assert asyncio.run(on(settings, around)) == (12, 11)
    back = done["back"]
    with psycopg.connect(settings.admin_dsn) as connection:
        rows = connection.execute(
            "SELECT action FROM yoriai.audit_event WHERE action LIKE 'restore.%' ORDER BY seq"
        ).fetchall()
    acts = ("begin", "municipality", "carried", "opened")
    assert rows == [(f"restore.{act}",) for act in acts], "nothing was to be decided"
    assert done["rights"] == [0, True], "the dump of a municipality lies where nobody else reads it"
    assert back.since == {"number.set": 1}, "what was done since is told, to be done again"
    with reading_all(settings.admin_dsn) as connection:
        assert differences(before, sum_up(connection, [NEIGHBOUR.schema])) == []
    assert verify_schema(settings.admin_dsn, TENANT.schema).is_intact
    assert list_kept(settings) == [back.kept_schema]
    with psycopg.connect(settings.app_dsn) as connection:
        connection.execute(f"SET ROLE {TENANT.role}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"SELECT count FROM {back.kept_schema}.resident_daily_close")
    on_main(main, lambda database: set_number(database, TENANT, 13))

    # Somebody who does not come to an end: nothing is half done.
    quick = move_aside(TENANT, f"{TENANT.schema}_kept_2").replace("'30s'", "'100ms'")
    with psycopg.connect(settings.admin_dsn) as connection:
        connection.execute(f"SELECT 1 FROM {TENANT.schema}.staff")
        with pytest.raises(Conflict, match="作業が続いている"):
            _put(settings, TENANT, settings.var, [quick])
    assert asyncio.run(on(settings, lambda database: read(database, TENANT, _COUNT))) == 13
    drop_kept(settings, back.kept_schema, by=SYSTEM)
    assert list_kept(settings) == []
    with psycopg.connect(settings.admin_dsn) as connection:
        for schema in (TENANT.schema, "yoriai"):
            row = connection.execute(
                f"SELECT action, detail ->> 'kept' FROM {schema}.audit_event ORDER BY seq DESC LIMIT 1"
            )
            assert row.fetchone() == ("restore.drop_kept", back.kept_schema), (
                "what is removed for good is in both trails"
            )
    with pytest.raises(NotFound):
        drop_kept(settings, NEIGHBOUR.schema, by=SYSTEM)


def test_old_copies_go_when_newer_ones_are_there_and_the_log_they_needed_with_them(main: Main, taken: Taken) -> None:
    site = Site("三つ目", main.settings.var / "third")
    shutil.copytree(taken.copy.folder, site.folder / taken.copy.copy_id, symlinks=True)
    shutil.copytree(taken.copy.log, site.log)
    later = now() + timedelta(days=2)
    assert site.drop_old(later, 1) == [], "the newest is never removed"
    newer = replace(
        taken.copy,
        copy_id="99990101T000000",
        finished_at=later.isoformat(),
        start_segment="0000000100000000000000FF",
        folder=site.folder / "99990101T000000",
    )
    newer.folder.mkdir()
    newer.save()
    assert site.drop_old(later, 1) == [taken.copy.copy_id]
    assert [copy.copy_id for copy in site.list_copies()] == [newer.copy_id]
    assert [path.name for path in site.log.iterdir() if len(path.name) == 24] == []
    with pytest.raises(NotFound, match="三つ目"):
        site.get_copy(taken.copy.copy_id)


async def set_number(database: Database, tenant: TenantRef, value: int) -> None:
    async with database.write(tenant, SYSTEM) as session:
        statement = text(
            "INSERT INTO resident_daily_close (business_date, item, key, count)"
            " VALUES ('2026-07-01', 'household', 'copied', :value)"
            " ON CONFLICT (business_date, item, key) DO UPDATE SET count = excluded.count"
        )
        await session.execute(statement, {"value": value})
        session.audit(AuditEvent("number.set", "number:copied"))


async def read(database: Database, tenant: TenantRef, statement: str) -> int:
    async with database.read(tenant, SYSTEM) as session:
        return int(await session.fetchval(statement))


async def on(settings: Settings, act: Callable[[Database], Awaitable[R]]) -> R:
    database = Database(settings.app_dsn, size=1)
    try:
        return await act(database)
    finally:
        await database.close()


def on_main(main: Main, *acts: Callable[[Database], Awaitable[Any]]) -> None:
    for act in acts:
        asyncio.run(on(main.settings, act))


def ask(address: str, headers: dict[str, str], body: dict[str, Any] | None = None) -> tuple[int, str]:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(address, data=data, headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
