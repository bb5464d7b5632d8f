"""COM-047, the administrator's report: failed logins, refusals, viewing out of hours or in masses, read from the audit trail.

Nothing is kept twice: a finding is what the trail says of one person, one day and one kind of thing. What an administrator has seen
to is an event of the trail, too.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import BaseModel

from yoriai.audit import AuditEvent
from yoriai.calendar.operating import OperatingCalendar
from yoriai.clock import JAPAN
from yoriai.errors import Conflict, FieldError, Invalid
from yoriai.security.policy import policy_of
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader, WriteSession

KINDS: Mapping[str, str] = {
    "login": "ログインの失敗",
    "locked": "ロック",
    "factor": "二要素認証の失敗",
    "refused": "権限のない操作",
    "hours": "時間外の閲覧",
    "mass": "大量の閲覧",
    "taken": "大量の出力・抽出",
    "changed": "二要素認証の登録・変更",
}
LONGEST_DAYS = 366
RECENT = timedelta(days=7)
"""How far back the notice on the first screen looks."""
MOST_EVENTS = 500
_SUBJECT = "security:report"
_SATURDAY = 5
# One pass over the days asked for. $1/$2 moments, $3/$4 hours, $5 days on which the offices are open, $6 roles that work around the
# clock, $7 people, $8 rows.
_EVENTS = """
WITH seen AS (
  SELECT e.seq, e.at, e.staff, e.action, e.subject, e.detail, e.terminal, e.at AT TIME ZONE 'Asia/Tokyo' AS local
  FROM audit_event e WHERE e.at >= $1 AND e.at < $2 AND e.staff <> 'system'
), told AS (
  SELECT s.*, local::date AS day, CASE
    WHEN action IN ('login.refused', 'password.refused') THEN 'login'
    WHEN action = 'account.locked' THEN 'locked'
    WHEN action IN ('factor.refused', 'registration.refused') THEN 'factor'
    WHEN action IN ('access.forbidden', 'access.crossing') THEN 'refused'
    WHEN action IN ('factor.registered', 'factor.ended', 'factor.reset', 'factor.codes', 'registration.issued')
      OR (action = 'factor.accepted' AND detail ->> 'method' = 'recovery') THEN 'changed'
    WHEN action = 'extraction.mass' OR (action = 'list.export' AND (detail ->> 'rows')::bigint >= $8) THEN 'taken'
    WHEN action LIKE '%.view' AND (local::time < $3 OR local::time >= $4 OR local::date <> ALL($5::date[]))
      AND NOT EXISTS (SELECT 1 FROM staff_role r WHERE r.login = s.staff AND r.role = ANY($6::text[])) THEN 'hours'
  END AS kind
  FROM seen s
), mass AS (
  SELECT local::date AS day, staff FROM seen WHERE action LIKE '%.view' AND subject <> ''
  GROUP BY 1, 2 HAVING count(DISTINCT subject) >= $7
), found AS (
  SELECT seq, at, staff, action, subject, detail, terminal, day, kind FROM told WHERE kind IS NOT NULL
  UNION ALL
  SELECT s.seq, s.at, s.staff, s.action, s.subject, s.detail, s.terminal, m.day, 'mass'
  FROM seen s JOIN mass m ON m.staff = s.staff AND m.day = s.local::date WHERE s.action LIKE '%.view' AND s.subject <> ''
)
"""
_FINDINGS = f"""{_EVENTS}
SELECT f.day, f.kind, f.staff, coalesce(a.display_name, '') AS name, coalesce(a.section, '') AS section, count(*) AS count,
  count(DISTINCT f.subject) FILTER (WHERE f.action LIKE '%.view') AS people, min(f.at) AS first_at, max(f.at) AS last_at,
  array_agg(DISTINCT f.terminal) AS terminals, max(f.seq) AS last_seq
FROM found f LEFT JOIN staff a ON a.login = f.staff
WHERE ($9::text = '' OR f.kind = $9::text) AND ($10::text = '' OR f.staff = $10::text)
GROUP BY f.day, f.kind, f.staff, a.display_name, a.section ORDER BY f.day DESC, max(f.seq) DESC
"""  # noqa: S608
_SINGLE = f"""{_EVENTS}
SELECT f.at, f.staff, f.kind, f.action, f.subject, f.terminal, f.detail ->> 'path' AS path, f.detail ->> 'method' AS method,
  f.detail ->> 'cause' AS cause, f.detail ->> 'list' AS list, f.detail ->> 'rows' AS rows
