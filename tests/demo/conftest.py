"""Small populations of one municipality for each profile."""

from datetime import date

import pytest

from demo.population import Population, generate, load_profile, load_towns

AS_OF = date(2026, 11, 22)
SEED = 7
SIZES = {
    "suburban": ("342131", 6_000),
    "island": ("342157", 2_703),
    "mountain": ("343684", 1_451),
    "rural": ("343692", 1_997),
}


@pytest.fixture(scope="session", params=sorted(SIZES))
def profile_name(request: pytest.FixtureRequest) -> str:
    """Each profile in turn."""
    return str(request.param)


@pytest.fixture(scope="session")
def population(profile_name: str) -> Population:
    """A reduced population of the profile."""
    code, residents = SIZES[profile_name]
    return generate(code, residents, load_profile(profile_name), SEED, AS_OF, load_towns(code))


@pytest.fixture(scope="session")
def residents_wanted(profile_name: str) -> int:
    """How many residents were asked for."""
    return SIZES[profile_name][1]
