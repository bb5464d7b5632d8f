"""How long a worker may be silent."""

from datetime import timedelta

LEASE = timedelta(seconds=120)
"""A run whose worker has told nothing for so long is taken up again, from its beginning."""
