"""住民異動による抹消: every new event of the register is looked at once; its people's seals follow from what the register now says.

Which movement it was does not matter: who is no resident any more has no registration, and a seal has to fit the present names.
"""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from modules.resident.seal_registration.figures import figures_of
from modules.resident.seal_registration.rules import PersonNames, text_kind
from modules.resident.seal_registration.states import END_REASONS
from yoriai.jobs import Chunk, ChunkResult, JobContext
from yoriai.rules import Use
from yoriai.tenancy.bulk import BulkWriteSession

_LOOK_BACK = timedelta(days=60)
_NEW = """
SELECT e.id FROM outbox_event e
 WHERE e.topic LIKE 'resident.%' AND e.recorded_at >= $1
   AND NOT EXISTS (SELECT 1 FROM seal_event seen WHERE seen.event_id = e.id)
"""
_LOCK = """
SELECT r.registration_no FROM seal_registration r WHERE r.addressee_no IN (
  SELECT p.addressee_no FROM outbox_event e
   CROSS JOIN LATERAL jsonb_to_recordset(e.payload->'persons') AS p(addressee_no bigint) WHERE e.id = ANY($1::bigint[]))
 ORDER BY r.registration_no FOR UPDATE
"""
_AFFECTED = """
SELECT DISTINCT ON (r.registration_no) r.registration_no, r.seal_text, r.name AS name_before, e.id AS event_id, e.effective_on,
       n.addressee_no IS NOT NULL AS is_resident, n.name, n.name_kana, n.alias, n.former_surname, n.nationality,
       gone.removed_on, gone.removal_reason
  FROM outbox_event e
 CROSS JOIN LATERAL jsonb_to_recordset(e.payload->'persons') AS p(addressee_no bigint)
  JOIN seal_registration_state s ON s.addressee_no = p.addressee_no AND s.superseded_at IS NULL
   AND s.valid_to = '9999-12-31' AND s.status IN ('inquiring', 'active', 'suspended')
  JOIN seal_registration r ON r.registration_no = s.registration_no
  LEFT JOIN fact_resident_name n ON n.addressee_no = p.addressee_no
  LEFT JOIN fact_resident_version gone ON gone.addressee_no = p.addressee_no AND gone.status = 'removed'
   AND gone.valid_to = '9999-12-31'
 WHERE e.id = ANY($1::bigint[]) ORDER BY r.registration_no, e.id DESC
"""
_SEEN = "INSERT INTO seal_event (event_id) SELECT unnest($1::bigint[]) ON CONFLICT DO NOTHING"
_ITEM = """jsonb_to_recordset($1::jsonb) AS x(registration_no bigint, on_day date, end_reason text, reason text, event_id bigint,
 name_before text, name_after text)"""
_ACT = f"""
INSERT INTO seal_act (registration_no, act, state_before, state_after, "on", end_reason, reason, event_id, recorded_at, staff_id)
SELECT x.registration_no, 'end_by_register', s.status, 'ended', x.on_day, x.end_reason, x.reason, x.event_id,
       $2::timestamptz, $3
  FROM {_ITEM} JOIN seal_registration_state s ON s.registration_no = x.registration_no AND s.superseded_at IS NULL
   AND s.valid_to = '9999-12-31'
"""  # noqa: S608
_SUPERSEDE = f"""
UPDATE seal_registration_state s SET superseded_at = $2::timestamptz FROM {_ITEM}
 WHERE s.registration_no = x.registration_no AND s.superseded_at IS NULL AND s.valid_to > x.on_day RETURNING s.id
"""  # noqa: S608
_KEEP_PAST = f"""
INSERT INTO seal_registration_state (registration_no, addressee_no, image_digest, status, end_reason, valid_from, valid_to, act_id,
       recorded_at)
SELECT s.registration_no, s.addressee_no, s.image_digest, s.status, s.end_reason, s.valid_from, x.on_day, s.act_id, $2::timestamptz
  FROM {_ITEM} JOIN seal_registration_state s ON s.registration_no = x.registration_no
 WHERE s.id = ANY($3::bigint[]) AND s.valid_from < x.on_day
"""  # noqa: S608
_ENTER = f"""
INSERT INTO seal_registration_state (registration_no, addressee_no, image_digest, status, end_reason, valid_from, valid_to, act_id,
       recorded_at)
SELECT s.registration_no, s.addressee_no, s.image_digest, 'ended', x.end_reason, x.on_day, '9999-12-31', a.id, $2::timestamptz
  FROM {_ITEM} JOIN seal_registration_state s ON s.registration_no = x.registration_no AND s.id = ANY($3::bigint[])
   AND s.valid_to = '9999-12-31'
  JOIN seal_act a ON a.registration_no = x.registration_no AND a.event_id = x.event_id AND a.recorded_at = $2::timestamptz
"""  # noqa: S608
_RAISE = f"""
UPDATE seal_registration r SET version = r.version + 1 FROM {_ITEM} WHERE r.registration_no = x.registration_no
"""  # noqa: S608
_CLOSE_INQUIRY = f"""
UPDATE seal_inquiry q SET closed_on = greatest(x.on_day, q.sent_on), outcome = 'rejected' FROM {_ITEM}
 WHERE q.registration_no = x.registration_no AND q.closed_on IS NULL
"""  # noqa: S608
_EVENTS = f"""
INSERT INTO outbox_event (topic, key, effective_on, payload)
SELECT 'seal_registration.end_by_register', 'addressee:' || r.addressee_no, x.on_day,
       jsonb_build_object('registration_no', r.registration_no, 'act', 'end_by_register', 'status', 'ended',
                          'end_reason', x.end_reason)
  FROM {_ITEM} JOIN seal_registration r ON r.registration_no = x.registration_no
"""  # noqa: S608
_AUDIT = f"""
SELECT audit_append(coalesce(jsonb_agg(jsonb_build_object(
         'staff', $2::text, 'action', 'seal_registration.act', 'subject', 'addressee:' || r.addressee_no, 'reason', x.reason,
         'detail', jsonb_build_object('registration_no', r.registration_no, 'act', 'end_by_register'), 'terminal', 'batch',
         'request_id', '') ORDER BY r.registration_no), '[]'))::text
  FROM {_ITEM} JOIN seal_registration r ON r.registration_no = x.registration_no
"""  # noqa: S608
_REVIEW = f"""
INSERT INTO seal_review (registration_no, event_id, effective_on, name_before, name_after, recorded_at)
SELECT x.registration_no, x.event_id, x.on_day, x.name_before, x.name_after, $2::timestamptz FROM {_ITEM} ON CONFLICT DO NOTHING
"""  # noqa: S608
_REMOVALS = {"move_out": "moved_out", "death": "died"}
"""Why a 住民票 was removed, as an ending of the registration; any other reason is 住民票の消除."""


