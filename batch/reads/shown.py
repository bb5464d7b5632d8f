"""The state of a job as it is shown: finer than the stored one, which only says what the queue has to know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from batch.states import Status


@dataclass(frozen=True)
class State:
    """A shown state: its word, the kind of its chip, its shape in pictures, and its place in the order, worst first."""

    code: str
    label: str
    kind: str
    picture: str
    order: int


def _state(code: str, label: str, kind: str, picture: str, order: int) -> State:
    return State(code, label, kind, picture, order)


_STATES: Sequence[State] = (
    _state("failed", Status.FAILED.label, "danger", "failed", 0),
    _state("cutoff", Status.CUTOFF.label, "danger", "failed", 1),
    _state("killed", Status.KILLED.label, "danger", "failed", 2),
    _state("blocked", "閉塞", "warn", "blocked", 3),
    _state("held", Status.HELD.label, "warn", "held", 4),
    _state("external", "外部待", "warn", "planned", 5),
    _state("warned", Status.WARNED.label, "warn", "warned", 6),
    _state("running", Status.RUNNING.label, "info", "running", 7),
    _state("ready", Status.READY.label, "neutral", "planned", 8),
    _state("timed", "時刻待", "neutral", "planned", 9),
    _state("waiting", Status.WAITING.label, "neutral", "planned", 10),
    _state("planned", Status.PLANNED.label, "neutral", "planned", 11),
    _state("forced", "正常(強制)", "ok", "done", 12),
    _state("skipped", Status.SKIPPED.label, "neutral", "skipped", 13),
    _state("succeeded", Status.SUCCEEDED.label, "ok", "done", 14),
)
STATES: Mapping[str, State] = {state.code: state for state in _STATES}

STOPPED = ("failed", "cutoff", "killed")
WAITING = ("ready", "timed", "waiting", "planned", "external")
GOOD = ("succeeded", "forced")

# $1 is the night, $2 the moment. What waits behind a stopped job, however far, is blocked; the stopped job is the cause.
_SHOWN = """
WITH RECURSIVE behind (id) AS (
  SELECT d.job_id FROM batch_job p JOIN batch_job_predecessor d ON d.predecessor_id = p.id
  WHERE p.night_key = $1 AND p.status IN ('failed', 'cutoff', 'killed')
  UNION SELECT d.job_id FROM behind b JOIN batch_job_predecessor d ON d.predecessor_id = b.id
), shown (id, state, is_late_start, is_late_end, is_missing) AS (
  SELECT j.id,
    CASE
      WHEN j.status = 'waiting' AND j.id IN (SELECT b.id FROM behind b) THEN 'blocked'
      WHEN j.status = 'succeeded' AND j.is_forced THEN 'forced'
      WHEN j.status = 'ready' AND cardinality(j.waits_for) > 0 AND EXISTS (
        SELECT 1 FROM unnest(j.waits_for) AS awaited (event) WHERE NOT EXISTS (
          SELECT 1 FROM batch_arrival a JOIN batch_night n ON n.business_date = a.business_date
          WHERE n.night_key = j.night_key AND a.municipality_code = j.municipality_code AND a.event = awaited.event))
        THEN 'external'
      WHEN j.status = 'ready' AND j.not_before > $2 THEN 'timed'
      ELSE j.status
    END,
    j.status IN ('planned', 'waiting', 'ready', 'held') AND coalesce(j.start_by < $2, false),
    j.status IN ('planned', 'waiting', 'ready', 'held', 'running') AND coalesce(j.end_by < $2, false),
    j.status IN ('planned', 'waiting', 'ready', 'held', 'running')
      AND (j.deadline_at < $2 OR coalesce(j.expected_end > j.deadline_at, false))
  FROM batch_job j WHERE j.night_key = $1
)
"""


def with_shown(statement: str) -> str:
    """The statement with a table `shown (id, state, is_late_start, is_late_end, is_missing)` of the night $1 at the moment $2.

    `is_missing`: the deadline has passed, or the forecast end lies after it.
    """
    return _SHOWN + statement
