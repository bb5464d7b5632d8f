"""The addresses of an administrator: accounts with their second factors, and the report; the centre has those of its accounts."""

from yoriai.security.account_routes import add_account_routes
from yoriai.security.report_routes import add_report_routes
from yoriai.web import BusinessRouter
from yoriai.web.router import CenterRouter

router = BusinessRouter("security")
center = CenterRouter("security")
add_report_routes(router)
add_account_routes(router)
add_account_routes(center)
