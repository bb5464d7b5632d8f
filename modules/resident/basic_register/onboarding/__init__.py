"""What the register takes over from an old system (移行)."""

from modules.resident.basic_register.onboarding.checks import check
from modules.resident.basic_register.onboarding.layout import NUMBER, PERSON, PROTECTION
from modules.resident.basic_register.onboarding.writing import load
from yoriai.onboarding.layout import Part

PART = Part((PERSON, NUMBER, PROTECTION), load, check)
