"""Published examples of 選挙人名簿 through the public command, and the boundaries of the law (公職選挙法21条)."""

from pathlib import Path
from typing import Any

import pytest

from tests.cases.calculator import run_calc
from tests.cases.published import load_cases

CASES = load_cases("welfare.json", "senkyo-")


def _ask(folder: Path, **document: Any) -> dict[str, Any]:
    code, result = run_calc("electoral_roll", document, folder=folder)
    assert code == 0, result
    return result


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_published_example_is_reproduced(case: dict[str, Any], tmp_path: Path) -> None:
    result = _ask(tmp_path, **case["inputs"])
    assert {name: result[name] for name in case["expected"]} == case["expected"]


@pytest.mark.parametrize(
    ("notified", "base", "expected"),
    [
        ("2025-04-02", "2025-07-02", True),
        ("2025-04-03", "2025-07-02", False),
        ("2021-07-14", "2021-10-14", True),
        ("2021-07-15", "2021-10-14", False),
        # No corresponding day: the period ends with the month (民法143条2項ただし書).
        ("2025-11-30", "2026-02-28", True),
        ("2025-11-29", "2026-02-28", True),
        # Reckoned from the first of a month the period is whole calendar months (民法140条、143条).
        ("2026-02-28", "2026-05-30", False),
        ("2026-02-28", "2026-05-31", True),
    ],
)
def test_three_months_end_on_the_day_that_the_civil_code_says(
    notified: str, base: str, *, expected: bool, tmp_path: Path
) -> None:
    assert _ask(tmp_path, move_in_notified=notified, reference_date=base)["registrable"] is expected


@pytest.mark.parametrize(
    ("birth", "vote", "expected"),
    [
        ("2007-07-21", "2025-07-20", True),
        ("2007-07-22", "2025-07-20", False),
        ("2008-02-29", "2026-02-28", True),
        ("2008-02-29", "2026-02-27", False),
        ("2006-03-01", "2024-02-29", True),
        ("2006-03-01", "2024-02-28", False),
    ],
)
def test_age_is_attained_on_the_eve_of_the_birthday_and_asked_on_election_day(
    birth: str, vote: str, *, expected: bool, tmp_path: Path
) -> None:
    result = _ask(tmp_path, move_in_notified="2010-04-01", reference_date="2024-01-31", vote_on=vote, birth_date=birth)
    assert result["registrable"] is expected


@pytest.mark.parametrize(
    ("notified", "left", "base", "route"),
    [
        ("2025-01-10", "2025-04-10", "2025-08-10", "former_address"),
        ("2025-01-10", "2025-04-10", "2025-08-11", None),
        ("2025-01-11", "2025-04-10", "2025-05-01", None),
        ("2025-01-10", "2025-03-31", "2025-05-01", None),
        ("2024-01-10", "2025-03-31", "2025-07-31", "former_address"),
        ("2024-01-10", "2025-03-31", "2025-08-01", None),
    ],
)
def test_who_left_after_three_months_can_be_registered_at_the_old_address_for_four_months(
    notified: str, left: str, base: str, route: str | None, tmp_path: Path
) -> None:
    result = _ask(tmp_path, move_in_notified=notified, moved_out_on=left, reference_date=base)
    assert result["route"] == route
    assert not result["registrable_at_new_address"]


def test_who_is_registered_elsewhere_is_not_registered_at_the_old_address(tmp_path: Path) -> None:
    result = _ask(
        tmp_path,
        move_in_notified="2024-01-10",
        moved_out_on="2025-03-31",
        reference_date="2025-07-10",
        is_registered_elsewhere=True,
    )
    assert (result["registrable"], result["reason"]) == (False, "転出先の市区町村で登録された")


@pytest.mark.parametrize("obstacle", [{"is_japanese": False}, {"is_suspended": True}, {"died_on": "2025-05-01"}])
def test_foreigners_the_suspended_and_the_dead_are_not_registrable(obstacle: dict[str, Any], tmp_path: Path) -> None:
    result = _ask(tmp_path, move_in_notified="2020-01-10", reference_date="2025-06-01", **obstacle)
    assert result["registrable"] is False


def test_before_june_2016_the_age_was_twenty_and_nobody_was_registered_at_the_old_address(tmp_path: Path) -> None:
    young = _ask(tmp_path, move_in_notified="2010-01-10", reference_date="2016-06-01", birth_date="1997-01-01")
    gone = _ask(tmp_path, move_in_notified="2010-01-10", reference_date="2016-06-01", moved_out_on="2016-05-01")
    assert (young["registrable"], gone["registrable"]) == (False, False)


def test_every_mistake_of_the_input_is_told_at_once(tmp_path: Path) -> None:
    document = {
        "move_in_notified": "2025-04-03",
        "birth_date": "2025-05-01",
        "moved_out_on": "2025-01-01",
        "reference_date": "2025-07-02",
        "vote_on": "2025-07-01",
    }
    code, result = run_calc("electoral_roll", document, folder=tmp_path)
    assert code == 2
    assert {error["field"] for error in result["errors"]} == {"birth_date", "moved_out_on", "vote_on"}