def run_following(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """End what no longer may stand, or list it for a judgement; each event is looked at once. The total counts the endings."""
    # The numbers are read once: an event that commits in the meantime is left to the next night, not marked unread.
    new = session.read(_NEW, (context.now - _LOOK_BACK,))["id"].to_list()
    if not new:
        return ChunkResult(rows_in=0, rows_out=0)
    session.read(_LOCK, (new,))
    use = Use(figures_of(context.config, context.business_date))
    endings: list[dict[str, Any]] = []
    reviews: list[dict[str, Any]] = []
    for row in session.read(_AFFECTED, (new,)).iter_rows(named=True):
        if (item := _ending(row, use)) is None:
            continue
        is_judged = item["end_reason"] == "name_changed" and use.text("name_change.action") == "review"
        (reviews if is_judged else endings).append(item)
    if endings:
        _end(session, context, json.dumps(endings, ensure_ascii=False))
    if reviews:
        session.execute(_REVIEW, (json.dumps(reviews, ensure_ascii=False), context.now.isoformat()))
    session.execute(_SEEN, (new,))
    return ChunkResult(rows_in=len(new), rows_out=len(endings) + len(reviews), control_total=len(endings))


def _ending(row: Mapping[str, Any], use: Use) -> dict[str, Any] | None:
    """Why and from which day the registration ends; None when it may stand."""
    if not row["is_resident"]:
        reason = _REMOVALS.get(row["removal_reason"] or "", "removed")
        return _item(row, row["removed_on"] or row["effective_on"], reason, END_REASONS[reason])
    names = PersonNames(
        row["name"], row["alias"], row["former_surname"], row["name_kana"], allows_kana=row["nationality"] != "JPN"
    )
    if text_kind(row["seal_text"], names, use.texts("text.suffixes")):
        return None
    return _item(row, row["effective_on"], "name_changed", f"{row['name_before']} から {row['name']} への変更")


def _item(row: Mapping[str, Any], on: date, end_reason: str, reason: str) -> dict[str, Any]:
    return {
        "registration_no": row["registration_no"],
        "on_day": on.isoformat(),
        "end_reason": end_reason,
        "reason": reason,
        "event_id": row["event_id"],
        "name_before": row["name_before"],
        "name_after": row["name"] or "",
    }


def _end(session: BulkWriteSession, context: JobContext, items: str) -> None:
    now, who = context.now.isoformat(), f"batch:{context.run_key}"
    session.execute(_ACT, (items, now, who))
    superseded = session.read(_SUPERSEDE, (items, now))["id"].to_list()
    session.execute(_KEEP_PAST, (items, now, superseded))
    session.execute(_ENTER, (items, now, superseded))
    session.execute(_RAISE, (items,))
    session.execute(_CLOSE_INQUIRY, (items,))
    session.execute(_EVENTS, (items,))
    session.read(_AUDIT, (items, who))
