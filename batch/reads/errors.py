"""The error list of a job: rows it could not process, and why. It lies in the municipality's own schema."""

from dataclasses import dataclass

from yoriai.tenancy.session import Reader

_ERRORS = """
SELECT chunk_no, line_no, subject, reason FROM job_error WHERE run_key = $1 ORDER BY chunk_no, line_no LIMIT $2
"""
_COUNT = "SELECT count(*) FROM job_error WHERE run_key = $1"


@dataclass(frozen=True)
class ErrorRow:
    """A row that was not processed: `subject` is like `addressee:123`."""

    chunk_no: int
    line_no: int
    subject: str
    reason: str

    @property
    def addressee_no(self) -> int | None:
        """The person it is about, when it is about one."""
        kind, _, number = self.subject.partition(":")
        return int(number) if kind == "addressee" and number.isdigit() else None


async def list_errors(session: Reader, run_key: str, limit: int | None = None) -> list[ErrorRow]:
    """The rows of a run that were not processed, all of them without a limit; needs the municipality's own session."""
    return [ErrorRow(**dict(row)) for row in await session.fetch(_ERRORS, run_key, limit)]


async def count_errors(session: Reader, run_key: str) -> int:
    """How many rows of a run were not processed."""
    return int(await session.fetchval(_COUNT, run_key))
