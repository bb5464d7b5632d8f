"""Numbers that were given to people, papers and rows are not given to others after a municipality was taken back."""

from yoriai.tenancy.carrying import Carrying

_COUNTERS = """
INSERT INTO number_counter (kind, next) SELECT kind, next FROM kept.number_counter
ON CONFLICT (kind) DO UPDATE SET next = greatest(number_counter.next, excluded.next)
"""
_SEQUENCES = """
SELECT setval(format('%%I.%%I', now.schemaname, now.sequencename)::regclass, k.last_value)
FROM pg_sequences now JOIN pg_sequences k ON k.sequencename = now.sequencename
WHERE now.schemaname = current_schema() AND k.schemaname = %s AND k.last_value > coalesce(now.last_value, 0)
"""


def keep_numbers(carrying: Carrying) -> None:
    """Let counters and identities go on where they had come to: a 宛名番号 on a paper, in another system or in a bank's file stays
    that person's, and the gap is what was done since the moment.
    """
    carrying.fetch(f"{_COUNTERS} RETURNING kind")
    carrying.fetch(_SEQUENCES, carrying.kept_schema)
