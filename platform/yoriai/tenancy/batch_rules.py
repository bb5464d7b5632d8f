"""What a schema cannot say about calendars, nets and the night: times in order, days within the years settled."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from yoriai import registry
from yoriai.calendar import OperatingCalendar, parse_clock
from yoriai.errors import FieldError
from yoriai.jobs import JobNet


def check_batch(document: Mapping[str, Any]) -> Iterator[FieldError]:
    """The mistakes of a tenant file's `calendar` and `batch`; the document has the schema's shape."""
    yield from _calendar_errors(document.get("calendar") or {})
    batch = document.get("batch") or {}
    yield from _blackout_errors(batch, "batch.blackouts")
    adjusted = batch.get("nets") or {}
    for net in _declared_nets() if adjusted else ():
        if net.name in adjusted:
            yield from _net_errors(net, adjusted[net.name], f"batch.nets.{net.name}")


def check_deployment(document: Mapping[str, Any]) -> Iterator[FieldError]:
    """The mistakes of the deployment file's keys about the night; the document has the schema's shape."""
    window = document["window"]
    if parse_clock(window["start"]) > parse_clock(window["end"]):
        yield FieldError("window.end", "夜の終わりが始まりより前です。翌朝6時は30:00と書きます。", rule="order")
    yield from _blackout_errors(document, "blackouts")
    mail = document.get("mail") or {}
    if mail.get("login") and mail.get("security", "none") == "none":
        message = "login を使うときは security を starttls か tls にしてください。パスワードが暗号化されずに流れます。"
        yield FieldError("mail.security", message, rule="unencrypted")
    known = document["capacity"]
    last = parse_clock(window["start"])
    for number, step in enumerate(document.get("capacity_steps") or ()):
        path = f"capacity_steps[{number}]"
        for name in step:
            if name != "from" and name not in known:
                yield FieldError(
                    f"{path}.{name}", f"資源「{name}」の量が capacity にありません。", rule="unknown_resource"
                )
        at = parse_clock(step["from"])
        if at <= last:
            yield FieldError(f"{path}.from", "夜の始まりと前の段より後の時刻にしてください。", rule="order")
        last = at


def _calendar_errors(section: Mapping[str, Any]) -> Iterator[FieldError]:
    calendar = OperatingCalendar.of(section)
    for name in ("closing_days", "opening_days"):
        for number, text in enumerate(section.get(name) or ()):
            if not calendar.covers(date.fromisoformat(text)):
                message = f"{text} の年度が fiscal_years にありません。"
                yield FieldError(f"calendar.{name}[{number}]", message, rule="fiscal_year")
    for number, text in enumerate(section.get("opening_days") or ()):
        if date.fromisoformat(text) in calendar.closed:
            yield FieldError(f"calendar.opening_days[{number}]", f"{text} は閉庁日にもあります。", rule="both")


def _net_errors(net: JobNet, adjusted: Mapping[str, Any], path: str) -> Iterator[FieldError]:
    if "day" in adjusted and "calendar" in adjusted:
        yield FieldError(f"{path}.day", "day と calendar は一方だけを書いてください。", rule="both")
    per_job: Mapping[str, Mapping[str, Any]] = adjusted.get("jobs") or {}
    reported: set[str] = set()
    for job in net.jobs:
        own = per_job.get(job.name) or {}
        release = own.get("release") or adjusted.get("release") or job.release
        deadline = own.get("deadline") or adjusted.get("deadline") or job.deadline
        place = f"{path}.jobs.{job.name}" if own.keys() & {"release", "deadline"} else path
        if place not in reported and parse_clock(deadline) < parse_clock(release):
            reported.add(place)
            key = "deadline" if "deadline" in (own if place != path else adjusted) else "release"
            message = f"{net.name} の {job.name}: 打切時刻 {deadline} が開始可能時刻 {release} より前です。"
            yield FieldError(f"{place}.{key}", message, rule="deadline_before_release")


def _blackout_errors(section: Mapping[str, Any], path: str) -> Iterator[FieldError]:
    for number, blackout in enumerate(section.get("blackouts") or ()):
        if parse_clock(blackout["end"]) <= parse_clock(blackout["start"]):
            message = f"終わり {blackout['end']} が始まり {blackout['start']} より後ではありません。"
            yield FieldError(f"{path}[{number}].end", message, rule="order")


def _declared_nets() -> Iterator[JobNet]:
    for business in registry.businesses():
        if business.jobs:
            yield from registry.load(business.jobs)
