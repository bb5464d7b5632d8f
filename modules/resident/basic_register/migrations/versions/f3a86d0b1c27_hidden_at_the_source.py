"""What the register publishes hides protected people's places itself; the open views are named `sealed_…` and readable by few."""

from collections.abc import Sequence

from alembic import op

_MASK = "（支援措置により表示できません）"
# Who is hidden, by which protection: its subjects, and whoever is or was known in the household they live in. `is_lifted` while
# every protection that covers the person is lifted: a lift for one of two must not open the other's address.
_SUBJECT = """
SELECT s.addressee_no, p.hides_from_search, p.protection_no,
       coalesce((SELECT max(l.until) FROM protection_lift l WHERE l.protection_no = p.protection_no) > now(), false) AS is_lifted
  FROM protection p JOIN protection_subject s ON s.protection_no = p.protection_no
 WHERE p.superseded_at IS NULL AND p.released_on IS NULL AND p.hides_address"""
_HIDDEN = f"""
CREATE OR REPLACE VIEW fact_hidden_person AS
SELECT hidden.addressee_no, bool_or(hidden.is_concealed) AS is_concealed, bool_and(hidden.is_lifted) AS is_lifted
  FROM (SELECT addressee_no, hides_from_search AS is_concealed, is_lifted FROM ({_SUBJECT}) subject
         UNION ALL
        SELECT mate.addressee_no, subject.hides_from_search AND mate.valid_to = '9999-12-31' AND mate.status <> 'removed',
               subject.is_lifted
          FROM ({_SUBJECT}) subject
          JOIN resident_record own ON own.addressee_no = subject.addressee_no AND own.superseded_at IS NULL
           AND own.valid_to = '9999-12-31'
          JOIN resident_record mate ON mate.household_no = own.household_no AND mate.superseded_at IS NULL) hidden
 GROUP BY hidden.addressee_no
"""  # noqa: S608 – constants only
_JOIN = "LEFT JOIN fact_hidden_person h ON h.addressee_no = r.addressee_no"


def _shut(column: str, masked: str = "NULL", *, lift: bool = False) -> str:
    """A column that says nothing of hidden people; with `lift` it does while they are lifted."""
    shown = "h.addressee_no IS NULL" + (" OR h.is_lifted" if lift else "")
    return f"CASE WHEN {shown} THEN r.{column} ELSE {masked} END AS {column}"


def _address(*, lift: bool = False) -> str:
    return _shut("address", f"'{_MASK}'", lift=lift)


