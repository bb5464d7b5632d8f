"""The web: one handler per resource answers JSON or a screen, so a screen cannot do what the API cannot."""

from yoriai.web.context import Ctx
from yoriai.web.forms import form_or_json
from yoriai.web.router import BusinessRouter

__all__ = ["BusinessRouter", "Ctx", "form_or_json"]
