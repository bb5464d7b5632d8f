"""The statements of the jobs. What follows no rule but only joins and counts is done where the rows are."""

from modules.resident.non_resident.facts import LETTER

HOUSEHOLDS = """
SELECT min(household_no) AS lower, max(household_no) + 1 AS upper
  FROM (SELECT household_no, (row_number() OVER (ORDER BY household_no) - 1) / $4::bigint AS part
          FROM (SELECT household_no FROM nhi_enrolment WHERE superseded_at IS NULL AND acquired_on < $2 AND lost_on > $1
                UNION SELECT household_no FROM nhi_assessment WHERE fiscal_year = $3 AND superseded_at IS NULL) AS household
       ) AS numbered
 GROUP BY part ORDER BY part
"""
ASSESSED = """
SELECT min(household_no) AS lower, max(household_no) + 1 AS upper
  FROM (SELECT household_no, (row_number() OVER (ORDER BY household_no) - 1) / $2::bigint AS part
          FROM nhi_assessment WHERE fiscal_year = $1 AND superseded_at IS NULL) AS numbered
 GROUP BY part ORDER BY part
"""
UNSPLIT = """
SELECT a.id, a.total, a.cause, a.decided_on, b.id AS previous_id
  FROM nhi_assessment a
  LEFT JOIN nhi_assessment b
    ON b.household_no = a.household_no AND b.fiscal_year = a.fiscal_year AND b.revision = a.revision - 1
 WHERE a.fiscal_year = $1 AND a.household_no >= $2 AND a.household_no < $3 AND a.superseded_at IS NULL
   AND NOT EXISTS (SELECT FROM nhi_instalment i WHERE i.assessment_id = a.id)
 ORDER BY a.id
"""
BILLED = """
SELECT i.assessment_id, i.amount
  FROM nhi_assessment a
  JOIN nhi_assessment b
    ON b.household_no = a.household_no AND b.fiscal_year = a.fiscal_year AND b.revision = a.revision - 1
  JOIN nhi_instalment i ON i.assessment_id = b.id
 WHERE a.fiscal_year = $1 AND a.household_no >= $2 AND a.household_no < $3 AND a.superseded_at IS NULL AND a.revision > 1
   AND NOT EXISTS (SELECT FROM nhi_instalment n WHERE n.assessment_id = a.id)
 ORDER BY i.assessment_id, i.no
"""
# The yearly run fills these tables in one night, before the server has counted them: each join is one that an index serves row by
# row, because a plan for empty tables would take hours.
MAKE_NOTICES = f"""
WITH waiting AS (
  SELECT id, household_no, fiscal_year, revision, payer_no AS addressee_no, total
    FROM nhi_assessment a
   WHERE fiscal_year = $3 AND household_no >= $4 AND household_no < $5 AND superseded_at IS NULL
     AND NOT EXISTS (SELECT FROM nhi_notice n WHERE n.assessment_id = a.id)
), made AS (
  INSERT INTO nhi_notice (assessment_id, household_no, fiscal_year, kind, addressee_no, name, postcode, address, building,
                          principal, role, total, previous_total, instalments, problem, made_on)
  SELECT a.id, a.household_no, a.fiscal_year, CASE a.revision WHEN 1 THEN 'initial' ELSE 'revised' END,
         letter.no, letter.name, letter.postcode, letter.address, letter.building, letter.principal, letter.role,
         a.total, b.total, coalesce(l.lines, '[]'),
         CASE WHEN a.addressee_no IS NULL THEN '世帯主が分かりません。'
              WHEN letter.problem IS NOT NULL THEN letter.problem
              WHEN l.lines IS NULL THEN '期割がありません。' END,
         $2::date
    FROM waiting a
   CROSS JOIN LATERAL (SELECT json_agg(json_build_object('no', n.no, 'due_date', n.due_date, 'amount', n.amount)
                                       ORDER BY n.no)::text AS lines
                         FROM nhi_instalment n WHERE n.assessment_id = a.id) AS l
   {LETTER}
    LEFT JOIN nhi_assessment b
      ON b.household_no = a.household_no AND b.fiscal_year = a.fiscal_year AND b.revision = a.revision - 1
  RETURNING total, problem
)
SELECT count(*) AS notices, count(problem) AS problems, coalesce(sum(total), 0)::bigint AS total FROM made
"""  # noqa: S608  the joins of 宛名
UNSENT_NOTICES = """
SELECT household_no, problem FROM nhi_notice
 WHERE fiscal_year = $1 AND household_no >= $2 AND household_no < $3 AND made_on = $4 AND problem IS NOT NULL
 ORDER BY household_no
"""
FORGET_STATISTICS = "DELETE FROM nhi_statistics WHERE fiscal_year = $1 AND as_of = $2"
MAKE_STATISTICS = """
WITH made AS (
  INSERT INTO nhi_statistics (fiscal_year, as_of, tier, households, insured, nominal_heads, undeclared_households,
                              capped_households, total, medical_amount, elderly_support_amount, care_amount, child_support_amount)
  SELECT fiscal_year, $2, tier, count(*), sum(insured_count), count(*) FILTER (WHERE is_nominal_head),
         count(*) FILTER (WHERE has_undeclared),
         count(*) FILTER (WHERE medical_over_cap > 0 OR elderly_support_over_cap > 0 OR care_over_cap > 0
                             OR child_support_over_cap > 0),
         sum(total), coalesce(sum(medical_amount), 0), coalesce(sum(elderly_support_amount), 0),
         coalesce(sum(care_amount), 0), coalesce(sum(child_support_amount), 0)
    FROM nhi_assessment WHERE fiscal_year = $1 AND superseded_at IS NULL
   GROUP BY fiscal_year, tier
  RETURNING households, total
)
SELECT count(*) AS rows, coalesce(sum(households), 0)::bigint AS households, coalesce(sum(total), 0)::bigint AS total FROM made
"""
CLOSE_DONE = """
UPDATE nhi_proposal p SET closed_at = $1, closed_by = 'system', outcome = 'done'
 WHERE closed_at IS NULL
   AND NOT EXISTS (SELECT FROM nhi_candidate c
                    WHERE c.source = p.source AND c.addressee_no = p.addressee_no AND c.kind = p.kind)
RETURNING p.addressee_no
"""
STORE_CANDIDATES = """
INSERT INTO nhi_proposal (source, addressee_no, kind, household_no, reason, effective_on, proposed_at)
SELECT source, addressee_no, kind, household_no, reason, effective_on, $2
  FROM nhi_candidate
 WHERE NOT is_stored AND (kind <> 'acquire' OR birth_date + make_interval(years => $1::int) > effective_on)
ON CONFLICT DO NOTHING
RETURNING addressee_no
"""
# Born on 29 February: the birthday recurs on 1 March in a common year.
REACHING_AGE = """
INSERT INTO nhi_proposal (source, addressee_no, kind, household_no, reason, effective_on, proposed_at)
SELECT 'age', n.addressee_no, 'lose', n.household_no, 'elderly_medical', b.birthday, $2
  FROM nhi_enrolment n
  JOIN fact_resident r USING (addressee_no)
 CROSS JOIN LATERAL (SELECT (r.birth_date + make_interval(years => $1::int))::date AS same_day) AS s
 CROSS JOIN LATERAL (SELECT CASE WHEN extract(day FROM s.same_day) < extract(day FROM r.birth_date)
                                 THEN s.same_day + 1 ELSE s.same_day END AS birthday) AS b
 WHERE n.superseded_at IS NULL AND n.lost_on = '9999-12-31' AND b.birthday <= $3
ON CONFLICT DO NOTHING
RETURNING addressee_no
"""
