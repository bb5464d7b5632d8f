"""What follows for an instalment that a bank was asked for: nothing, another debit on a day, a payment slip, money to be returned.

An instalment is asked for once more only for what is still owed of it, and only while no request for it is open: so the same yen
are never debited twice. What is paid by slip is not known here; hence, once it goes by 納付書, it is never debited again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from yoriai.banking import RESULT_CODES, SHORT_OF_FUNDS, STOPPED_BY_ORIGINATOR, Retry
from yoriai.calendar import OperatingCalendar

MOST_FAILURES = 2
"""After so many debits without success it goes by slip: a second 再振替 does not exist."""


class StepKind(StrEnum):
    """What comes next for an instalment."""

    NOTHING = "nothing"
    OVER_ASKED = "over_asked"
    OVERPAID = "overpaid"
    MOVED = "moved"
    AWAITING = "awaiting"
    RETRY = "retry"
    FURTHER = "further"
    UNDATED = "undated"
    SLIP = "slip"


@dataclass(frozen=True)
class Step:
    """What comes next: how many yen it is about, the day of the debit where there is one, and the reason where it needs one."""

    kind: StepKind
    amount: int = 0
    on: date | None = None
    reason: str = ""


@dataclass(frozen=True)
class Position:
    """An instalment as it is now, and what banks were asked for it; amounts are yen.

    `pending` is the open request (0: none) and `pending_on` its day; `failures` counts the debits that did not succeed.
    """

    due: int
    due_date: date | None
    decided_on: date | None
    collected: int = 0
    pending: int = 0
    pending_on: date | None = None
    pending_due_date: date | None = None
    failures: int = 0
    last_result: str | None = None
    last_on: date | None = None
    last_amount: int = 0
    is_by_slip: bool = False
    """A clerk has decided that it goes by 納付書."""
    problem: str = ""
    """Why a request could be put into no file."""
    has_account: bool = True
    is_served: bool = True
    """Whether some collecting bank serves the account's bank."""


@dataclass(frozen=True)
class DebitDays:
    """The days on which a municipality debits through a collecting bank, as of `today`.

    `due_dates` are those of the 年度 by year, `lead` the business days before a debit on which its file is made, `made` the days
    whose file is made already: nothing can be put into it any more.
    """

    today: date
    lead: int
    calendar: OperatingCalendar
    due_dates: dict[int, tuple[date, ...]]
    is_closed: Callable[[date], bool]
    retry: Retry | None = None
    notice_days: int = 10
    made: frozenset[date] = field(default_factory=frozenset)

    def making_day(self, day: date) -> date:
        """The night in which the file of a debit day is made. Raises CalendarYearMissing."""
        return self.calendar.business_days_away(day, -self.lead)

    def is_open(self, day: date) -> bool:
        """Whether a request can still get into the file of that day."""
        if day in self.made or day <= self.today or not self.calendar.covers(day):
            return False
        return self.making_day(day) >= self.today

    def retry_day(self, first: date, fiscal_year: int) -> date | None:
        """The day of the 再振替 after a debit that failed; None where there is none, or no due date is left to join."""
        if self.retry is None:
            return None
        return self.retry.day_after(first, self.due_dates.get(fiscal_year, ()), self.is_closed)

    def further_day(self, decided_on: date) -> date | None:
        """The first open debit day by which the notice of a raised amount has been out long enough; None where none is known."""
        days = {due for dates in self.due_dates.values() for due in dates}
        days |= {
            day
            for year, dates in self.due_dates.items()
            for due in dates
            if (day := self.retry_day(due, year)) is not None
        }
        earliest = decided_on + timedelta(days=self.notice_days)
        return next((day for day in sorted(days) if day >= earliest and self.is_open(day)), None)


def next_step(position: Position, days: DebitDays, fiscal_year: int) -> Step:
    """What comes next for an instalment of the 年度."""
    rest = position.due - position.collected
    if position.pending:
        return _while_asked(position, rest)
    if rest < 0:
        return Step(StepKind.OVERPAID, -rest, reason="振り替えた後に減額されました。")
    if rest == 0:
        return Step(StepKind.NOTHING)
    if (reason := _slip_reason(position)) is not None:
        return Step(StepKind.SLIP, rest, reason=reason)
    return _next_debit(position, rest, days, fiscal_year)


def _while_asked(position: Position, rest: int) -> Step:
    if position.pending > rest:
        return Step(StepKind.OVER_ASKED, position.pending - rest, position.pending_on, "請求した後に減額されました。")
    if position.pending < rest:
        return Step(StepKind.AWAITING, rest - position.pending, position.pending_on, "請求した後に増額されました。")
    if position.due_date != position.pending_due_date:
        return Step(StepKind.MOVED, position.pending, position.pending_on, "請求した後に納期限が変わりました。")
    return Step(StepKind.NOTHING)


def _slip_reason(position: Position) -> str | None:
    """Why the rest cannot be debited, or None."""
    if position.is_by_slip:
        return "納付書に切り替えています。"
    if position.failures >= MOST_FAILURES:
        return f"{position.failures}度振り替えられませんでした ({RESULT_CODES[position.last_result or '9']})。"
    if position.problem:
        return position.problem
    if not position.has_account:
        return "振替に使う口座がありません。"
    if not position.is_served:
        return "口座の金融機関の取りまとめ店がありません。"
    return None


def _next_debit(position: Position, rest: int, days: DebitDays, fiscal_year: int) -> Step:
    has_failed = position.last_result not in (None, "0")
    is_changed = position.last_result == STOPPED_BY_ORIGINATOR and rest != position.last_amount
    if has_failed and not is_changed:
        return _retried(position, rest, days, fiscal_year)
    day = days.further_day(position.decided_on or days.today)
    if day is None:
        return Step(StepKind.UNDATED, rest, reason="次の振替日がまだ決まっていません。")
    return Step(StepKind.FURTHER, rest, day, _further_reason(position, is_changed=is_changed))


def _further_reason(position: Position, *, is_changed: bool) -> str:
    if is_changed:
        return "請求を止めた後の、変更後の額です。"
    return "振り替えた後に増額されました。" if position.collected else "請求ファイルを作った後に賦課されました。"


def _retried(position: Position, rest: int, days: DebitDays, fiscal_year: int) -> Step:
    told = RESULT_CODES[position.last_result or "9"]
    if position.last_result != SHORT_OF_FUNDS:
        return Step(StepKind.SLIP, rest, reason=f"{told}のため再振替をしません。")
    day = days.retry_day(position.last_on or days.today, fiscal_year)
    if day is None:
        reason = "再振替をしない設定です。" if days.retry is None else "年度内に次の納期限がありません。"
        return Step(StepKind.SLIP, rest, reason=f"{told}。{reason}")
    if not days.is_open(day):
        return Step(StepKind.SLIP, rest, day, f"{told}。再振替の請求に間に合いませんでした。")
    return Step(StepKind.RETRY, rest, day, f"{told}。")
