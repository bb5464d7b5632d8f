"""Where protected people live can be read in one place: the views `sealed_…`. Whoever reads them is named here, with the reason."""

import re

from tests.lints.test_project_rules import python_files, relative
from yoriai.settings import ROOT

_SEALED = re.compile(r"\bsealed_(mailing_address|resident_sheet)\b")
_READERS = {
    "modules/resident/basic_register/facts.py": "decides for whom, audits the sight",
    "modules/resident/electoral_roll/judging.py": "the 投票区, in `place`, which is not kept",
    "modules/resident/school_age/roll.py": "the 通学区域, in `place`, which is not shown",
    "modules/resident/school_age/statistics.py": "the 通学区域, counted",
    "modules/resident/school_age/batch/entrants.py": "the 通学区域",
    "modules/resident/school_age/batch/movements.py": "the 通学区域",
}


def test_only_the_named_read_where_protected_people_live() -> None:
    """A screen that reads the masked views cannot show a hidden address, whatever is wrong with it."""
    readers = {relative(path) for path in python_files("modules", "batch") if _SEALED.search(path.read_text("utf-8"))}
    assert readers == set(_READERS)


def test_only_extraction_reads_the_views_made_for_it() -> None:
    """The views `extract_…` hide nothing: the extraction itself masks places and leaves out the concealed (`yoriai.extraction`)."""
    named = re.compile(r"\bextract_(resident|movement|number)\b")
    readers = {relative(path) for path in python_files("modules", "batch") if named.search(path.read_text("utf-8"))}
    assert readers == {"modules/resident/basic_register/extraction.py"}


def test_no_other_business_reads_the_registers_own_tables() -> None:
    """Only the published views hide what is to be hidden."""
    tables = re.compile(r"\b(FROM|JOIN)\s+(resident_record|movement|movement_person|protection|protection_subject)\b")
    home = ROOT / "modules/resident/basic_register"
    found = [
        relative(path)
        for path in python_files("modules", "batch")
        if home not in path.parents and tables.search(path.read_text("utf-8"))
    ]
    assert found == []
