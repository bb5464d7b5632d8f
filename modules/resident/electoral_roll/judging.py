"""The judgement of many people as of a day: what the register publishes becomes the frame of the rules."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from modules.resident.electoral_roll.calc import PARAMETERS
from modules.resident.electoral_roll.rules import PERSON, QUALIFICATION
from yoriai.rules import Explanation, Moment, ParameterSet, Use, explain, resolve
from yoriai.tenancy.config import TenantConfig

# A 転入 counts from its notice, any other 住民票 from the day it was made; where the old system told neither, from 住民となった日.
PEOPLE = """
SELECT p.addressee_no, p.household_no, p.name, p.name_kana, p.birth_date, p.sex, p.nationality, p.postcode, p.address,
       p.building, CASE WHEN p.is_hidden THEN m.address ELSE p.address END AS place, p.is_hidden, p.status, p.removed_on,
       p.removal_reason, p.destination,
       coalesce(e.recorded_on, p.became_resident_on) AS recorded_on,
       EXISTS (SELECT 1 FROM electoral_suspension s
                WHERE s.addressee_no = p.addressee_no AND s.superseded_at IS NULL AND s.from_on <= $1
                  AND (s.until_on IS NULL OR s.until_on >= $1)) AS is_suspended
  FROM fact_resident_period p
  LEFT JOIN sealed_mailing_address m ON m.addressee_no = p.addressee_no AND p.is_hidden
  LEFT JOIN LATERAL (
    SELECT CASE WHEN reason = 'move_in' AND class = 'notified' THEN notified_on ELSE processed_on END AS recorded_on
      FROM fact_resident_entry e
     WHERE e.addressee_no = p.addressee_no AND e.event_date <= $1 ORDER BY e.event_date DESC, e.movement_no DESC LIMIT 1
  ) AS e ON true
 WHERE p.valid_from <= $1 AND p.valid_to > $1
"""
"""Everybody who was on a 住民票 or had left it as the day `$1` ended; further conditions may follow. Of somebody
protected `address` says that it is hidden; `place` has it, to find the district by and for nothing else.
"""
DEAD = ("death", "disappearance")
"""Why a 住民票 was removed of somebody who is dead, or by 失踪宣告 taken for dead (民法31条)."""
_GONE_FOR_GOOD = (*DEAD, "nationality_loss")


def figures_of(config: TenantConfig, day: date) -> ParameterSet:
    """The figures in force on a day."""
    return config.figures(PARAMETERS, Moment(day))


def law_on(day: date) -> Use:
    """The figures of the law on a day, where no municipality may set others: the days of an election."""
    return Use(resolve(PARAMETERS, Moment(day), {}))


def judge(people: pl.DataFrame, base_on: date, age_on: date, figures: ParameterSet) -> pl.DataFrame:
    """`people` (rows of `PEOPLE`) with the columns of the rules beside them, in the same order."""
    results = QUALIFICATION.run({"person": person_frame(people, base_on, age_on)}, figures)["person"]
    return people.hstack(
        results.select(name for name in results.columns if name not in people.columns and name != "person_no")
    )


def explain_one(person: Mapping[str, Any], base_on: date, age_on: date, figures: ParameterSet) -> Explanation:
    """The steps of one person's judgement."""
    return explain(QUALIFICATION, {"person": person_frame(one(person), base_on, age_on)}, figures)


def one(person: Mapping[str, Any]) -> pl.DataFrame:
    """One row of `PEOPLE` as a frame."""
    dates = ("birth_date", "removed_on", "recorded_on")
    types = {name: pl.Date() for name in dates} | {"removal_reason": pl.String(), "destination": pl.String()}
    return pl.DataFrame([dict(person)], schema_overrides=types)


def person_frame(people: pl.DataFrame, base_on: date, age_on: date) -> pl.DataFrame:
    """The rules' level of those people; whoever is gone for good has died or lost the nationality, others have moved out."""
    reason = pl.col("removal_reason").fill_null("")
    left = pl.when(~reason.is_in(list(_GONE_FOR_GOOD))).then(pl.col("removed_on"))
    frame = people.select(
        person_no="addressee_no",
        title="name",
        base_on=pl.lit(base_on),
        age_on=pl.lit(age_on),
        birth_date="birth_date",
        is_japanese=(pl.col("nationality") == "JPN") & (reason != "nationality_loss"),
        recorded_on="recorded_on",
        left_on=left,
        died_on=pl.when(reason.is_in(list(DEAD))).then(pl.col("removed_on")),
        is_suspended="is_suspended",
    )
    return frame.cast({column.key: column.dtype for column in PERSON.inputs if column.key in frame.columns})
