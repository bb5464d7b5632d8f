"""An invented election, so that the demo's night registers, fixes a list of voters, and the counters have something to receive."""

from datetime import date, timedelta

from demo.loading.numbers import set_counter
from yoriai.tenancy.bulk import BulkWriteSession
from yoriai.tenancy.config import TenantConfig

_ELECTION = """
INSERT INTO election (election_no, name, kind, notice_on, base_on, registered_on, vote_on, early_from, early_until, status,
                      staff_id)
VALUES (1, $1, 'municipal', $2, $3, $3, $4, $5, $6, 'planned', 'conversion')
"""
_DAY = timedelta(days=1)
_NOTICE_DAYS, _LONGEST = 7, 60
_SUNDAY = 6


def load_election(session: BulkWriteSession, config: TenantConfig, as_of: date, present: date) -> None:
    """Write an election whose base day is the demo's business date, and whose early voting has begun on the present day.

    A real one is announced the day after its base day; here the weeks between the demo's night and today lie between them.
    """
    shown = present if as_of <= present <= as_of + timedelta(days=_LONGEST) else as_of
    notice_on = max(as_of + _DAY, shown - _DAY)
    vote_on = notice_on + timedelta(days=_NOTICE_DAYS)
    vote_on += timedelta(days=(_SUNDAY - vote_on.weekday()) % 7)
    name = f"{config.name}議会議員一般選挙（実演）"
    session.execute(_ELECTION, (name, notice_on, as_of, vote_on, notice_on + _DAY, vote_on - _DAY))
    set_counter(session, "election", 1)
