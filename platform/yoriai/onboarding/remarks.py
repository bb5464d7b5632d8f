"""What was found in the files: each remark with table, file, line, item, value, reason, and what becomes of the record."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from yoriai.onboarding.layout import Outcome, Table

HIDDEN = "（番号のため表示しません）"


@dataclass(frozen=True)
class Remark:
    """One finding at one record. `outcome` is None for a remark on a record that is loaded all the same."""

    table: str
    file: str
    line: int
    column: str
    value: str
    rule: str
    message: str
    outcome: Outcome | None

    def to_json(self) -> dict[str, Any]:
        """The remark as JSON."""
        return asdict(self)


class Remarks:
    """Collects the remarks of all tables and knows what becomes of each record."""

    def __init__(self) -> None:
        self._found: list[Remark] = []
        self._marks: defaultdict[str, dict[int, Outcome]] = defaultdict(dict)

    def add(
        self,
        table: Table,
        file: str,
        lines: Sequence[int],
        column: str,
        rule: str,
        message: str,
        outcome: Outcome | None,
        values: Sequence[str] = (),
    ) -> None:
        """A remark at each of the lines. A record that is refused stays refused, whatever else is found."""
        for place, line in enumerate(lines):
            value = values[place] if values else ""
            self._found.append(Remark(table.name, file, line, column, value, rule, message, outcome))
            if outcome and self._marks[table.name].get(line) is not Outcome.REFUSED:
                self._marks[table.name][line] = outcome

    def marks(self, table: str) -> Mapping[int, Outcome]:
        """Line to outcome of the records that are not loaded."""
        return self._marks[table]

    def count(self, table: str) -> Counter[Outcome]:
        """How many records of the table are refused and set aside."""
        return Counter(self._marks[table].values())

    def __iter__(self) -> Iterator[Remark]:
        """All remarks by table, file and line."""
        return iter(sorted(self._found, key=lambda remark: (remark.table, remark.file, remark.line, remark.column)))

    def __len__(self) -> int:
        return len(self._found)
