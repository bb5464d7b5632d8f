"""What other businesses may know of 就学.

The view `fact_school_age` has a row per child at a school of the municipality: `addressee_no`, `school_code`, `school_name`,
`grade`. 就学援助 and 学童保育 start from it.
"""

from dataclasses import dataclass

from yoriai.tenancy.session import Reader

_PUPIL = "SELECT addressee_no, school_code, school_name, grade FROM fact_school_age WHERE addressee_no = $1"


@dataclass(frozen=True)
class Pupil:
    """A child at a school of the municipality."""

    addressee_no: int
    school_code: str
    school_name: str
    grade: int


async def find_pupil(session: Reader, addressee_no: int) -> Pupil | None:
    """The child's school, or None when it attends none of the municipality's."""
    row = await session.fetchrow(_PUPIL, addressee_no)
    return Pupil(**dict(row)) if row else None
