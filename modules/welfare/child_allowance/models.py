"""The tables of 児童手当: cases and their children, what was judged each month and from what, what was listed for payment."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from modules.welfare.child_allowance.states import OPEN, Act, State
from modules.welfare.child_allowance.transfers.models import ChildAllowanceTransfer as ChildAllowanceTransfer
from modules.welfare.child_allowance.transfers.models import ChildAllowanceTransferFile as ChildAllowanceTransferFile
from yoriai.database.metadata import APPEND, CLOCK, KNOWN, TenantBase, one_of, supersede_only

RECIPIENT_KINDS = {
    "parent": "父母",
    "guardian": "未成年後見人",
    "designated": "父母指定者",
    "institution": "施設・里親",
}
EVENTS = {"birth": "出生", "move_in": "転入", "other": "その他"}
PAYMENT_STATES = {"listed": "支払", "held": "差止", "overpaid": "返還を要する"}


class ChildAllowanceCase(TenantBase):
    """受給者台帳: one claim of one recipient and what became of it. Each change of state is also a `child_allowance_act`."""

    __tablename__ = "child_allowance_case"
    __table_args__ = (
        CheckConstraint(one_of("status", State), name="status"),
        CheckConstraint(one_of("recipient_kind", RECIPIENT_KINDS), name="recipient_kind"),
        CheckConstraint(one_of("event", EVENTS), name="event"),
        CheckConstraint("(status = 'ended') = (lost_on IS NOT NULL)", name="lost_on"),
        CheckConstraint("event_on <= claimed_on", name="event_on"),
        Index(
            "uq_child_allowance_case_open", "recipient_no", unique=True, postgresql_where=text(one_of("status", OPEN))
        ),
        Index(None, "recipient_no"),
        Index(None, "status", "case_no"),
        {"info": {"grants": supersede_only("status", "version", "first_month", "decided_on", "lost_on")}},
    )
    case_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    recipient_no: Mapped[int]
    recipient_kind: Mapped[str] = mapped_column(server_default=text("'parent'"))
    status: Mapped[str]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    claimed_on: Mapped[date]
    """受付日."""
    event: Mapped[str] = mapped_column(server_default=text("'other'"))
    event_on: Mapped[date | None]
    """The day of the birth or the move, from which the 15 days are counted."""
    first_month: Mapped[date | None]
    """支給開始年月, fixed with the approval."""
    decided_on: Mapped[date | None]
    lost_on: Mapped[date | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str] = mapped_column(server_default=text("'system'"))


class ChildAllowanceChild(TenantBase):
    """A child of a case: 支給要件児童 or, up to the school year of 22, 算定児童. A correction is a new row."""

    __tablename__ = "child_allowance_child"
    __table_args__ = (
        Index(
            "uq_child_allowance_child_known",
            "case_no",
            "child_no",
            unique=True,
            postgresql_where=text("superseded_at IS NULL AND child_no IS NOT NULL"),
        ),
        Index(None, "case_no", postgresql_where=KNOWN),
        Index(None, "child_no", postgresql_where=KNOWN),
        {"info": {"grants": supersede_only()}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    case_no: Mapped[int] = mapped_column(ForeignKey("child_allowance_case.case_no"))
    child_no: Mapped[int | None]
    """宛名番号; empty for a child who lives elsewhere."""
    name: Mapped[str]
    birth_date: Mapped[date]
    is_cared: Mapped[bool] = mapped_column(server_default=text("true"))
    """監護し、生計を同じくする."""
    is_supported: Mapped[bool] = mapped_column(server_default=text("false"))
    """生計費を負担する (監護相当・生計費の負担についての確認書)."""
    claimed_on: Mapped[date | None]
    """Of a child added later: the day of the 額改定請求."""
    event_on: Mapped[date | None]
    lost_on: Mapped[date | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    superseded_at: Mapped[datetime | None]
    staff_id: Mapped[str] = mapped_column(server_default=text("'system'"))


class ChildAllowanceAct(TenantBase):
    """What happened to a case, when, by whom and why."""

    __tablename__ = "child_allowance_act"
    __table_args__ = (
        CheckConstraint(one_of("act", ("claim", "add_child", "lose_child", *Act)), name="act"),
        Index(None, "case_no", "id"),
        {"info": {"grants": APPEND}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    case_no: Mapped[int] = mapped_column(ForeignKey("child_allowance_case.case_no"))
    act: Mapped[str]
    state_before: Mapped[str | None]
    state_after: Mapped[str]
    on: Mapped[date]
    reason: Mapped[str] = mapped_column(server_default=text("''"))
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]


class ChildAllowanceFigures(TenantBase):
    """The figures of law a decision was made with, once per digest."""

    __tablename__ = "child_allowance_figures"
    __table_args__ = ({"info": {"grants": APPEND}},)
    digest: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[str]
    """`ParameterSet.to_json`."""


class ChildAllowanceDecision(TenantBase):
    """月次判定: the allowance of a case for a month. A changed judgement is a new row."""

    __tablename__ = "child_allowance_decision"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        Index("uq_child_allowance_decision_known", "case_no", "month", unique=True, postgresql_where=KNOWN),
        Index(None, "month", "case_no", postgresql_where=KNOWN),
        {"info": {"grants": supersede_only()}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    case_no: Mapped[int] = mapped_column(ForeignKey("child_allowance_case.case_no"))
    month: Mapped[date]
    """The month's first day."""
    amount: Mapped[int]
    eligible_children: Mapped[int]
    detail: Mapped[str]
    """`child id:order:yen` of each child, in the order of the children."""
    input: Mapped[str]
    """The input as `yoriai calc child_allowance` takes it: the decision can be computed again by anyone."""
    parameter_digest: Mapped[str]
    run_key: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    superseded_at: Mapped[datetime | None]


