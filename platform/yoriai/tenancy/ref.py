"""The name of a municipality in the data layer. No function takes a tenant as a bare string."""

from dataclasses import dataclass

from yoriai.numbers import is_municipality_code

CENTER = "center"
"""Stands where a municipality's code stands, in addresses, tokens and seals, for the shared centre that runs the installation."""


@dataclass(frozen=True, order=True)
class TenantRef:
    """A municipality by its 全国地方公共団体コード; raises ValueError when the check digit is wrong.

    Schema and role names are made of its digits and nothing else, so that they can stand in a SQL text.
    """

    code: str
    practice: bool = False
    """Whether the practice copy is meant, in which a data migration is rehearsed: a schema and a role of its own."""

    def __post_init__(self) -> None:
        if not is_municipality_code(self.code):
            raise ValueError(f"not a municipality code (six digits, the last a check digit): {self.code!r}")

    @property
    def schema(self) -> str:
        """The municipality's schema."""
        return f"t_{self.code}_practice" if self.practice else f"t_{self.code}"

    @property
    def role(self) -> str:
        """The role that can reach the schema and nothing else."""
        return self.schema

    def __str__(self) -> str:
        return self.code


def place_of(tenant: TenantRef | None) -> str:
    """A municipality's code or, without one, what stands for the shared centre."""
    return tenant.code if tenant else CENTER
