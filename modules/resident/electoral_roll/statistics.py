"""登録者数 by district, sex and age, the numbers of 直接請求, and the turnout of an election."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from modules.resident.electoral_roll.districts import division_on
from modules.resident.electoral_roll.election_models import METHODS
from modules.resident.electoral_roll.judging import figures_of
from modules.resident.electoral_roll.shapes import Matrix, Statistics
from yoriai.audit import AuditEvent
from yoriai.rules import ParameterSet, Use
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader

_BAND = 10
_OLDEST = 80
_SEXES = ("1", "2", "9")
_LABELS = {"1": "男", "2": "女", "9": "不明"}
_REGISTERED = """
SELECT district_code, sex, count(*) AS count FROM electoral_entry WHERE status <> 'removed' GROUP BY 1, 2
"""
# Years at the end of the day: an age is attained on the birthday's eve.
_AGE = "extract(year FROM age({day}::date + 1, {birth}))::bigint"
_AGES = f"""
SELECT {_AGE.format(day="$1", birth="birth_date")} AS age, sex, count(*) AS count FROM electoral_entry
 WHERE status <> 'removed' GROUP BY 1, 2
"""  # noqa: S608 - constants
# 当日有権者: who may not vote any more (removed, registered elsewhere, suspended …) counts only with a ballot given before.
_TURNOUT = f"""
SELECT v.district_code, v.sex, {_AGE.format(day="$2", birth="v.birth_date")} AS age, count(*) AS count, count(b.id) AS voted
  FROM electoral_voter v
  LEFT JOIN electoral_ballot b ON b.election_no = v.election_no AND b.entry_no = v.entry_no AND b.cancelled_at IS NULL
 WHERE v.election_no = $1 AND (b.id IS NOT NULL OR v.entry_no <> ALL($3::bigint[])) GROUP BY 1, 2, 3
"""  # noqa: S608 - constants
_EARLY = """
SELECT b.place_code, v.sex, (b.received_at AT TIME ZONE 'Asia/Tokyo')::date AS day,
       extract(hour FROM b.received_at AT TIME ZONE 'Asia/Tokyo')::bigint AS hour, count(*) AS count
  FROM electoral_ballot b JOIN electoral_voter v ON v.election_no = b.election_no AND v.entry_no = b.entry_no
 WHERE b.election_no = $1 AND b.kind = 'early' AND b.cancelled_at IS NULL GROUP BY 1, 2, 3, 4
"""
_ABSENTEE = """
SELECT a.method, x.step, count(*) FILTER (WHERE x.on = $2) AS today, count(*) FILTER (WHERE x.on <= $2) AS until
  FROM absentee_vote a
 CROSS JOIN LATERAL (VALUES ('request', a.requested_on), ('send', a.sent_on), ('arrive', a.arrived_on),
        (CASE a.status WHEN 'accepted' THEN 'accept' WHEN 'refused' THEN 'refuse' WHEN 'returned' THEN 'return' END, a.closed_on)
       ) AS x(step, "on")
 WHERE a.election_no = $1 AND x.step IS NOT NULL AND x.on IS NOT NULL GROUP BY 1, 2
