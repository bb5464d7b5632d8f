"""The levy of 国民健康保険税(料): who is charged for which months, on what income, with which reductions, up to which cap."""

from modules.nhi.health_insurance.rules.instalments import (
    InstalmentPlan,
    Shift,
    instalment_plan,
    respread,
    split_instalments,
)
from modules.nhi.health_insurance.rules.levels import COMPONENT_LABELS, HOUSEHOLD, MEMBER
from modules.nhi.health_insurance.rules.levy import nhi_calculation

__all__ = [
    "COMPONENT_LABELS",
    "HOUSEHOLD",
    "MEMBER",
    "InstalmentPlan",
    "Shift",
    "instalment_plan",
    "nhi_calculation",
    "respread",
    "split_instalments",
]
