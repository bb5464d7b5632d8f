"""The register's day: who came, went, moved or died, brought to the 学齢簿 (学校教育法施行令3条、6条).

What an event says is only whom to look at; what is written is how the register stands now, so that a taken-back 転出 or any other
movement comes out right, whatever it is called.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from modules.resident.school_age.placements import CLOSE
from modules.resident.school_age.placing import Place, designated, figures_of, judge
from modules.resident.school_age.roll import CHILDREN, entry_day
from modules.resident.school_age.settings import SchoolSettings, read_settings
from yoriai.dates import OPEN_END, fiscal_year_of
from yoriai.jobs import Chunk, ChunkResult, JobContext, RowError
from yoriai.tenancy.bulk import BulkWriteSession

_LOOK_BACK = timedelta(days=60)
_NEW = """
SELECT e.id, p.addressee_no, e.effective_on
  FROM outbox_event e CROSS JOIN LATERAL jsonb_to_recordset(e.payload->'persons') AS p(addressee_no bigint)
 WHERE e.topic LIKE 'resident.%' AND e.topic <> 'resident.move_out_planned' AND e.recorded_at >= $1
   AND NOT EXISTS (SELECT 1 FROM school_age_event seen WHERE seen.event_id = e.id)
"""
_NOW = """
SELECT r.addressee_no, r.birth_date, r.nationality, m.address
  FROM fact_resident r JOIN sealed_mailing_address m ON m.addressee_no = r.addressee_no WHERE r.addressee_no = ANY($1::bigint[])
"""
_GONE = """
SELECT DISTINCT ON (addressee_no) addressee_no, removed_on, removal_reason FROM fact_resident_period
 WHERE addressee_no = ANY($1::bigint[]) AND status = 'removed' ORDER BY addressee_no, valid_from DESC
"""
_CHILDREN = f"{CHILDREN} WHERE c.addressee_no = ANY($2::bigint[])"
_EXTRACTED = "SELECT max(entry_year) FROM school_age_year"
_SEEN = "INSERT INTO school_age_event (event_id) SELECT unnest($1::bigint[]) ON CONFLICT DO NOTHING"
_STATE = "UPDATE school_age_child SET state = $1, version = version + 1 WHERE addressee_no = $2"


class _Night:
    """What one night's run collects before it writes."""

    def __init__(self, session: BulkWriteSession, context: JobContext) -> None:
        self.session, self.context = session, context
        self.who = f"batch:{context.run_key}"
        self.settings: SchoolSettings = read_settings(context.config)
        self.rows: dict[str, list[dict[str, Any]]] = {
            "school_age_child": [],
            "school_age_placement": [],
            "school_age_act": [],
        }
        self.errors: list[RowError] = []
        self.changed = 0

    def come(self, person: Mapping[str, Any], judged: Mapping[str, Any], on: date, *, is_known: bool) -> None:
        """A child within the school age who has moved in, or come back."""
        state = "enrolled" if judged["grade"] else "planned"
        number = person["addressee_no"]
        if is_known:
            self.session.execute(_STATE, (state, number))
        else:
            wish = "none" if person["nationality"] == "JPN" else "unknown"
            child = {"addressee_no": number, "entry_year": judged["entry_year"], "state": state, "wish": wish}
            self.rows["school_age_child"].append(child | {"made_on": on, "staff_id": self.who})
        since = on if judged["grade"] else max(on, entry_day(judged["entry_year"]))
        grade = judged["grade"] or 1
        place = designated(person["address"], grade, since, self.settings)
        self.place(number, place, grade, "転入による指定", since)
        self.note(number, "return" if is_known else "transfer_in", on, "", place.school_name or "指定校未定")
        if place.kind == "unassigned":
            self.errors.append(RowError(f"addressee:{number}", "住所に合う通学区域がありません。"))

    def go(self, child: Mapping[str, Any], gone: Mapping[str, Any], on: date) -> None:
        """A child who has left the register."""
        last = gone.get("removed_on") or on
        is_moved = gone.get("removal_reason") == "move_out"
        state, act = ("left", "leave") if is_moved else ("removed", "remove")
        self.session.execute(_STATE, (state, child["addressee_no"]))
        self.session.execute(CLOSE, (self.context.now, [child["addressee_no"]], last, self.who))
        self.note(child["addressee_no"], act, last, child["school_name"], "")

    def move(self, child: Mapping[str, Any], person: Mapping[str, Any], on: date) -> None:
        """A child who has moved within: the district's school, unless an approval lets it stay."""
        if child["kind"] not in ("municipal", "unassigned"):
            return
        since = max(on, child["valid_from"] or on)
        place = designated(person["address"], child["grade"], since, self.settings)
        if place.school_code == child["school_code"]:
            return
        number = child["addressee_no"]
        if child["basis"] not in ("指定", "転入による指定", "転居による指定", "進級", ""):
            text = f"{child['basis']}により{child['school_name']}に在籍しています。転居後も続けるか確かめてください。"
            self.errors.append(RowError(f"addressee:{number}", text))
            return
        self.session.execute(CLOSE, (self.context.now, [number], since - timedelta(days=1), self.who))
        self.place(number, place, child["grade"] or 1, "転居による指定", since)
        self.note(number, "address", on, child["school_name"], place.school_name or "指定校未定")

    def place(self, number: int, place: Place, grade: int, basis: str, since: date) -> None:
        """A placement from the day on."""
        row = {"addressee_no": number, "kind": place.kind, "grade": grade, "school_code": place.school_code}
        period = {"school_name": place.school_name, "basis": basis, "valid_from": since, "valid_to": OPEN_END}
        self.rows["school_age_placement"].append(row | period | {"staff_id": self.who})

    def note(self, number: int, act: str, on: date, before: str, after: str) -> None:
        """The act behind it."""
        row = {"addressee_no": number, "act": act, "on": on, "before": before, "after": after, "staff_id": self.who}
        self.rows["school_age_act"].append(row)
        self.changed += 1

    def write(self) -> None:
        """What was collected, in the order of the foreign keys."""
        for table, rows in self.rows.items():
            self.session.append(table, pl.DataFrame(rows, infer_schema_length=None))


