"""Incomes are tested on the family of the welfare tests."""

from tests.welfare.conftest import clerk, settled

__all__ = ["clerk", "settled"]
