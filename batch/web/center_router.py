"""The router of the centre's screens, with everything registered at it."""

from batch.web import acts, arrivals, board, calendar, lists, planning, reporting, yearly
from batch.web.routers import center as router

__all__ = ["router"]
_SCREENS = (acts, arrivals, board, calendar, lists, planning, reporting, yearly)
