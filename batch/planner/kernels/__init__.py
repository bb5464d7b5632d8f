"""The search in machine code: flat arrays of integers in, starts out. Compiled by numba, once per machine (`batch.planner.warm`).

Only `batch.planner.search` imports the kernels, and only when there is something to search: nothing else pays for them.
"""

from batch.planner.kernels.storage import is_warm

__all__ = ["is_warm"]