_RESIDENT = """
CREATE OR REPLACE VIEW fact_resident AS
SELECT r.addressee_no, r.household_no, r.name, r.name_kana, r.birth_date, r.birth_date_unknown, r.sex,
       r.relationship = '02' AS is_head, r.relationship, r.relationship_text, {town}, {postcode}, {address}, {building},
       r.nationality, r.became_resident_on, r.address_since, r.status, r.planned_removal_on, h.addressee_no IS NOT NULL AS is_hidden
  FROM resident_record r {join}
 WHERE r.superseded_at IS NULL AND r.valid_to = '9999-12-31' AND r.status <> 'removed'
"""
_PERIOD = """
CREATE OR REPLACE VIEW fact_resident_period AS
SELECT r.addressee_no, r.household_no, r.name, r.name_kana, r.birth_date, r.sex, r.nationality, r.relationship = '02' AS is_head,
       {town}, {postcode}, {address}, {building}, r.became_resident_on, r.address_since, r.status, r.removed_on,
       r.removal_reason, r.planned_removal_on, {destination}, r.valid_from, r.valid_to, h.addressee_no IS NOT NULL AS is_hidden
  FROM resident_record r {join}
 WHERE r.superseded_at IS NULL
"""
_VERSION = """
CREATE OR REPLACE VIEW fact_resident_version AS
SELECT r.addressee_no, r.household_no, r.birth_date, r.sex, r.relationship = '02' AS is_head, r.relationship, {town},
       r.nationality, r.became_resident_on, r.status, r.removed_on, r.removal_reason, r.valid_from, r.valid_to
  FROM resident_record r {join}
 WHERE r.superseded_at IS NULL
"""
_MAILING_COLUMNS = """
SELECT r.addressee_no, {postcode}, {address}, {building}, h.addressee_no IS NOT NULL AS is_hidden
  FROM resident_record r {join}
 WHERE r.superseded_at IS NULL AND r.valid_to = '9999-12-31'
"""
_SHEET_COLUMNS = """
SELECT r.addressee_no, r.household_no, r.name, r.name_kana, r.name_fold, r.gram, r.alias, r.former_surname, r.birth_date,
       r.birth_date_unknown, r.sex, r.nationality, r.relationship, r.relationship_text, {town}, {postcode}, {address},
       {building}, {previous}, {domicile}, r.family_register_head, r.became_resident_on, r.address_since,
       r.status, r.removed_on, r.removal_reason, r.planned_removal_on, {destination}, r.valid_from, r.valid_to, r.movement_no,
       m.reason AS movement_reason, m.class AS movement_class, m.event_date, m.notified_on, r.sheet_no, r.kana_confirmed,
       r.residence_class, r.residence_status, r.residence_period, r.residence_until, r.residence_card_no,
       r.foreign_resident_since
  FROM resident_record r {join}
  LEFT JOIN movement m ON m.movement_no = r.movement_no
 WHERE r.superseded_at IS NULL
"""
_COLUMNS = {
    "town": "town_code",
    "postcode": "postcode",
    "building": "building",
    "destination": "destination",
    "previous": "previous_address",
    "domicile": "registered_domicile",
}
_OPEN = {key: f"r.{column}" for key, column in _COLUMNS.items()} | {"address": "r.address", "join": ""}
_SHUT = {key: _shut(column) for key, column in _COLUMNS.items()} | {"address": _address(), "join": _JOIN}
_LIFTABLE = {key: _shut(column, lift=True) for key, column in _COLUMNS.items()} | {
    "address": _address(lift=True),
    "join": _JOIN,
}

revision: str = "f3a86d0b1c27"
down_revision: str | None = "b81d5e2f90a7"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.execute(_HIDDEN)
    op.execute(_RESIDENT.format(**_SHUT))
    op.execute(_PERIOD.format(**_SHUT))
    op.execute(_VERSION.format(**_SHUT))
    op.execute("CREATE OR REPLACE VIEW fact_mailing_address AS" + _MAILING_COLUMNS.format(**_LIFTABLE))
    op.execute("CREATE VIEW sealed_mailing_address AS" + _MAILING_COLUMNS.format(**_OPEN | {"join": _JOIN}))
    op.execute("CREATE OR REPLACE VIEW fact_resident_sheet AS" + _SHEET_COLUMNS.format(**_LIFTABLE))
    op.execute("CREATE VIEW sealed_resident_sheet AS" + _SHEET_COLUMNS.format(**_OPEN))


def downgrade() -> None:
    """Take the change back."""
    op.execute("DROP VIEW sealed_resident_sheet")
    op.execute("CREATE OR REPLACE VIEW fact_resident_sheet AS" + _SHEET_COLUMNS.format(**_OPEN))
    op.execute("DROP VIEW sealed_mailing_address")
    op.execute("CREATE OR REPLACE VIEW fact_mailing_address AS" + _MAILING_COLUMNS.format(**_OPEN | {"join": _JOIN}))
    op.execute(_VERSION.format(**_OPEN))
    unhidden_town = _SHUT | {"town": "r.town_code"}
    op.execute(_RESIDENT.format(**unhidden_town))
    op.execute(_PERIOD.format(**unhidden_town))
    # `is_lifted` stays in fact_hidden_person: a column of a view is not taken away without all that read it.
