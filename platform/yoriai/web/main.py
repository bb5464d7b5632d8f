"""The ASGI application for a server started by name."""

from yoriai.settings import load_settings
from yoriai.web.app import create_app

app = create_app(load_settings())
