"""The parts of `python -m loadtests.bench`: each measures two things in turn and reports the one divided by the other."""

import os

# A worker of the night computes on one thread, and so does an INSERT … SELECT. Polars reads this when it is first imported.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
