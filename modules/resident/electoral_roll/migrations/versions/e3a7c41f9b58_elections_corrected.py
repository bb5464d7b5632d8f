"""An election may be corrected or called off before its list is made; 不在者投票 at the own municipality."""

from collections.abc import Sequence

from alembic import op

revision: str = "e3a7c41f9b58"
down_revision: str | None = "c91d5a7e3b26"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_CHECKS = (
    (
        "election",
        "ck_election_status",
        "status in ('planned', 'fixed', 'early_closed'{})",
        ", 'cancelled'",
    ),
    ("absentee_vote", "ck_absentee_vote_method", "method in ('elsewhere', 'facility', 'postal'{})", ", 'own'"),
)


def upgrade() -> None:
    """Make the change."""
    for table, name, check, more in _CHECKS:
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, check.format(more))


def downgrade() -> None:
    """Undo the change."""
    for table, name, check, _ in _CHECKS:
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, check.format(""))
