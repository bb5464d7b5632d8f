"""就学義務 by the law's count of years, through the public command."""

from datetime import date
from pathlib import Path

import pytest

from modules.resident.basic_register.towns import read_towns
from modules.resident.school_age.grades import Grades, grades_on, teaches
from modules.resident.school_age.placing import figures_of, plan_turn
from modules.resident.school_age.settings import block_number, check_settings, parse_settings, read_settings
from tests.cases.calculator import run_calc
from yoriai.rules.parameters import MissingParameter
from yoriai.settings import ROOT
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.files import read_tenants

CONFIGS = read_tenants(ROOT / "tenants")
SETTINGS = {
    "schools": [
        {"code": "E01", "name": "北小学校", "kind": "elementary"},
        {"code": "E02", "name": "南小学校", "kind": "elementary"},
        {"code": "C01", "name": "山の学園", "kind": "compulsory"},
        {"code": "J01", "name": "中央中学校", "kind": "junior_high"},
    ],
    "districts": [
        {"school": "E01", "towns": ["本町"]},
        {"school": "E02", "towns": ["本町"], "numbers": [100, 199], "choices": ["E01"]},
        {"school": "E02", "towns": ["本町南"]},
        {"school": "C01", "towns": ["山"]},
        {"school": "J01", "towns": ["本町"]},
    ],
    "board": {"name": "教育委員会", "head": "教育長"},
}
APRIL = date(2027, 4, 1)


@pytest.mark.parametrize(
    ("born", "entry_year", "until"),
    [
        ("2020-04-01", 2026, "2035-03-31"),
        ("2020-04-02", 2027, "2036-03-31"),
        ("2021-04-01", 2027, "2036-03-31"),
        ("2020-02-29", 2026, "2035-03-31"),
        ("2019-04-02", 2026, "2035-03-31"),
    ],
)
def test_who_is_born_on_1_april_belongs_to_the_older_year(
    born: str, entry_year: int, until: str, tmp_path: Path
) -> None:
    code, result = run_calc("school_age", {"children": [{"birth_date": born}]}, folder=tmp_path)
    assert code == 0, result
    child = result["children"][0]
    assert (child["entry_year"], child["obliged_until"]) == (entry_year, until)
    assert child["obliged_from"] == f"{entry_year}-04-01"


def test_wrong_input_names_every_mistake(tmp_path: Path) -> None:
    code, result = run_calc("school_age", {"children": [{"birth_date": "2020-02-30", "held": 1}]}, folder=tmp_path)
    assert code == 2
    assert len(result["errors"]) == 2


@pytest.mark.parametrize(
    ("address", "school"),
    [
        ("本町99番地", "E01"),
        ("本町100番地", "E02"),
        ("本町199番地の2", "E02"),
        ("本町200番地", "E01"),
        ("本町南1番地", "E02"),
        ("本町二丁目１００番5号", "E02"),
        ("川向1番地", None),
    ],
)
def test_boundary_addresses_get_their_school_and_others_none(address: str, school: str | None) -> None:
    """SHUGAKU-002: boundary addresses."""
    assert parse_settings(SETTINGS).designate(address, "elementary", APRIL) == school


def test_a_number_after_the_chome_is_the_block() -> None:
    assert [block_number(text) for text in ("三丁目12番4号", "1234番地", "無番地")] == [12, 1234, None]


def test_districts_change_on_their_day() -> None:
    changed = {
        **SETTINGS,
        "districts": [*SETTINGS["districts"], {"school": "E02", "towns": ["本町西"], "from": "2027-04-01"}],
    }  # type: ignore[misc]
    settings = parse_settings(changed)
    assert settings.designate("本町西1番地", "elementary", date(2027, 3, 31)) == "E01"
    assert settings.designate("本町西1番地", "elementary", APRIL) == "E02"


def test_settings_name_every_mistake_with_its_place() -> None:
    wrong = {
        "schools": [*SETTINGS["schools"], {"code": "E01", "name": "二つ目", "kind": "elementary", "next": "E02"}],
        "districts": [
            {"school": "E09", "towns": ["本町"]},
            {"school": "E01", "towns": ["東"], "numbers": [9, 1]},
            {"school": "E01", "towns": ["西"]},
            {"school": "E02", "towns": ["西"], "choices": ["X1"]},
            {"school": "E02", "towns": ["北"], "from": "2027-04-01", "until": "2026-04-01"},
        ],
    }
    fields = [error.field for error in check_settings(wrong)]
    assert fields == [
        "schools[0].code",
        "schools[4].code",
        "schools[4].next",
        "districts[0].school",
        "districts[1].numbers",
        "districts[3].choices",
        "districts[3].towns",
        "districts[4].until",
    ]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.code)
