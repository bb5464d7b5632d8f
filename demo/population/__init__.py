"""A deterministic synthetic population for a municipality of Japan: no real person, real towns and postcodes."""

from demo.population.generate import Population, generate, scaled_size
from demo.population.profile import Profile, load_profile, profile_names
from demo.population.towns import load_towns

__all__ = ["Population", "Profile", "generate", "load_profile", "load_towns", "profile_names", "scaled_size"]
