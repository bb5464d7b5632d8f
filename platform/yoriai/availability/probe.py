"""An independent look at the service, again and again, from outside: as a clerk's browser would reach it.

What was seen is kept in a file of the probe's own until the database has it, since the database may be what is down. The probe
belongs on another machine than what it looks at.
"""

import json
import logging
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPException
from pathlib import Path

import psycopg

from yoriai.availability.states import Seen
from yoriai.tenancy.session import probe_connection

_THREADS = 16
_GRACE = 3
"""After so many intervals without a look (the probe's machine slept) the time between was not measured."""
_CODES = "SELECT code FROM tenant WHERE is_active ORDER BY code"
_DELIVER = """
INSERT INTO availability_span (probe, code, since, until, state) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (probe, code, since) DO UPDATE SET until = excluded.until
"""
_log = logging.getLogger(__name__)


@dataclass
class OpenSpan:
    """A span that still grows, or waits to be delivered."""

    code: str
    since: datetime
    until: datetime
    state: Seen

    def to_json(self) -> dict[str, str]:
        """As the spool keeps it."""
        return {
            "code": self.code,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "state": self.state,
        }

    @classmethod
    def of(cls, value: Mapping[str, str]) -> "OpenSpan":
        """From the spool."""
        since, until = datetime.fromisoformat(value["since"]), datetime.fromisoformat(value["until"])
        return cls(value["code"], since, until, Seen(value["state"]))


@dataclass
class Spool:
    """What was seen and is not yet in the database, in a file that survives the probe."""

    path: Path
    interval: timedelta
    codes: list[str] = field(default_factory=list)
    waiting: list[OpenSpan] = field(default_factory=list)
    growing: dict[str, OpenSpan] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path, interval: timedelta) -> "Spool":
        """The spool of that file, or an empty one."""
        spool = cls(path, interval)
        if path.exists():
            value = json.loads(path.read_text(encoding="utf-8"))
            spool.codes = value["codes"]
            spool.waiting = [OpenSpan.of(item) for item in value["waiting"]]
            spool.growing = {item["code"]: OpenSpan.of(item) for item in value["growing"]}
        return spool

    def note(self, code: str, state: Seen, at: datetime) -> None:
        """A look at a moment: it speaks for the time since the last look, unless that was too long ago."""
        known = self.growing.get(code)
        is_near = known is not None and at - known.until <= self.interval * _GRACE
        if known is not None and is_near:
            # A clock that was set back must not end a span before it began: the database would refuse it, and all after it.
            known.until = max(known.until, at)
            if known.state is state:
                return
        if known is not None:
            self.waiting.append(known)
        self.growing[code] = OpenSpan(code, at, at, state)

    def save(self) -> None:
        """Write the file whole."""
        value = {
            "codes": self.codes,
            "waiting": [span.to_json() for span in self.waiting],
            "growing": [span.to_json() for span in self.growing.values()],
        }
        whole = self.path.with_suffix(".new")
        whole.parent.mkdir(parents=True, exist_ok=True)
        whole.write_text(json.dumps(value), encoding="utf-8")
        whole.replace(self.path)

    def deliver(self, dsn: str, probe: str) -> None:
        """Hand over everything and learn which municipalities there are. Raises psycopg.Error while the database is away."""
        with probe_connection(dsn) as connection:
            for span in (*self.waiting, *self.growing.values()):
                connection.execute(_DELIVER, (probe, span.code, span.since, span.until, span.state))
            self.codes = [str(row[0]) for row in connection.execute(_CODES)]
        self.waiting.clear()
        for code in set(self.growing) - set(self.codes):
            del self.growing[code]


def look(address: str, code: str, slow_seconds: int) -> Seen:
    """Ask once whether a municipality is served."""
    begun = time.monotonic()
    try:
        with urllib.request.urlopen(f"{address}/up/{code}", timeout=slow_seconds) as answer:  # noqa: S310 - the operator's own address
            is_copy = bool(json.loads(answer.read())["is_copy"])
    except urllib.error.HTTPError as error:
        with error:
            return Seen.DATABASE if error.code == 503 else Seen.ERROR
    except TimeoutError:
        return Seen.SLOW
    except urllib.error.URLError as error:
        return Seen.SLOW if isinstance(error.reason, TimeoutError) else Seen.NO_ANSWER
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return Seen.NO_ANSWER
    if time.monotonic() - begun > slow_seconds:
        return Seen.SLOW
    return Seen.DEGRADED if is_copy else Seen.UP


def look_at_all(address: str, codes: Iterable[str], slow_seconds: int) -> dict[str, Seen]:
    """One look at each, sixteen at a time."""
    wanted = list(codes)
    with ThreadPoolExecutor(_THREADS) as pool:
        return dict(zip(wanted, pool.map(lambda code: look(address, code, slow_seconds), wanted), strict=True))


def probe_for_ever(
    address: str,
    dsn: str,
    name: str,
    spool: Spool,
    slow_seconds: int,
    clock: Callable[[], datetime],
    stop: threading.Event,
) -> None:
    """Look every interval until `stop` is set; whatever the database does, the looking goes on."""
    while not stop.is_set():
        begun = time.monotonic()
        for code, state in look_at_all(address, spool.codes, slow_seconds).items():
            spool.note(code, state, clock())
        spool.save()
        try:
            spool.deliver(dsn, name)
            spool.save()
        except psycopg.Error as error:
            _log.warning("kept until the database is back: %s", error)
        stop.wait(max(0.0, spool.interval.total_seconds() - (time.monotonic() - begun)))
