"""What a business offers to `yoriai calc`, the screens and the tests: its calculation with an input anyone can write."""

from datetime import date
from typing import Any, Protocol, TypeVar

from yoriai.errors import NotFound
from yoriai.rules.explanation import Explanation
from yoriai.rules.parameters import BusinessParameters, Moment, ParameterSet

Parsed = TypeVar("Parsed")


class Calculator(Protocol[Parsed]):
    """One business's calculation. Stateless; needs no database."""

    @property
    def name(self) -> str:
        """The business's name, as in `yoriai calc nhi`."""

    @property
    def label(self) -> str:
        """Its Japanese name."""

    @property
    def definitions(self) -> BusinessParameters:
        """All figures it reads, its own and those of businesses whose rules it builds on."""

    def input_schema(self) -> dict[str, Any]:
        """JSON Schema of the input, with Japanese titles."""

    def parse(self, document: object) -> Parsed:
        """Check the input and make it ready; raises Invalid naming every missing or impossible field."""

    def moment(self, parsed: Parsed, on: date) -> Moment:
        """The moment figures are resolved for: the input's own year where it names one, else the day asked about."""

    def calculate(self, parsed: Parsed, parameters: ParameterSet) -> dict[str, Any]:
        """The result with its intermediate values, as JSON; raises MissingParameter."""

    def explain(self, parsed: Parsed, parameters: ParameterSet) -> Explanation:
        """The steps of that result."""


def find_calculator(name: str) -> Calculator[Any]:
    """The calculator of the business of that name; raises NotFound."""
    # The registry reaches every business; the rules engine itself must stay importable without it.
    from yoriai.registry import find_business, load

    business = find_business(name)
    if business is None or not business.calculation:
        raise NotFound(f"「{name}」という計算はありません。")
    calculator: Calculator[Any] = load(business.calculation)
    return calculator
