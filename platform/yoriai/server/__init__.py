"""A real PostgreSQL of our own, for a machine that has none."""

from yoriai.server.embedded import EmbeddedServer

__all__ = ["EmbeddedServer"]
