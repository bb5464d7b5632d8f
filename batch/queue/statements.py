"""The SQL of the queue. Statuses come in as parameters, out of the table of transitions."""

OVERTAKING_SECONDS = 30
"""A job that does not fit holds back those planned after it once it is this far behind its planned start.

Without that, small jobs could overtake a large one all night.
"""

# With thousands of jobs ready, the index in plan order ends the search at the first that fits.
CLAIM = """
WITH used AS (
  SELECT coalesce(sum(cpu), 0) AS cpu, coalesce(sum(io), 0) AS io, coalesce(sum(connections), 0) AS connections
  FROM batch_job WHERE status = 'running'
), startable AS NOT MATERIALIZED (
  SELECT j.id, j.planned_start, j.priority, NOT n.is_staggered OR (
    j.cpu + used.cpu <= n.cpu AND j.io + used.io <= n.io AND j.connections + used.connections <= n.connections) AS fits
  FROM batch_job j JOIN batch_night n USING (night_key) CROSS JOIN used
  WHERE j.night_key = %(night_key)s AND j.status = %(source)s AND j.not_before <= statement_timestamp()
), barrier AS (
  SELECT min(planned_start) AS planned_start FROM startable
  WHERE NOT fits AND planned_start < statement_timestamp() - make_interval(secs => %(overtaking)s)
), chosen AS (
  SELECT j.id FROM startable s JOIN batch_job j USING (id) CROSS JOIN barrier
  WHERE s.fits AND (barrier.planned_start IS NULL OR s.planned_start <= barrier.planned_start)
  ORDER BY s.planned_start, s.priority, s.id LIMIT 1 FOR UPDATE OF j SKIP LOCKED
)
UPDATE batch_job j SET status = %(target)s, worker = %(worker)s, fence = j.fence + 1, attempts = j.attempts + 1,
  lease_until = clock_timestamp() + make_interval(secs => %(lease)s), started_at = clock_timestamp(), ended_at = NULL,
  message = ''
FROM chosen, batch_night n WHERE j.id = chosen.id AND n.night_key = j.night_key
RETURNING j.id, j.night_key, n.business_date, j.municipality_code, j.job_name, j.run_key, j.fence, j.attempts,
  j.max_attempts
"""
RENEW = """
UPDATE batch_job SET lease_until = clock_timestamp() + make_interval(secs => %(lease)s), chunks_done = %(done)s,
  chunks_total = %(total)s
WHERE id = %(id)s AND fence = %(fence)s AND status = 'running'
"""
END = """
UPDATE batch_job SET status = %(target)s, ended_at = clock_timestamp(), lease_until = NULL, message = %(message)s,
  chunks_done = coalesce(nullif(%(chunks)s, 0), chunks_done), chunks_total = coalesce(nullif(%(chunks)s, 0), chunks_total),
  rows_in = %(rows_in)s, rows_out = %(rows_out)s, rows_error = %(rows_error)s,
  control_total = %(control_total)s
WHERE id = %(id)s AND fence = %(fence)s AND status = ANY(%(sources)s)
"""
RETURN = """
UPDATE batch_job SET status = %(target)s, lease_until = NULL, worker = NULL, message = %(message)s,
  attempts = attempts - %(uncounted)s
WHERE id = %(id)s AND fence = %(fence)s AND status = ANY(%(sources)s)
"""
REAP = """
UPDATE batch_job SET lease_until = NULL, message = %(message)s,
  status = CASE WHEN attempts < max_attempts THEN %(again)s ELSE %(failed)s END,
  ended_at = CASE WHEN attempts < max_attempts THEN NULL ELSE clock_timestamp() END
WHERE night_key = %(night_key)s AND status = %(source)s AND lease_until < clock_timestamp() RETURNING id
"""
CUT_OFF = """
WITH due AS (
  SELECT id, status FROM batch_job
  WHERE night_key = %(night_key)s AND status = ANY(%(sources)s) AND deadline_at < clock_timestamp() FOR UPDATE
)
UPDATE batch_job j SET status = %(target)s, ended_at = clock_timestamp(), lease_until = NULL,
  message = '打切時刻を過ぎました。'
FROM due WHERE j.id = due.id RETURNING j.id, due.status
"""
FREE = """
UPDATE batch_job s SET status = %(target)s
WHERE s.id IN (SELECT job_id FROM batch_job_predecessor WHERE predecessor_id = %(id)s) AND s.status = ANY(%(sources)s)
  AND NOT EXISTS (
    SELECT 1 FROM batch_job_predecessor d JOIN batch_job p ON p.id = d.predecessor_id
    WHERE d.job_id = s.id AND p.status <> ALL(%(done)s))
RETURNING s.id
"""
NOTE_REAPED = "UPDATE batch_night SET reaped_at = clock_timestamp() WHERE night_key = %s"
SETTLE = """
UPDATE batch_night n SET status = 'ended', ended_at = clock_timestamp()
WHERE n.night_key = %(night_key)s AND n.status = 'running' AND NOT EXISTS (
  SELECT 1 FROM batch_job j
  WHERE j.night_key = n.night_key AND j.status IN ('planned', 'ready', 'held', 'running'))
"""
