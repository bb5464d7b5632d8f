"""The published worked examples lie beside the clone (`../shared/cases`, or where YORIAI_CASES says); without them
these tests are left out."""

from tests.cases.published import CASES

collect_ignore = [] if CASES.exists() else ["test_nhi_cases.py", "test_income_cases.py"]


def pytest_report_header() -> str:
    """Say whether the published cases are run."""
    return f"published cases: {CASES if CASES.exists() else 'not found, left out'}"