def test_every_town_of_the_municipality_lies_in_a_district_of_both_stages(config: TenantConfig) -> None:
    settings = read_settings(config)
    names = [town[2] for town in read_towns(config.code)]
    for stage in ("elementary", "junior_high"):
        assert [name for name in names if not settings.designate(f"{name}99番地", stage, APRIL)] == []
    assert [
        town
        for district in settings.districts
        for town in district.towns
        if not any(name.startswith(town) for name in names)
    ] == []


def test_the_municipalities_are_configured_differently() -> None:
    assert len({str(read_settings(config).document.get("protected")) for config in CONFIGS}) > 1
    assert any(school.kind == "compulsory" for config in CONFIGS for school in read_settings(config).schools.values())
    assert any(school.is_small_special for config in CONFIGS for school in read_settings(config).schools.values())
    assert any(school.next_code for config in CONFIGS for school in read_settings(config).schools.values())
    assert any(district.numbers for config in CONFIGS for district in read_settings(config).districts)


def _row(number: int, grade: int, school: str | None, address: str, **values: object) -> dict[str, object]:
    born = date(2027 - 7 - grade, 6, 1)
    return {
        "addressee_no": number, "state": "enrolled", "kind": "municipal", "grade": grade, "school_code": school,
        "school_name": school or "", "place": address, "birth_date": born, "held_years": 0, **values,
    }  # fmt: skip


def test_turn_of_the_year_promotes_all_but_the_held_and_leads_on_by_school_type() -> None:
    """SHUGAKU-018; SHUGAKU-020: in a 義務教育学校 the 7th grade is in the same school."""
    rows = [
        _row(1, 3, "E01", "本町1番地"),
        _row(2, 3, "E01", "本町1番地"),
        _row(3, 6, "E01", "本町1番地"),
        _row(4, 6, "C01", "山1番地"),
        _row(5, 6, "E01", "川向1番地"),
        _row(6, 9, "J01", "本町1番地"),
        _row(7, 6, None, "本町1番地", kind="special_needs", school_name="県立特別支援学校"),
        _row(8, 1, None, "本町1番地", kind="deferred"),
        _row(9, 9, None, "本町1番地", kind="exempt"),
        _row(10, 1, "E01", "本町1番地", state="planned"),
    ]
    turns = plan_turn(rows, {2}, 2027, parse_settings(SETTINGS), figures_of(CONFIGS[0], APRIL))
    assert [(turn.act, turn.grade, turn.place and turn.place.school_code) for turn in turns] == [
        ("promote", 4, "E01"),
        ("hold", 3, None),
        ("promote", 7, "J01"),
        ("promote", 7, "C01"),
        ("promote", 7, None),
        ("graduate", 0, None),
        ("promote", 7, None),
        ("hold", 1, None),
        ("graduate", 0, None),
        ("enrol", 1, None),
    ]
    assert [turn.place.kind for turn in turns if turn.place][3:] == ["unassigned", "special_needs"]


def test_a_trial_district_leaves_the_live_ones_alone() -> None:
    settings = parse_settings(SETTINGS)
    trial = settings.with_district(
        parse_settings(SETTINGS | {"districts": [{"school": "C01", "towns": ["本町"]}]}).districts[0]
    )
    assert trial.designate("本町1番地", "elementary", APRIL) == "C01"
    assert trial.designate("本町150番地", "elementary", APRIL) == "C01"
    assert settings.designate("本町1番地", "elementary", APRIL) == "E01"


def test_shugaku_020_a_school_teaches_the_grades_the_law_gives_its_kind() -> None:
    """学校教育法32条、47条、49条の4; labels count on in 中学校."""
    grades = grades_on(APRIL)
    assert (grades.elementary, grades.junior_high, grades.last) == (6, 3, 9)
    assert grades.labels() == ["小1", "小2", "小3", "小4", "小5", "小6", "中1", "中2", "中3"]
    taught = {
        kind: [grade for grade in range(11) if teaches(kind, grade, APRIL)]
        for kind in ("elementary", "junior_high", "compulsory")
    }
    assert taught == {"elementary": [1, 2, 3, 4, 5, 6], "junior_high": [7, 8, 9], "compulsory": list(range(1, 10))}
    with pytest.raises(MissingParameter, match="compulsory_school"):
        teaches("compulsory", 7, date(2015, 4, 1))


def test_grades_follow_the_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """With other years of 小学校 in the figures the way to 中学校, the labels and the last grade are others."""
    monkeypatch.setattr("modules.resident.school_age.placing.grades_on", lambda _: Grades(5, 4))
    rows = [_row(1, 5, "E01", "本町1番地"), _row(2, 6, "J01", "本町1番地"), _row(3, 9, "J01", "本町1番地")]
    turns = plan_turn(rows, (), 2027, parse_settings(SETTINGS), figures_of(CONFIGS[0], APRIL))
    assert [turn.place and turn.place.school_code for turn in turns] == ["J01", "J01", None]
    assert Grades(5, 4).labels()[4:6] == ["小5", "中1"]
