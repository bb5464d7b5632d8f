"""What is published for extraction, and the fixed figures of 住基月報 and 年報."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# Unlike the facts these say where protected people live: the extraction masks them itself, in conditions and order too.
_RESIDENT = """
CREATE VIEW extract_resident AS
SELECT r.addressee_no, r.household_no, r.name, r.name_kana, r.kana_confirmed, r.former_surname, r.alias, r.sex, r.birth_date,
       r.birth_date_unknown, r.relationship, r.relationship_text, r.nationality, r.residence_class, r.residence_status,
       r.residence_until, r.foreign_resident_since, r.postcode, r.town_code, t.name AS town_name, r.address, r.building,
       r.address_since, r.previous_address, r.registered_domicile, r.family_register_head, r.became_resident_on, r.status,
       r.planned_removal_on, r.removed_on, r.removal_reason, r.destination, r.valid_from, r.valid_to
  FROM resident_record r LEFT JOIN town t ON t.town_code = r.town_code
 WHERE r.superseded_at IS NULL
"""
_MOVEMENT = """
CREATE VIEW extract_movement AS
SELECT p.addressee_no, m.movement_no, m.reason, m.class, m.event_date, m.notified_on,
       (m.processed_at AT TIME ZONE 'Asia/Tokyo')::date AS processed_on,
       EXISTS (SELECT FROM movement c WHERE c.cancels = m.movement_no OR c.corrects = m.movement_no) AS is_taken_back
  FROM movement_person p JOIN movement m ON m.movement_no = p.movement_no
"""
_NUMBER = """
CREATE VIEW extract_number AS
SELECT addressee_no, max(sealed) FILTER (WHERE kind = 'my_number') AS my_number,
       max(sealed) FILTER (WHERE kind = 'resident_code') AS resident_code
  FROM person_number WHERE superseded_at IS NULL GROUP BY addressee_no
"""

revision: str = "f3a9c1d70b52"
down_revision: str | None = "d15f27f33baf"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "population_report",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fixed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('month', 'calendar_year', 'fiscal_year')", name=op.f("ck_population_report_kind")),
        sa.CheckConstraint("since <= until", name=op.f("ck_population_report_period")),
        sa.PrimaryKeyConstraint("kind", "until", name=op.f("pk_population_report")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_table(
        "population_figure",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("is_foreign", sa.Boolean(), nullable=False),
        sa.Column("persons", sa.BigInteger(), nullable=False),
        sa.Column("households", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["kind", "until"],
            ["population_report.kind", "population_report.until"],
            name=op.f("fk_population_figure_kind_until_population_report"),
        ),
        sa.PrimaryKeyConstraint(
            "kind", "until", "section", "key", "sex", "is_foreign", name=op.f("pk_population_figure")
        ),
        info={"grants": ("SELECT", "INSERT")},
    )
    for view in (_RESIDENT, _MOVEMENT, _NUMBER):
        op.execute(view)


def downgrade() -> None:
    """Take the change back."""
    for name in ("extract_number", "extract_movement", "extract_resident"):
        op.execute(f"DROP VIEW {name}")
    op.drop_table("population_figure")
    op.drop_table("population_report")
