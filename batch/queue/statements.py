"""The SQL of the queue. Statuses come in as parameters, out of the table of transitions."""

OVERTAKING_SECONDS = 30
"""A job that does not fit holds back those planned after it once it is this far behind its planned start.

Without that, small jobs could overtake a large one all night.
"""

# With thousands of jobs ready, the index in plan order ends the search at the first that fits.
#
# A job must also fit the lower capacity that comes while it runs, and must not run into a blackout. What only its
# municipality, its class or an outside event keeps from starting holds back nobody else; neither does what would not fit
# if all that runs had ended.
CLAIM = """
WITH running AS (
  SELECT municipality_code, job_class, cpu, io, connections, print FROM batch_job WHERE status = 'running'
), used AS (
  SELECT coalesce(sum(cpu), 0) AS cpu, coalesce(sum(io), 0) AS io, coalesce(sum(connections), 0) AS connections,
    coalesce(sum(print), 0) AS print FROM running
), level AS (
  SELECT NULL::timestamptz AS at, n.cpu, n.io, n.connections, n.print FROM batch_night n WHERE n.night_key = %(night_key)s
  UNION ALL
  SELECT s.at, coalesce((s.capacity->>'cpu')::bigint, n.cpu), coalesce((s.capacity->>'io')::bigint, n.io),
    coalesce((s.capacity->>'connections')::bigint, n.connections), coalesce((s.capacity->>'print')::bigint, n.print)
  FROM batch_night n, jsonb_to_recordset(n.steps) AS s (at timestamptz, capacity jsonb) WHERE n.night_key = %(night_key)s
), begun AS (
  SELECT max(at) AS at FROM level WHERE at <= statement_timestamp()
), applies AS (
  SELECT level.* FROM level CROSS JOIN begun
  WHERE level.at IS NOT DISTINCT FROM begun.at OR level.at > statement_timestamp()
), blackout AS (
  SELECT b.start, b."end", b.municipality_code FROM batch_night n, jsonb_to_recordset(n.blackouts)
    AS b (start timestamptz, "end" timestamptz, municipality_code text)
  WHERE n.night_key = %(night_key)s AND b."end" > statement_timestamp()
), startable AS NOT MATERIALIZED (
  SELECT j.id, j.planned_start, j.priority, NOT n.is_staggered OR NOT EXISTS (
    SELECT 1 FROM applies a
    WHERE (a.at IS NULL OR a.at < statement_timestamp() + j.estimate_ms * interval '1 millisecond') AND (
      j.cpu + used.cpu > a.cpu OR j.io + used.io > a.io OR j.connections + used.connections > a.connections
      OR j.print + used.print > a.print)) AS fits, NOT EXISTS (
    SELECT 1 FROM applies a
    WHERE (a.at IS NULL OR a.at < statement_timestamp() + j.estimate_ms * interval '1 millisecond') AND (
      j.cpu > a.cpu OR j.io > a.io OR j.connections > a.connections OR j.print > a.print)) AS is_possible
  FROM batch_job j JOIN batch_night n USING (night_key) CROSS JOIN used
  WHERE j.night_key = %(night_key)s AND j.status = %(source)s AND j.not_before <= statement_timestamp()
    AND NOT EXISTS (
      SELECT 1 FROM blackout b WHERE b.municipality_code IN ('', j.municipality_code)
        AND b.start < statement_timestamp() + greatest(j.estimate_ms, 1) * interval '1 millisecond')
    AND (n.municipality_limit IS NULL OR n.municipality_limit > (
      SELECT count(*) FROM running r WHERE r.municipality_code = j.municipality_code))
    AND (j.job_class = '' OR n.class_limits->>j.job_class IS NULL OR (n.class_limits->>j.job_class)::bigint > (
      SELECT count(*) FROM running r WHERE r.job_class = j.job_class))
    AND (j.waits_for = '{}' OR NOT EXISTS (
      SELECT 1 FROM unnest(j.waits_for) AS awaited (event) WHERE NOT EXISTS (
        SELECT 1 FROM batch_arrival a WHERE a.business_date = n.business_date
          AND a.municipality_code = j.municipality_code AND a.event = awaited.event)))
), barrier AS (
  SELECT min(planned_start) AS planned_start FROM startable
  WHERE NOT fits AND is_possible AND planned_start < statement_timestamp() - make_interval(secs => %(overtaking)s)
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
  j.max_attempts, j.timeout_seconds
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
