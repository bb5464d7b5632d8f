"""転出確定: those whose planned day has passed become 除票, and those who stay get the 続柄 named with the notice.

The same versions as `movements.writer` writes, as a handful of set operations: a day's departures of a city in one transaction.
"""

from datetime import date, datetime

from yoriai.tenancy.bulk import BulkWriteSession

# Whose plan a planned 続柄 belongs to: the last one of somebody who leaves. Their 住民票 may have changed since it was announced.
_PLAN = """
SELECT max(mp.movement_no) FROM movement_person mp JOIN movement pm ON pm.movement_no = mp.movement_no
 WHERE mp.addressee_no = leaving.addressee_no AND pm.reason = 'move_out_planned'"""
_DUE_DAYS = """
SELECT DISTINCT planned_removal_on AS day FROM resident_record
 WHERE superseded_at IS NULL AND valid_to = '9999-12-31' AND status = 'move_out_planned' AND planned_removal_on <= $1
 ORDER BY 1"""
_HOUSEHOLDS = """
SELECT count(DISTINCT household_no) FROM resident_record
 WHERE superseded_at IS NULL AND valid_to = '9999-12-31' AND status = 'move_out_planned' AND planned_removal_on = $1"""
_ALLOCATE = """
INSERT INTO number_counter (kind, next) VALUES ('movement', 1 + $1)
ON CONFLICT (kind) DO UPDATE SET next = number_counter.next + $1"""
_NEXT = "SELECT next FROM number_counter WHERE kind = 'movement'"
_MOVEMENTS = """
INSERT INTO movement (movement_no, reason, class, event_date, notified_on, processed_at, staff_id, household_no, note)
SELECT $2 - row_number() OVER (ORDER BY household_no DESC), 'move_out', 'ex_officio', $1, $1, $3::timestamptz, $4, household_no,
       '転出予定日の経過による確定'
  FROM (SELECT DISTINCT household_no FROM resident_record
         WHERE superseded_at IS NULL AND valid_to = '9999-12-31' AND status = 'move_out_planned'
           AND planned_removal_on = $1) due"""
_SUPERSEDE = f"""
UPDATE resident_record r SET superseded_at = $2::timestamptz
 WHERE r.superseded_at IS NULL AND r.valid_to = '9999-12-31' AND r.status <> 'removed'
   AND r.household_no IN (SELECT household_no FROM resident_record WHERE superseded_at IS NULL AND valid_to = '9999-12-31'
                             AND status = 'move_out_planned' AND planned_removal_on = $1)
   AND ((r.status = 'move_out_planned' AND r.planned_removal_on = $1)
     OR EXISTS (SELECT 1 FROM planned_relationship p JOIN resident_record leaving ON p.movement_no = ({_PLAN})
                 WHERE p.addressee_no = r.addressee_no AND p.relationship <> r.relationship AND leaving.superseded_at IS NULL
                   AND leaving.valid_to = '9999-12-31' AND leaving.status = 'move_out_planned'
                   AND leaving.planned_removal_on = $1 AND leaving.household_no = r.household_no))
RETURNING id"""  # noqa: S608 – constants only
_KEEP_PAST = """
INSERT INTO resident_record (addressee_no, household_no, name, name_kana, name_fold, kana_fold, gram, other_fold, alias,
       former_surname, birth_date, birth_date_unknown, sex, nationality, relationship, relationship_text, town_code, postcode,
       address, building, kana_confirmed, residence_class, residence_status, residence_period, residence_until,
       residence_card_no, foreign_resident_since, sheet_no, previous_address, registered_domicile, family_register_head,
       became_resident_on, address_since,
       status, removed_on, removal_reason, planned_removal_on, destination, version, valid_from, valid_to, recorded_at,
       movement_no)
SELECT o.addressee_no, o.household_no, o.name, o.name_kana, o.name_fold, o.kana_fold, o.gram, o.other_fold, o.alias,
       o.former_surname, o.birth_date, o.birth_date_unknown, o.sex, o.nationality, o.relationship, o.relationship_text,
       o.town_code, o.postcode, o.address, o.building, o.kana_confirmed, o.residence_class, o.residence_status, o.residence_period,
       o.residence_until, o.residence_card_no, o.foreign_resident_since, o.sheet_no, o.previous_address,
       o.registered_domicile, o.family_register_head,
       o.became_resident_on, o.address_since, o.status, o.removed_on, o.removal_reason, o.planned_removal_on, o.destination,
       o.version, o.valid_from, $1, $2::timestamptz, o.movement_no
  FROM resident_record o WHERE o.id = ANY($3::bigint[]) AND o.valid_from < $1"""
