"""The use cases of NHI in one place: 資格 is in `enrolment`, 賦課 in `levy`, what is open in `worklist`."""

from modules.nhi.health_insurance.enrolment import (
    dismiss_candidate,
    end_former_member,
    enrol,
    list_enrolments,
    record_circumstance,
    transfer,
    withdraw,
)
from modules.nhi.health_insurance.figures import figures_of
from modules.nhi.health_insurance.levy import assess_household, explain_assessment, get_levy
from modules.nhi.health_insurance.worklist import list_candidates

__all__ = [
    "assess_household",
    "dismiss_candidate",
    "end_former_member",
    "enrol",
    "explain_assessment",
    "figures_of",
    "get_levy",
    "list_candidates",
    "list_enrolments",
    "record_circumstance",
    "transfer",
    "withdraw",
]
