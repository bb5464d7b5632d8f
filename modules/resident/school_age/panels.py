"""What a person's page shows of 就学: the school and grade, or what waits to be seen to."""

from modules.resident.basic_register.facts import is_hidden_from_reader
from modules.resident.school_age.codes import CHILD_STATES, PLACEMENTS, WISHES
from modules.resident.school_age.grades import grade_label
from modules.resident.school_age.roll import HIDDEN
from yoriai.tenancy.session import Reader
from yoriai.web.panels import Panel, Status

_CHILD = """
SELECT c.state, c.entry_year, c.wish, c.is_missing, p.kind, p.grade, p.school_name, p.valid_from
  FROM school_age_child c
  LEFT JOIN LATERAL (
    SELECT kind, grade, school_name, valid_from FROM school_age_placement
     WHERE addressee_no = c.addressee_no AND superseded_at IS NULL ORDER BY valid_to DESC, valid_from DESC LIMIT 1
  ) AS p ON true
 WHERE c.addressee_no = $1
"""


async def person_panel(session: Reader, addressee_no: int) -> Panel | None:
    """The child's school; None for who is not on the 学齢簿."""
    row = await session.fetchrow(_CHILD, addressee_no)
    if row is None:
        return None
    href = f"/school_age/children/{addressee_no}"
    label, kind = CHILD_STATES[row["state"]]
    is_open = row["state"] in ("planned", "enrolled")
    items = [{"label": "入学年度", "value": f"{row['entry_year']}年度"}]
    if row["kind"] and is_open:
        is_shut = bool(row["school_name"]) and await is_hidden_from_reader(session, addressee_no)
        items = [
            {"label": "学校", "value": HIDDEN if is_shut else row["school_name"] or PLACEMENTS[row["kind"]]},
            {"label": "学年", "value": grade_label(row["grade"], row["valid_from"])},
            {"label": "区分", "value": PLACEMENTS[row["kind"]]},
        ]
    alerts = []
    if is_open and row["kind"] == "unassigned":
        alerts.append("就学の指定校が決まっていません。")
    if is_open and row["is_missing"]:
        alerts.append("居所不明の児童生徒です。")
    if is_open and row["wish"] == "unknown":
        alerts.append(f"就学: {WISHES['unknown']}です。")
    return Panel("就学", href, Status(label, kind), None, items, alerts)
