"""What the night's jobs counted: population by 町字, sex and age, and the day's movements."""

from collections.abc import Sequence
from datetime import date

from pydantic import BaseModel

from modules.resident.basic_register.chips import label_of
from modules.resident.basic_register.labels import SEX_LABELS
from yoriai.tenancy.session import Reader, Record

_LATEST = "SELECT max(as_of) FROM resident_statistics WHERE as_of <= coalesce($1, as_of)"
_BY_TOWN = """
SELECT s.town_code, coalesce(t.name, '（町字なし・支援措置）') AS name,
       sum(s.persons)::bigint AS persons, sum(s.heads)::bigint AS heads,
       coalesce(sum(s.persons) FILTER (WHERE s.sex = '1'), 0)::bigint AS male,
       coalesce(sum(s.persons) FILTER (WHERE s.sex = '2'), 0)::bigint AS female,
       coalesce(sum(s.persons) FILTER (WHERE s.is_foreign), 0)::bigint AS foreign_nationals
  FROM resident_statistics s LEFT JOIN town t ON t.town_code = s.town_code
 WHERE s.as_of = $1 GROUP BY s.town_code, t.name ORDER BY s.town_code"""
_BY_AGE = """
SELECT age_band, sex, sum(persons)::bigint AS persons FROM resident_statistics WHERE as_of = $1
 GROUP BY age_band, sex ORDER BY age_band, sex"""
_CLOSE = """
SELECT business_date, item, key, count FROM resident_daily_close
 WHERE business_date = (SELECT max(business_date) FROM resident_daily_close) ORDER BY item, key"""


class TownPopulation(BaseModel):
    """Population and households of a 町字."""

    town_code: str
    name: str
    persons: int
    heads: int
    male: int
    female: int
    foreign_nationals: int


class AgeBand(BaseModel):
    """Population of an age band by sex; `age_band` is its lowest age."""

    age_band: int
    male: int
    female: int


class DailyClose(BaseModel):
    """A day's movements by reason, and the population that night."""

    business_date: date
    movements: dict[str, int]
    population: dict[str, int]
    households: int


class Statistics(BaseModel):
    """The latest monthly statistics and the latest daily close; both may not exist yet."""

    as_of: date | None
    towns: list[TownPopulation]
    ages: list[AgeBand]
    close: DailyClose | None


async def get_statistics(session: Reader, as_of: date | None) -> Statistics:
    """The statistics of the last month-end up to `as_of`, else of the last one there is."""
    day = await session.fetchval(_LATEST, as_of)
    towns = await session.fetch(_BY_TOWN, day) if day else []
    ages = await session.fetch(_BY_AGE, day) if day else []
    return Statistics(
        as_of=day,
        towns=[TownPopulation(**dict(row)) for row in towns],
        ages=_ages(ages),
        close=_close(await session.fetch(_CLOSE)),
    )


def _ages(rows: Sequence[Record]) -> list[AgeBand]:
    counts = {(row["age_band"], row["sex"]): row["persons"] for row in rows}
    bands = sorted({row["age_band"] for row in rows})
    return [AgeBand(age_band=b, male=counts.get((b, "1"), 0), female=counts.get((b, "2"), 0)) for b in bands]


def _close(rows: Sequence[Record]) -> DailyClose | None:
    if not rows:
        return None
    population = dict.fromkeys(SEX_LABELS.values(), 0)
    for row in rows:
        if row["item"] == "population":
            population[SEX_LABELS[row["key"].split("-")[0]]] += row["count"]
    return DailyClose(
        business_date=rows[0]["business_date"],
        movements={label_of(row["key"]): row["count"] for row in rows if row["item"] == "movement"},
        population=population,
        households=sum(row["count"] for row in rows if row["item"] == "household"),
    )
