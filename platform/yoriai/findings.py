"""What the checks of an input find: errors stop it, alerts may be confirmed by the clerk; all are told at once."""

from collections.abc import Collection
from dataclasses import dataclass, field

from yoriai.errors import FieldError, Invalid, NeedsConfirmation


@dataclass
class Findings:
    """The errors and alerts of one input, in the order of the screen."""

    errors: list[FieldError] = field(default_factory=list)
    alerts: list[FieldError] = field(default_factory=list)

    def refuse(self, place: str, message: str, article: str = "", *, rule: str = "check") -> None:
        """Note an error at a field."""
        self.errors.append(FieldError(place, message, rule, article))

    def warn(self, code: str, place: str, message: str, article: str = "") -> None:
        """Note an alert that is accepted by sending its code."""
        self.alerts.append(FieldError(place, message, code, article))

    def warn_at(self, code: str, place: str, message: str, article: str = "") -> None:
        """Note an alert that has to be accepted for each field by itself: `code:place` is what is sent back."""
        self.warn(f"{code}:{place}", place, message, article)

    def settle(self, confirmed: Collection[str] = ()) -> None:
        """Raise Invalid for errors, NeedsConfirmation for alerts that were not confirmed; else return."""
        if self.errors:
            raise Invalid(fields=self.errors)
        if remaining := [alert for alert in self.alerts if alert.rule not in confirmed]:
            raise NeedsConfirmation(fields=remaining)
