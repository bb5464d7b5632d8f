"""The one statement that counts a period: where people stood before it, what happened in it, where they stand at its end.

All of it is counted from the versions of the 住民票 as they are known now. Movements are counted apart from the
population, from one version of a person to the next, so that 前 + 増 − 減 = 後 is a check and no identity. Ages are
attained at the end of the last day (年齢計算ニ関スル法律). Columns: section, key, sex, is_foreign, persons, households.
"""

FIGURES = """
WITH known AS MATERIALIZED (
  SELECT r.valid_from, r.status <> 'removed' AS is_here, r.sex, r.nationality <> 'JPN' AS is_foreign,
         coalesce(o.reason, m.reason, 'conversion') AS reason, lag(r.status <> 'removed') OVER w AS was_here,
         lag(r.sex) OVER w AS old_sex, lag(r.nationality <> 'JPN') OVER w AS was_foreign
    FROM resident_record r
    LEFT JOIN movement m ON m.movement_no = r.movement_no
    LEFT JOIN movement o ON o.movement_no = m.corrects
   WHERE r.superseded_at IS NULL
     AND r.addressee_no IN (SELECT addressee_no FROM resident_record
                             WHERE superseded_at IS NULL AND valid_from >= $1::date AND valid_from <= $2::date)
  WINDOW w AS (PARTITION BY r.addressee_no ORDER BY r.valid_from, r.id)
), moved AS (
  SELECT is_here, was_here, sex, old_sex, is_foreign, was_foreign, reason FROM known
   WHERE valid_from >= $1::date AND valid_from <= $2::date
), here AS MATERIALIZED (
  SELECT r.household_no, r.sex, r.nationality, r.nationality <> 'JPN' AS is_foreign,
         r.relationship = '02' AS is_head, coalesce(r.town_code, '') AS town_code, h.addressee_no IS NOT NULL AS is_hidden,
         date_part('year', age($2::date + 1, r.birth_date))::bigint AS years
    FROM resident_record r LEFT JOIN fact_hidden_person h ON h.addressee_no = r.addressee_no
   WHERE r.superseded_at IS NULL AND r.valid_from <= $2::date AND r.valid_to > $2::date AND r.status <> 'removed'
), before AS (
  SELECT household_no, sex, nationality <> 'JPN' AS is_foreign FROM resident_record
   WHERE superseded_at IS NULL AND valid_from < $1::date AND valid_to >= $1::date AND status <> 'removed'
)
SELECT 'population' AS section, '' AS key, sex, is_foreign, count(*) AS persons, 0::bigint AS households
  FROM here GROUP BY sex, is_foreign
UNION ALL
SELECT 'opening', '', sex, is_foreign, count(*), 0 FROM before GROUP BY sex, is_foreign
UNION ALL
SELECT 'household', 'closing', '', false, 0, count(DISTINCT household_no) FROM here
UNION ALL
SELECT 'household', 'opening', '', false, 0, count(DISTINCT household_no) FROM before
UNION ALL
SELECT 'household', kind, '', false, 0, count(*)
  FROM (SELECT CASE WHEN bool_and(is_foreign) THEN 'foreign' WHEN bool_or(is_foreign) THEN 'mixed'
                    ELSE 'japanese' END AS kind
          FROM here GROUP BY household_no) of_household GROUP BY kind
UNION ALL
SELECT 'age', lpad(years::text, 3, '0'), sex, is_foreign, count(*), 0 FROM here GROUP BY years, sex, is_foreign
UNION ALL
SELECT 'nationality', nationality, sex, is_foreign, count(*), 0 FROM here GROUP BY nationality, sex, is_foreign
UNION ALL
SELECT 'town', town_code, sex, is_foreign, count(*), count(*) FILTER (WHERE is_head) FROM here GROUP BY town_code, sex, is_foreign
UNION ALL
SELECT 'town_shown', CASE WHEN is_hidden THEN '*' ELSE town_code END, sex, is_foreign, count(*), count(*) FILTER (WHERE is_head)
  FROM here GROUP BY CASE WHEN is_hidden THEN '*' ELSE town_code END, sex, is_foreign
UNION ALL
SELECT 'movement', 'in:' || reason, sex, is_foreign, count(*), 0 FROM moved
 WHERE is_here AND was_here IS NOT TRUE GROUP BY reason, sex, is_foreign
UNION ALL
SELECT 'movement', 'out:' || reason, old_sex, was_foreign, count(*), 0 FROM moved
 WHERE NOT is_here AND was_here GROUP BY reason, old_sex, was_foreign
UNION ALL
SELECT 'movement', 'in:became', sex, is_foreign, count(*), 0 FROM moved
 WHERE is_here AND was_here AND (sex, is_foreign) <> (old_sex, was_foreign) GROUP BY sex, is_foreign
UNION ALL
SELECT 'movement', 'out:became', old_sex, was_foreign, count(*), 0 FROM moved
 WHERE is_here AND was_here AND (sex, is_foreign) <> (old_sex, was_foreign) GROUP BY old_sex, was_foreign
"""
"""`$1` is the first day of the period, `$2` its last."""

FIX = f"""
INSERT INTO population_figure (kind, until, section, key, sex, is_foreign, persons, households)
SELECT $3::text, $2::date, section, key, sex, is_foreign, persons, households FROM ({FIGURES}) counted"""  # noqa: S608 – constants
KEEP = """
INSERT INTO population_report (kind, until, since, fixed_at, fixed_by)
VALUES ($1::text, $2::date, $3::date, $4::timestamptz, $5::text) ON CONFLICT DO NOTHING RETURNING until"""
FIXED = """
SELECT section, key, sex, is_foreign, persons, households FROM population_figure WHERE kind = $1 AND until = $2"""