class ChildAllowancePayment(TenantBase):
    """支払一覧: what a case is due in a payment month. A held case stands on the list and is not paid."""

    __tablename__ = "child_allowance_payment"
    __table_args__ = (
        CheckConstraint(one_of("status", PAYMENT_STATES), name="status"),
        CheckConstraint("(status = 'overpaid') = (amount < 0)", name="amount"),
        Index(None, "payment_month", "case_no"),
        Index(None, "case_no"),
        {"info": {"grants": APPEND}},
    )
    payment_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    payment_month: Mapped[date]
    pay_on: Mapped[date]
    case_no: Mapped[int] = mapped_column(ForeignKey("child_allowance_case.case_no"))
    recipient_no: Mapped[int]
    status: Mapped[str]
    amount: Mapped[int]
    first_month: Mapped[date]
    last_month: Mapped[date]
    run_key: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)


class ChildAllowancePaymentMonth(TenantBase):
    """Which months a listed payment pays, and how much of each; what a month is still due is its decision less these."""

    __tablename__ = "child_allowance_payment_month"
    __table_args__ = (
        Index(None, "case_no", "month"),
        {"info": {"grants": APPEND}},
    )
    payment_no: Mapped[int] = mapped_column(ForeignKey("child_allowance_payment.payment_no"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    case_no: Mapped[int]
    amount: Mapped[int]


class ChildAllowanceProposal(TenantBase):
    """案内: what a movement of the register asks for. The key makes an event propose once."""

    __tablename__ = "child_allowance_proposal"
    __table_args__ = (
        CheckConstraint("kind in ('claim', 'add_child', 'lose_child', 'end')", name="kind"),
        CheckConstraint("outcome in ('done', 'not_needed')", name="outcome"),
        CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name="closed"),
        Index(None, "due_on", postgresql_where=text("closed_at IS NULL")),
        Index(None, "person_no"),
        {"info": {"grants": supersede_only("closed_at", "closed_by", "outcome")}},
    )
    event_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    household_no: Mapped[int]
    case_no: Mapped[int | None]
    event: Mapped[str]
    effective_on: Mapped[date]
    due_on: Mapped[date]
    """The last day of the 15 days."""
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    outcome: Mapped[str | None]


class ChildAllowanceEvent(TenantBase):
    """Events of the outbox that were looked at, so that each is looked at once."""

    __tablename__ = "child_allowance_event"
    __table_args__ = ({"info": {"grants": APPEND}},)
    event_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