_WRITE_NEXT = f"""
INSERT INTO resident_record (addressee_no, household_no, name, name_kana, name_fold, kana_fold, gram, other_fold, alias,
       former_surname, birth_date, birth_date_unknown, sex, nationality, relationship, relationship_text, town_code, postcode,
       address, building, kana_confirmed, residence_class, residence_status, residence_period, residence_until,
       residence_card_no, foreign_resident_since, sheet_no, previous_address, registered_domicile, family_register_head,
       became_resident_on, address_since,
       status, removed_on, removal_reason, planned_removal_on, destination, version, valid_from, valid_to, recorded_at,
       movement_no)
SELECT o.addressee_no, o.household_no, o.name, o.name_kana, o.name_fold, o.kana_fold, o.gram, o.other_fold, o.alias,
       o.former_surname, o.birth_date, o.birth_date_unknown, o.sex, o.nationality,
       coalesce(p.relationship, o.relationship), coalesce(p.relationship_text, o.relationship_text), o.town_code, o.postcode,
       o.address, o.building, o.kana_confirmed, o.residence_class, o.residence_status, o.residence_period,
       o.residence_until, o.residence_card_no, o.foreign_resident_since, o.sheet_no, o.previous_address,
       o.registered_domicile, o.family_register_head, o.became_resident_on,
       o.address_since, CASE WHEN l.leaves THEN 'removed' ELSE o.status END, CASE WHEN l.leaves THEN $1 END,
       CASE WHEN l.leaves THEN 'move_out' END, CASE WHEN NOT l.leaves THEN o.planned_removal_on END, o.destination,
       o.version + 1, greatest(o.valid_from, $1), '9999-12-31', $2::timestamptz, m.movement_no
  FROM resident_record o
 CROSS JOIN LATERAL (SELECT o.status = 'move_out_planned' AND o.planned_removal_on = $1 AS leaves) l
  JOIN movement m ON m.household_no = o.household_no AND m.movement_no >= $3 AND m.movement_no < $4
  LEFT JOIN LATERAL (
       SELECT pr.relationship, pr.relationship_text FROM planned_relationship pr
         JOIN resident_record leaving ON pr.movement_no = ({_PLAN}) AND leaving.household_no = o.household_no
          AND leaving.id = ANY($5::bigint[])
        WHERE pr.addressee_no = o.addressee_no AND NOT l.leaves ORDER BY pr.movement_no DESC LIMIT 1) p ON true
 WHERE o.id = ANY($5::bigint[])"""  # noqa: S608 – constants only
_PERSONS = """
INSERT INTO movement_person (movement_no, addressee_no, before_record_id, after_record_id)
SELECT n.movement_no, n.addressee_no, o.id, n.id FROM resident_record n
  JOIN resident_record o ON o.addressee_no = n.addressee_no AND o.id = ANY($1::bigint[])
 WHERE n.movement_no >= $2 AND n.movement_no < $3 AND n.superseded_at IS NULL"""
_TOUCH = """
UPDATE household SET version = version + 1
 WHERE household_no IN (SELECT household_no FROM movement WHERE movement_no >= $1 AND movement_no < $2)"""
_EVENTS = """
INSERT INTO outbox_event (topic, key, effective_on, payload)
SELECT 'resident.moved_out', 'household:' || m.household_no, m.event_date, jsonb_build_object(
         'movement_no', m.movement_no, 'household_no', m.household_no, 'households', jsonb_build_array(m.household_no),
         'persons', jsonb_agg(jsonb_build_object(
           'addressee_no', r.addressee_no, 'household_no', r.household_no, 'relationship', r.relationship,
           'birth_date', r.birth_date, 'sex', r.sex, 'nationality', r.nationality,
           'status', r.status, 'removed_on', r.removed_on, 'planned_removal_on', r.planned_removal_on)
           ORDER BY r.addressee_no))
  FROM movement m JOIN resident_record r ON r.movement_no = m.movement_no AND r.status = 'removed'
 WHERE m.movement_no >= $1 AND m.movement_no < $2 GROUP BY m.movement_no"""
_AUDIT = """
SELECT audit_append(coalesce(jsonb_agg(jsonb_build_object(
         'staff', m.staff_id, 'action', 'resident.movement', 'subject', 'addressee:' || p.addressee_no, 'reason', '',
         'detail', jsonb_build_object('movement_no', m.movement_no, 'reason', m.reason), 'terminal', 'batch',
         'request_id', '') ORDER BY m.movement_no, p.addressee_no), '[]'))::text
  FROM movement m JOIN movement_person p ON p.movement_no = m.movement_no
 WHERE m.movement_no >= $1 AND m.movement_no < $2"""


def confirm_departures(session: BulkWriteSession, until: date, now: datetime, staff_id: str) -> int:
    """Remove everybody whose planned day of leaving is `until` or earlier; the number of movements written."""
    days = session.read(_DUE_DAYS, (until,))["day"].to_list()
    return sum(_confirm_day(session, day, now.isoformat(), staff_id) for day in days)


def _confirm_day(session: BulkWriteSession, day: date, now: str, staff_id: str) -> int:
    households = session.read(_HOUSEHOLDS, (day,)).item()
    session.execute(_ALLOCATE, (households,))
    end = session.read(_NEXT).item()
    first = end - households
    session.execute(_MOVEMENTS, (day, end, now, staff_id))
    ended = "{" + ",".join(map(str, session.read(_SUPERSEDE, (day, now))["id"])) + "}"
    session.execute(_KEEP_PAST, (day, now, ended))
    session.execute(_WRITE_NEXT, (day, now, first, end, ended))
    session.execute(_PERSONS, (ended, first, end))
    session.execute(_TOUCH, (first, end))
    session.execute(_EVENTS, (first, end))
    session.read(_AUDIT, (first, end))
    return int(households)
