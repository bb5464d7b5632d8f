"""The router of a municipality's own screens, with everything registered at it."""

from batch.web import own as _own
from batch.web import reporting as _reporting
from batch.web.routers import own as router

__all__ = ["router"]
_SCREENS = (_own, _reporting)
