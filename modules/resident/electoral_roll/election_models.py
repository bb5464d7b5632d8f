"""The tables of one election: the fixed list of voters, the cards that were printed, the ballots, the absentee procedure."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.database.metadata import APPEND, CLOCK, SORTABLE, TenantBase, one_of, supersede_only

KINDS = {"national": "国政選挙", "prefectural": "都道府県の選挙", "municipal": "市町村の選挙"}
BALLOT_KINDS = {"early": "期日前投票", "absentee": "不在者投票", "day": "当日投票"}
METHODS = {
    "elsewhere": "滞在地の市区町村",
    "facility": "指定施設",
    "postal": "郵便等",
    "own": "名簿登録地 (選挙期日までに18歳になる人など)",
}
STATES = ("planned", "fixed", "early_closed", "cancelled")
EARLY_REASONS = {
    "work": "1号: 仕事・学業・本人や親族の冠婚葬祭など",
    "travel": "2号: 用事・旅行などで投票区の区域外に外出・滞在",
    "illness": "3号: 病気・けが・出産・身体の障害などで歩行が困難、刑事施設等に収容",
    "island": "4号: 交通至難の島などに居住・滞在",
    "moved": "5号: 住所移転により他の市区町村に居住",
    "weather": "6号: 天災・悪天候により投票所への到達が困難",
}
"""公職選挙法48条の2第1項各号, as a 宣誓書 lists them."""
_VOTER = ("electoral_voter.election_no", "electoral_voter.entry_no")


class Election(TenantBase):
    """選挙: its days, and how far it has come: `planned`, `fixed` (list of voters made), `early_closed`; or `cancelled`.

    Until the list of voters is made its days may be corrected; the audit trail has what stood before.
    """

    __tablename__ = "election"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        CheckConstraint(one_of("status", STATES), name="status"),
        CheckConstraint("base_on < vote_on AND notice_on < vote_on", name="days"),
        CheckConstraint("early_from <= early_until AND early_until < vote_on", name="early_voting"),
        Index(None, "status", "base_on"),
        {"info": {"grants": ("SELECT", "INSERT", "UPDATE")}},
    )
    election_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    kind: Mapped[str]
    notice_on: Mapped[date]
    """公示日・告示日."""
    base_on: Mapped[date]
    registered_on: Mapped[date]
    vote_on: Mapped[date]
    early_from: Mapped[date]
    early_until: Mapped[date]
    status: Mapped[str]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    fixed_at: Mapped[datetime | None]
    early_closed_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]


class ElectoralVoter(TenantBase):
    """A voter of an election, as the roll stood when its list was fixed; what happens later to the roll does not change it."""

    __tablename__ = "electoral_voter"
    __table_args__ = (
        Index(None, "election_no", "card_no", unique=True),
        Index(None, "election_no", "kana_fold"),
        Index(None, "election_no", "district_code", "serial_no"),
        {"info": {"grants": APPEND}},
    )
    election_no: Mapped[int] = mapped_column(ForeignKey("election.election_no"), primary_key=True)
    entry_no: Mapped[int] = mapped_column(ForeignKey("electoral_entry.entry_no"), primary_key=True)
    card_no: Mapped[int]
    """The running number of the card within the election, in the order they are printed in."""
    addressee_no: Mapped[int]
    household_no: Mapped[int]
    district_code: Mapped[str]
    serial_no: Mapped[int]
    name: Mapped[str]
    name_kana: Mapped[str]
    name_fold: Mapped[str] = mapped_column(SORTABLE)
    kana_fold: Mapped[str] = mapped_column(SORTABLE)
    birth_date: Mapped[date]
    sex: Mapped[str]
    postcode: Mapped[str | None]
    address: Mapped[str]
    building: Mapped[str | None]
    is_former_address: Mapped[bool]
    """Has moved out within the four months and votes at the old address."""
    is_added: Mapped[bool]
    """Added by 補正登録 after the list was fixed: the card is printed singly."""


class ElectoralCardPrint(TenantBase):
    """That a card was printed, in a bulk run or singly; a re-print is one more row."""

    __tablename__ = "electoral_card_print"
    __table_args__ = (
        ForeignKeyConstraint(["election_no", "entry_no"], _VOTER),
        CheckConstraint(one_of("kind", ("bulk", "single")), name="kind"),
        Index(None, "election_no", "entry_no"),
        {"info": {"grants": APPEND}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    election_no: Mapped[int]
    entry_no: Mapped[int]
    kind: Mapped[str]
    printed_at: Mapped[datetime]
    staff_id: Mapped[str]


class ElectoralBallot(TenantBase):
    """投票: one that counts for a voter at most, whoever receives it and wherever; an undone one stays as a record."""

    __tablename__ = "electoral_ballot"
    __table_args__ = (
        ForeignKeyConstraint(["election_no", "entry_no"], _VOTER),
        CheckConstraint(one_of("kind", BALLOT_KINDS), name="kind"),
        CheckConstraint(f"reason IS NULL OR {one_of('reason', EARLY_REASONS)}", name="reason"),
        CheckConstraint("(kind = 'early') = (reason IS NOT NULL)", name="oath"),
        CheckConstraint("(cancelled_at IS NULL) = (cancel_reason IS NULL)", name="cancelled"),
        Index(
            "uq_electoral_ballot_counts",
            "election_no",
            "entry_no",
            unique=True,
            postgresql_where=text("cancelled_at IS NULL"),
        ),
        Index(None, "election_no", "received_at"),
        {"info": {"grants": supersede_only("cancelled_at", "cancelled_by", "cancel_reason")}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    election_no: Mapped[int]
    entry_no: Mapped[int]
    kind: Mapped[str]
    place_code: Mapped[str]
    """A 期日前投票所, or the district's code of a 投票所."""
    reason: Mapped[str | None]
    """宣誓書の事由."""
    received_at: Mapped[datetime]
    staff_id: Mapped[str]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[str | None]
    cancel_reason: Mapped[str | None]


class AbsenteeVote(TenantBase):
    """不在者投票の請求 (49条): from the request to the acceptance of the envelope."""

    __tablename__ = "absentee_vote"
    __table_args__ = (
        ForeignKeyConstraint(["election_no", "entry_no"], _VOTER),
        CheckConstraint(one_of("method", METHODS), name="method"),
        CheckConstraint(
            one_of("status", ("requested", "sent", "arrived", "accepted", "refused", "returned")), name="status"
        ),
        Index(
            "uq_absentee_vote_open",
            "election_no",
            "entry_no",
            unique=True,
            postgresql_where=text("status NOT IN ('refused', 'returned')"),
        ),
        {"info": {"grants": supersede_only("status", "version", "sent_on", "arrived_on", "closed_on", "note")}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    election_no: Mapped[int]
    entry_no: Mapped[int]
    method: Mapped[str]
    place: Mapped[str]
    """The municipality, the facility, or the address the ballot goes to."""
    certificate_no: Mapped[int | None]
    status: Mapped[str]
    requested_on: Mapped[date]
    sent_on: Mapped[date | None]
    arrived_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(server_default=text("''"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]
