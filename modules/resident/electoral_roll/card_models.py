"""入場券の一括作成: the run a clerk opens, who is pulled from or added to it, the sheets, and the files the night made of them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Identity, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.database.metadata import APPEND, CLOCK, KNOWN, TenantBase, one_of, supersede_only

RUN_STATES = {"open": ("受付中", "info"), "listed": ("割付済み", "info"), "made": ("作成済み", "ok")}
_VOTER = ("electoral_voter.election_no", "electoral_voter.entry_no")


class ElectoralCardRun(TenantBase):
    """一括作成 of an election's cards: `open` while persons may be pulled and added, then by night `listed` and `made`."""

    __tablename__ = "electoral_card_run"
    __table_args__ = (
        CheckConstraint(one_of("status", RUN_STATES), name="status"),
        CheckConstraint(one_of("sort", ("roll", "postal")), name="sort"),
        {"info": {"grants": supersede_only("status", "version", "listed_at", "made_at")}},
    )
    election_no: Mapped[int] = mapped_column(ForeignKey("election.election_no"), primary_key=True)
    sort: Mapped[str]
    """`roll`: by district, as the roll; `postal`: by postcode over the whole municipality, for the discount of sorted mail."""
    on: Mapped[date]
    """The night from which they are made."""
    status: Mapped[str]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    listed_at: Mapped[datetime | None]
    made_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]


class ElectoralCardChange(TenantBase):
    """引抜 of a voter's card from the run, or a card that is put in although it would be kept back; undone, it stays."""

    __tablename__ = "electoral_card_change"
    __table_args__ = (
        ForeignKeyConstraint(["election_no", "entry_no"], _VOTER),
        CheckConstraint(one_of("act", ("pull", "add")), name="act"),
        Index("uq_electoral_card_change_known", "election_no", "entry_no", unique=True, postgresql_where=KNOWN),
        {"info": {"grants": supersede_only()}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    election_no: Mapped[int]
    entry_no: Mapped[int]
    act: Mapped[str]
    note: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    superseded_at: Mapped[datetime | None]
    staff_id: Mapped[str]


class ElectoralCardPart(TenantBase):
    """A file of the run: so many sheets that are printed together. `pdf` is there once the night has made it."""

    __tablename__ = "electoral_card_part"
    __table_args__ = (
        Index(None, "election_no", "part_no", unique=True),
        {"info": {"grants": ("SELECT", "INSERT", "UPDATE")}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    election_no: Mapped[int] = mapped_column(ForeignKey("electoral_card_run.election_no"))
    part_no: Mapped[int]
    label: Mapped[str]
    """The district, or the postcodes from and to."""
    sheets: Mapped[int]
    persons: Mapped[int]
    pdf: Mapped[bytes | None] = mapped_column(LargeBinary)
    digest: Mapped[str | None]
    """SHA-256 of the file."""
    made_at: Mapped[datetime | None]


class ElectoralCard(TenantBase):
    """The sheet and its place on which a voter stands in the run."""

    __tablename__ = "electoral_card"
    __table_args__ = (
        ForeignKeyConstraint(["election_no", "entry_no"], _VOTER),
        Index(None, "election_no", "part_no", "sheet_no"),
        {"info": {"grants": APPEND}},
    )
    election_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    part_no: Mapped[int]
    sheet_no: Mapped[int]
    place: Mapped[int]


class ElectoralRegularChange(TenantBase):
    """登録日の変更: a 定時登録 is made on a later day; its base day stays (公職選挙法22条1項ただし書)."""

    __tablename__ = "electoral_regular_change"
    __table_args__ = (
        CheckConstraint("registered_on > base_on", name="days"),
        {"info": {"grants": APPEND}},
    )
    base_on: Mapped[date] = mapped_column(primary_key=True)
    registered_on: Mapped[date]
    reason: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]
