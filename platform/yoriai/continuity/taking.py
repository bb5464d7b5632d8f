"""Make a copy: base backup, proof, a point of exactly known rows, the log up to it, the copies of the copy, and what is too old."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from yoriai.clock import JAPAN
from yoriai.continuity.archive import carry, ensure_slot, fetch_until
from yoriai.continuity.programs import ProgramFailed, run
from yoriai.continuity.rules import CopyRules
from yoriai.continuity.sites import Copy, verify
from yoriai.database.control import list_schemas, mark_and_read, sum_up
from yoriai.settings import Settings

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Taken:
    """What came of it: the copy, what went wrong at which other site, what was removed where."""

    copy: Copy
    errors: dict[str, str] = field(default_factory=dict)
    removed: dict[str, list[str]] = field(default_factory=dict)


def take_copy(settings: Settings, rules: CopyRules, clock: Clock) -> Taken:
    """Copy the running server without stopping it.

    A site that fails keeps what it had and is named; the copy at the near site is there all the same. Raises ProgramFailed where
    not even that could be made, and leaves nothing behind then.
    """
    begun = clock()
    near = rules.near
    folder = near.folder / f"{begun.astimezone(JAPAN):%Y%m%dT%H%M%S}"
    # Files are given their own narrow rights only when they are whole.
    folder.mkdir(parents=True, mode=0o700)
    try:
        ensure_slot(settings.backup_dsn, near.log)
        copy = _base(settings, near.name, folder, begun, clock)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    copy.save()
    taken = Taken(copy, carry(near.log, rules.sites[1:]))
    for site in rules.sites[1:]:
        if site.name not in taken.errors:
            try:
                site.take_in(copy)
            except (OSError, ProgramFailed, shutil.Error) as error:
                taken.errors[site.name] = str(error)
    for site in rules.sites:
        if site.name not in taken.errors:
            taken.removed[site.name] = site.drop_old(clock(), rules.keep_days)
    return taken


def _base(settings: Settings, site: str, folder: Path, begun: datetime, clock: Clock) -> Copy:
    data = folder / "data"
    run(
        "pg_basebackup",
        "--pgdata",
        str(data),
        "--wal-method=stream",
        "--checkpoint=fast",
        "--manifest-checksums=SHA256",
        "--label",
        f"yoriai {folder.name}",
        "--no-password",
        dsn=settings.backup_dsn,
    )
    verify(data)
    finished = clock()
    with mark_and_read(settings.admin_dsn, settings.backup_dsn, f"yoriai_{folder.name}") as (mark, connection):
        figures = sum_up(connection, list_schemas(connection))
    fetch_until(settings.backup_dsn, folder.parent / "wal", mark.lsn)
    size = sum(path.stat().st_size for path in data.rglob("*") if path.is_file())
    return Copy(
        copy_id=folder.name,
        started_at=begun.isoformat(),
        finished_at=finished.isoformat(),
        start_segment=_start_segment(data),
        mark=mark,
        figures=figures,
        bytes=size,
        folder=folder,
        site=site,
    )


def _start_segment(data: Path) -> str:
    """`START WAL LOCATION: 0/2000028 (file 000000010000000000000002)` of the label."""
    first = (data / "backup_label").read_text(encoding="utf-8").splitlines()[0]
    return first.rpartition("file ")[2].rstrip(")")