def run_movements(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """Look at the events nobody has looked at yet; children who came, went or moved."""
    # The numbers are read once: an event that commits in the meantime is left to the next night, not marked unread.
    new = session.read(_NEW, (context.now - _LOOK_BACK,)).to_dicts()
    if not new:
        return ChunkResult(rows_in=0, rows_out=0)
    days: dict[int, date] = {}
    for event in new:
        days[event["addressee_no"]] = max(event["effective_on"], days.get(event["addressee_no"], date.min))
    numbers = sorted(days)
    night = _Night(session, context)
    residents = {row["addressee_no"]: row for row in session.read(_NOW, (numbers,)).iter_rows(named=True)}
    children = {
        row["addressee_no"]: row
        for row in session.read(_CHILDREN, (context.business_date, numbers)).iter_rows(named=True)
    }
    gone = {row["addressee_no"]: row for row in session.read(_GONE, (numbers,)).iter_rows(named=True)}
    judged = judge(residents.values(), context.business_date, figures_of(context.config, context.business_date))
    last_year = session.read(_EXTRACTED).item() or fiscal_year_of(context.business_date)
    for number in numbers:
        person, child = residents.get(number), children.get(number)
        if person is None:
            if child and child["state"] in ("planned", "enrolled"):
                night.go(child, gone.get(number, {}), days[number])
        elif child is None or child["state"] in ("left", "removed"):
            grade, year = judged[number]["grade"], judged[number]["entry_year"]
            is_coming = fiscal_year_of(context.business_date) < year <= last_year
            if grade or is_coming:
                night.come(person, judged[number], days[number], is_known=child is not None)
        elif child["state"] in ("planned", "enrolled"):
            night.move(child, person, days[number])
    night.write()
    session.execute(_SEEN, (sorted({event["id"] for event in new}),))
    return ChunkResult(len(days), night.changed, len(night.errors), night.changed, tuple(night.errors))
