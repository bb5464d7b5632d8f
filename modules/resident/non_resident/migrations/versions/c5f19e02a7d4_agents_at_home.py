"""Whether the agent of a 送付先 lives here: the address of somebody at home does not name the municipality."""

from collections.abc import Sequence

from alembic import op

_COLUMNS = """
SELECT d.id, d.addressee_no, d.business, d.valid_from, d.valid_to, d.kind <> 'mailing' AS is_agent,
       array_position(ARRAY['trustee', 'guardian', 'heir', 'tax_agent', 'mailing'], d.kind) AS rank,
       CASE d.kind WHEN 'trustee' THEN '破産管財人' WHEN 'guardian' THEN '成年後見人' WHEN 'heir' THEN '相続人代表'
                   WHEN 'tax_agent' THEN '納税管理人' ELSE '送付先' END AS role,
       coalesce(a.name, d.name) AS name, CASE WHEN a.addressee_no IS NULL THEN d.postcode ELSE a.postcode END AS postcode,
       CASE WHEN a.addressee_no IS NULL THEN d.address ELSE a.address END AS address,
       CASE WHEN a.addressee_no IS NULL THEN d.building ELSE a.building END AS building"""
_FROM = """
  FROM mailing_destination d LEFT JOIN fact_addressee a ON a.addressee_no = d.agent_no
 WHERE d.superseded_at IS NULL
"""

revision: str = "c5f19e02a7d4"
down_revision: str | None = "c4a81e60d2f7"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    is_home = ", coalesce(a.standing = 'resident', false) AS is_home"
    op.execute(f"CREATE OR REPLACE VIEW fact_destination AS {_COLUMNS}{is_home}{_FROM}")


def downgrade() -> None:
    """Undo the change."""
    op.execute("DROP VIEW fact_destination")
    op.execute(f"CREATE VIEW fact_destination AS {_COLUMNS}{_FROM}")
