"""The two routers that the modules of screens register at."""

from yoriai.web.router import BusinessRouter, CenterRouter

center = CenterRouter("batch")
own = BusinessRouter("batch")