"""
_ABSENTEE_STEPS = {
    "request": "請求", "send": "交付", "arrive": "送致", "accept": "受理", "refuse": "不受理", "return": "返還・取下げ",
}  # fmt: skip


def signatures_needed(total: int, figures: ParameterSet) -> dict[str, int]:
    """Signatures for 直接請求 from the number of electors, each rounded up; of large ones the parts beyond count less.

    `ordinance` (50分の1), `council` (6分の1), `dismissal` (3分の1 up to 400,000, then less).
    """
    p = Use(figures)
    parts = Fraction(0)
    lower = 0
    for row in p.table("demand.dismissal"):
        upper = total if row.get("up_to") is None else min(total, p.row_yen(row, "up_to"))
        parts += max(upper - lower, 0) * p.row_rate(row, "rate")
        lower = max(lower, upper)
    return {
        "ordinance": _up(total * p.rate("demand.ordinance")),
        "council": _up(total * p.rate("demand.council")),
        "dismissal": _up(parts),
    }


async def get_statistics(session: Reader, config: TenantConfig, today: date) -> Statistics:
    """The roll as it stands."""
    counts = await session.fetch(_REGISTERED)
    ages = await session.fetch(_AGES, today)
    session.audit(AuditEvent("electoral_roll.statistics"))
    division = division_on(config, today)
    total = sum(row["count"] for row in counts)
    needed = signatures_needed(total, figures_of(config, today))
    names = {
        "ordinance": ("条例の制定改廃・事務監査", "50分の1", "地方自治法74条、75条"),
        "council": ("合併協議会の設置の投票", "6分の1", "合併特例法4条"),
        "dismissal": ("議会の解散・議員や長の解職", "3分の1", "地方自治法76条、80条、81条"),
    }
    return Statistics(
        as_of=today,
        by_district=_by_sex(counts, lambda row: row["district_code"], division.name_of),
        by_age=_by_sex(ages, lambda row: _band(row["age"]), str),
        demands=[
            {"label": names[key][0], "share": names[key][1], "article": names[key][2], "needed": count}
            for key, count in needed.items()
        ],
        total=total,
    )


async def get_turnout(
    session: Reader, config: TenantConfig, election_no: int, vote_on: date, pulled: Sequence[int]
) -> tuple[Matrix, Matrix]:
    """当日有権者数, 投票者数 and 投票率 by district and by age class; `pulled` are the entries that may not vote any more."""
    rows = await session.fetch(_TURNOUT, election_no, vote_on, list(pulled))
    division = division_on(config, vote_on)
    return (
        _turnout(rows, lambda row: row["district_code"], division.name_of),
        _turnout(rows, lambda row: _band(row["age"]), str),
    )


async def get_early(session: Reader, election_no: int, places: Mapping[str, str], day: date) -> tuple[Matrix, Matrix]:
    """期日前投票 of a day by hour, place and sex; and of all days by day, place and sex."""
    rows = await session.fetch(_EARLY, election_no)
    names = dict(places) | {row["place_code"]: row["place_code"] for row in rows if row["place_code"] not in places}
    of_day = [row for row in rows if row["day"] == day]
    return (
        _by_place(of_day, names, "hour", lambda hour: f"{hour}時台"),
        _by_place(rows, names, "day", lambda on: f"{on.month}/{on.day}"),
    )


async def get_absentee_daily(session: Reader, election_no: int, day: date) -> Matrix:
    """不在者投票の日計: how many requests took each step on the day, and until it, by method."""
    found = {(row["method"], row["step"]): row for row in await session.fetch(_ABSENTEE, election_no, day)}
    lines = []
    for method, label in METHODS.items():
        counts = [found.get((method, step)) for step in _ABSENTEE_STEPS]
        values = [row[key] if row else 0 for row in counts for key in ("today", "until")]
        lines.append({"label": label, "values": values})
    lines.append(_total(lines, 2 * len(_ABSENTEE_STEPS)))
    return Matrix(columns=[text for step in _ABSENTEE_STEPS.values() for text in (step, "累計")], rows=lines)


def _by_place(
    rows: Sequence[Mapping[str, Any]], names: Mapping[str, str], column: str, label: Callable[[Any], str]
) -> Matrix:
    keys = sorted({row[column] for row in rows})
    lines = []
    for code, name in names.items():
        for sex in _SEXES:
            part = [row for row in rows if row["place_code"] == code and row["sex"] == sex]
            if part:
                values = [sum(row["count"] for row in part if row[column] == key) for key in keys]
                lines.append({"label": f"{name} {_LABELS[sex]}", "values": [*values, sum(values)]})
    lines.append(_total(lines, len(keys) + 1))
    return Matrix(columns=[*(label(key) for key in keys), "計"], rows=lines)


Key = Callable[[Mapping[str, Any]], str]


def _by_sex(rows: Sequence[Mapping[str, Any]], key: Key, name: Callable[[str], str]) -> Matrix:
    sexes = [sex for sex in _SEXES if sex != "9" or any(row["sex"] == "9" for row in rows)]
    lines = []
    for group in sorted({key(row) for row in rows}):
        values = [sum(row["count"] for row in rows if key(row) == group and row["sex"] == sex) for sex in sexes]
        lines.append({"label": name(group), "values": [*values, sum(values)]})
    lines.append(_total(lines, len(sexes) + 1))
    return Matrix(columns=[*(_LABELS[sex] for sex in sexes), "計"], rows=lines)


def _turnout(rows: Sequence[Mapping[str, Any]], key: Key, name: Callable[[str], str]) -> Matrix:
    lines = []
    for group in sorted({key(row) for row in rows}):
        part = [row for row in rows if key(row) == group]
        values = [_sum(part, column, sex) for column in ("count", "voted") for sex in ("1", "2", "")]
        lines.append({"label": name(group), "values": values})
    lines.append(_total(lines, 6))
    columns = [f"{what} {sex}" for what in ("選挙人", "投票者") for sex in ("男", "女", "計")]
    return Matrix(columns=[*columns, "投票率"], rows=[_with_share(line) for line in lines])


def _with_share(line: dict[str, Any]) -> dict[str, Any]:
    voters, voted = line["values"][2], line["values"][5]
    # Hundredths of a percent, rounded half up, as 選挙管理委員会 publish them.
    share = (voted * 20_000 + voters) // (voters * 2) if voters else 0
    return line | {"values": [*line["values"], f"{share // 100}.{share % 100:02d}%"]}


def _sum(rows: Sequence[Mapping[str, Any]], column: str, sex: str) -> int:
    return sum(row[column] for row in rows if sex in ("", row["sex"]))


def _total(lines: Sequence[Mapping[str, Any]], width: int) -> dict[str, Any]:
    values = [sum(line["values"][place] for line in lines) for place in range(width)]
    return {"label": "計", "values": values, "is_total": True}


def _band(age: int) -> str:
    if age < _BAND * 2:
        return "18・19歳"
    band = min(age // _BAND * _BAND, _OLDEST)
    return f"{band}歳以上" if band == _OLDEST else f"{band}歳代"


def _up(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)