FROM found f WHERE ($9::text = '' OR f.kind = $9::text) AND ($10::text = '' OR f.staff = $10::text)
ORDER BY f.seq LIMIT {MOST_EVENTS + 1}
"""  # noqa: S608
_REVIEW = """
SELECT at, staff, reason, (detail ->> 'until')::bigint AS until FROM audit_event
WHERE subject = $1 AND action = 'security.reviewed' ORDER BY seq DESC LIMIT 1
"""
_HEAD = "SELECT coalesce(max(seq), 0) FROM audit_event"


class Finding(BaseModel):
    """What the trail says of one person on one day: how many events, how many different people seen, from which terminals."""

    day: date
    kind: str
    kind_label: str
    staff: str
    name: str
    section: str
    count: int
    people: int
    first_at: datetime
    last_at: datetime
    terminals: list[str]
    is_new: bool
    """Whether something of it came after the last review."""


class Event(BaseModel):
    """One event of a finding."""

    at: datetime
    staff: str
    kind_label: str
    action: str
    subject: str
    terminal: str
    about: str


class Review(BaseModel):
    """When an administrator has last seen to the report, and in which words."""

    at: datetime
    staff: str
    note: str
    until: int
    """The number of the last event that was in it."""


class Asked(BaseModel):
    """What a report is asked for: days from `since` until `until`, both included; empty `kind` and `staff` are all."""

    since: date
    until: date
    kind: str = ""
    staff: str = ""


def asked_of(since: date | None, until: date | None, kind: str, staff: str, today: date) -> Asked:
    """The question with its defaults: the last seven days. Raises Invalid with all that is wrong."""
    last = until or today
    first = since or last - RECENT + timedelta(days=1)
    errors = []
    if first > last:
        errors.append(FieldError("until", "終わりの日は、はじめの日以後にしてください。", rule="order"))
    elif (last - first).days >= LONGEST_DAYS:
        errors.append(FieldError("since", f"一度に見られるのは{LONGEST_DAYS}日までです。", rule="length"))
    if kind and kind not in KINDS:
        errors.append(FieldError("kind", "選択肢の中から選んでください。", rule="unknown"))
    if errors:
        raise Invalid(fields=errors)
    return Asked(since=first, until=last, kind=kind, staff=staff)


async def list_findings(session: Reader, config: TenantConfig, asked: Asked) -> list[Finding]:
    """The findings, newest day first."""
    review = await find_review(session)
    seen_to = review.until if review else 0
    rows = await session.fetch(_FINDINGS, *_arguments(config, asked))
    return [
        Finding(**{**dict(row), "kind_label": KINDS[row["kind"]], "is_new": row["last_seq"] > seen_to}) for row in rows
    ]


async def list_events(session: Reader, config: TenantConfig, asked: Asked) -> tuple[list[Event], bool]:
    """The single events, oldest first, and whether there are more than are given. Audited: they name who was looked at."""
    rows = await session.fetch(_SINGLE, *_arguments(config, asked))
    detail = {"since": asked.since.isoformat(), "until": asked.until.isoformat(), "kind": asked.kind}
    session.audit(AuditEvent("security.events", f"staff:{asked.staff}" if asked.staff else "", detail=detail))
    events = [
        Event(
            at=row["at"],
            staff=row["staff"],
            kind_label=KINDS[row["kind"]],
            action=row["action"],
            subject=row["subject"],
            terminal=row["terminal"],
            about=_about(row),
        )
        for row in rows[:MOST_EVENTS]
    ]
    return events, len(rows) > MOST_EVENTS


async def find_review(session: Reader) -> Review | None:
    """The last review; None when there was none."""
    row = await session.fetchrow(_REVIEW, _SUBJECT)
    return Review(at=row["at"], staff=row["staff"], note=row["reason"], until=row["until"]) if row else None


async def last_event(session: Reader) -> int:
    """The number of the last event of the trail: up to it a report that is read now has seen everything."""
    return int(await session.fetchval(_HEAD))


async def review(session: WriteSession, until: int, note: str) -> None:
    """Note that the report has been seen to, up to the event. Raises Conflict when another was quicker, Invalid for no event."""
    if until > await last_event(session):
        raise Invalid(
            fields=[FieldError("until", "報告を表示し直してから、もう一度操作してください。", rule="unknown")]
        )
    known = await find_review(session)
    if known and known.until >= until:
        raise Conflict(f"{known.staff} がすでに確認済みにしました。報告を表示し直してください。")
    session.audit(AuditEvent("security.reviewed", _SUBJECT, note, {"until": until}))


async def list_new(session: Reader, config: TenantConfig, today: date) -> list[Finding]:
    """Findings of the last seven days that nobody has seen to yet; second factors merely registered are not among them."""
    asked = asked_of(None, None, "", "", today)
    found = await list_findings(session, config, asked)
    return [finding for finding in found if finding.is_new and finding.kind != "changed"]


def _arguments(config: TenantConfig, asked: Asked) -> Sequence[Any]:
    policy = policy_of(config)
    calendar = OperatingCalendar.of(config.section("calendar"))
    days = [asked.since + timedelta(days=number) for number in range((asked.until - asked.since).days + 1)]
    open_days = [day for day in days if _is_open(calendar, day)]
    return (
        _midnight(asked.since),
        _midnight(asked.until + timedelta(days=1)),
        *policy.hours,
        open_days,
        list(policy.around_the_clock),
        policy.viewed_people,
        policy.exported_rows,
        asked.kind,
        asked.staff,
    )


def _is_open(calendar: OperatingCalendar, day: date) -> bool:
    """A day whose calendar is not settled is open from Monday to Friday: the report must not fail for it."""
    return calendar.is_business_day(day) if calendar.covers(day) else day.weekday() < _SATURDAY


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=JAPAN)


_CAUSES = {
    "wrong_code": "認証コードの誤り",
    "used_before": "使用済みの認証の再使用",
    "wrong_recovery_code": "回復用コードの誤り",
    "wrong_registration_code": "登録コードの誤り",
    "locked": "ロック中の試行",
    "stale_challenge": "時間切れ",
    "unknown_key": "登録のない機器",
    "wrong_signature": "機器の答えの誤り",
}


def _about(row: Mapping[str, Any]) -> str:
    """What was refused, why, or what was taken; never what somebody searched for."""
    if row["path"] and row["rows"] is None:
        return f"{row['method'] or ''} {row['path']}".strip()
    if row["cause"]:
        return _CAUSES.get(row["cause"], str(row["cause"]))
    if row["rows"] is not None:
        return f"{row['list'] or '抽出'} {int(row['rows']):,}件"
    return ""
