"""A report as a printed document and as a CSV file."""

from collections.abc import Iterator, Sequence
from typing import Any

from modules.resident.basic_register.reports.reading import ReportView
from modules.resident.basic_register.reports.tables import Count
from yoriai.clock import JAPAN
from yoriai.dates import format_wareki

HEADER = ("表", "区分", "総数", "男", "女", "日本人住民", "外国人住民", "世帯")
_HOUSEHOLDS = ("opening", "closing", "japanese", "foreign", "mixed")


def movement_lines(view: ReportView) -> list[Count]:
    """The lines of 人口の動き: 前期末, さかのぼる増減 when there are any, 増, 減, 当期末, 差."""
    report = view.report
    correction = (
        [report.correction] if report.correction.total or report.correction.male or report.correction.foreign else []
    )
    return [report.opening, *correction, *report.ins, *report.outs, report.closing, report.difference]


def content_of(view: ReportView, place: str) -> dict[str, Any]:
    """What the printed report says."""
    report = view.report
    return {
        "title": view.title,
        "place": place,
        "label": view.label,
        "since": format_wareki(view.since),
        "until": format_wareki(view.until),
        "fixed": format_wareki(view.fixed_at.astimezone(JAPAN).date()) if view.fixed_at else "",
        "closes": view.closes,
        "movement": [count.model_dump() for count in movement_lines(view)],
        "differences": [difference.model_dump() for difference in view.differences],
        "households": {name: report.households.get(name, 0) for name in _HOUSEHOLDS},
        "ages": [count.model_dump() for count in report.ages],
        "towns": [count.model_dump() for count in report.towns],
        "nationalities": [count.model_dump() for count in report.nationalities],
    }


def csv_rows(view: ReportView) -> Iterator[Sequence[object]]:
    """The rows of the file, below `HEADER`: every table of the report, one after another."""
    report = view.report
    tables = (
        ("人口の動き", movement_lines(view)),
        ("年齢（5歳階級）", report.ages),
        ("年齢（各歳）", report.single_ages),
        ("国籍・地域", report.nationalities),
        ("町字", report.towns),
    )
    for title, lines in tables:
        for count in lines:
            households: object = count.households if title == "町字" else ""
            yield title, count.label, count.total, count.male, count.female, count.japanese, count.foreign, households
    labels = ("前期末世帯数", "当期末世帯数", "日本人のみの世帯", "外国人のみの世帯", "複数国籍の世帯")
    for name, label in zip(_HOUSEHOLDS, labels, strict=True):
        yield "世帯", label, "", "", "", "", "", report.households.get(name, 0)
