"""Where copies are kept (`backup` of `tenants/deployment.yaml`): they are made at the first site, and the others get theirs
from it.

A site is a folder: a disk of its own, or a distant store that the operating system mounts.

    <site>/<copy>/data          a base backup as pg_basebackup makes it, ready to be started
    <site>/<copy>/control.json  when, of what, with which counts and control sums; written last, so a copy without it is none
    <site>/wal                  the log since the oldest copy
"""

import json
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from yoriai.clock import JAPAN
from yoriai.continuity.programs import run
from yoriai.database.control import Figures, Mark
from yoriai.errors import NotFound

_CONTROL = "control.json"


@dataclass(frozen=True)
class Copy:
    """One copy at one site, described by its control file."""

    copy_id: str
    started_at: str
    finished_at: str
    start_segment: str
    """The first segment of the log that its recovery reads."""
    mark: Mark
    figures: Figures
    bytes: int
    folder: Path
    site: str

    @property
    def data(self) -> Path:
        """The base backup."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """The archived log of its site."""
        return self.folder.parent / "wal"

    @property
    def finished(self) -> datetime:
        """From when on a moment can be recovered with it."""
        return datetime.fromisoformat(self.finished_at)

    def save(self) -> None:
        """Write the control file: from now on it is a copy."""
        values = {key: value for key, value in asdict(self).items() if key not in ("folder", "site")}
        path = self.folder / _CONTROL
        path.write_text(json.dumps(values, ensure_ascii=False, indent=1), encoding="utf-8")


@dataclass(frozen=True)
class Site:
    """A folder that keeps copies."""

    name: str
    folder: Path

    @property
    def log(self) -> Path:
        """The archived log."""
        return self.folder / "wal"

    def list_copies(self) -> list[Copy]:
        """The complete copies, the newest first."""
        found = [self._read(path) for path in self.folder.glob(f"*/{_CONTROL}")] if self.folder.is_dir() else []
        return sorted(found, key=lambda copy: copy.copy_id, reverse=True)

    def get_copy(self, copy_id: str = "", *, until: datetime | None = None) -> Copy:
        """The copy of that name; without one the newest, or the newest that was finished by a moment. Raises NotFound."""
        for copy in self.list_copies():
            if (copy_id and copy.copy_id == copy_id) or (not copy_id and (until is None or copy.finished <= until)):
                return copy
        wanted = copy_id or (f"{until.astimezone(JAPAN):%Y-%m-%d %H:%M:%S} より前の写し" if until else "写し")
        raise NotFound(f"{self.name}({self.folder})に {wanted} がありません。yoriai backup list で確かめてください。")

    def take_in(self, copy: Copy) -> Copy:
        """Fetch another site's copy, prove it here, and only then count it; the log goes its own way (`archive`)."""
        target = self.folder / copy.copy_id
        if not (target / _CONTROL).exists():
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir(parents=True, mode=0o700)
            shutil.copytree(copy.data, target / "data", symlinks=True)
            verify(target / "data")
            shutil.copy2(copy.folder / _CONTROL, target / _CONTROL)
        return self._read(target / _CONTROL)

    def drop_old(self, now: datetime, keep_days: int) -> list[str]:
        """Remove copies older than so many days, never the newest, and the log that none of the rest needs; what was removed."""
        copies = self.list_copies()
        kept = [copy for copy in copies if copy is copies[0] or copy.finished > now - timedelta(days=keep_days)]
        gone = [copy for copy in copies if copy not in kept]
        for copy in gone:
            (copy.folder / _CONTROL).unlink()
            shutil.rmtree(copy.folder)
        if kept and self.log.is_dir():
            run("pg_archivecleanup", str(self.log), min(copy.start_segment for copy in kept))
        return [copy.copy_id for copy in gone]

    def _read(self, path: Path) -> Copy:
        values = json.loads(path.read_text(encoding="utf-8"))
        figures = {
            schema: {name: (int(count), str(total)) for name, (count, total) in tables.items()}
            for schema, tables in values.pop("figures").items()
        }
        return Copy(**{**values, "mark": Mark(**values["mark"])}, figures=figures, folder=path.parent, site=self.name)


def verify(data: Path) -> None:
    """Prove every file of a base backup by its checksum, and that its log can be read. Raises ProgramFailed."""
    run("pg_verifybackup", "--quiet", str(data))
