"""Compile a kernel, and keep what was compiled where the next process finds it."""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba

from batch.planner.kernels.storage import cache_folder, is_writable

F = TypeVar("F", bound=Callable[..., Any])


def _working_folder() -> Path:
    """A folder numba will use: it refuses one that it cannot write to, even when all it needs is there."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        pass
    else:
        if is_writable(folder):
            return folder
    copy = Path(tempfile.mkdtemp(prefix="yoriai-kernels-"))
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    if folder.exists():
        shutil.copytree(folder, copy, dirs_exist_ok=True)
    return copy


def compiled(kernel: F) -> F:
    """Compile at the first call, without Python's lock while it runs, and keep the result on disk.

    The kernel must make no arrays: numba then counts no references, which costs ten times what a pass itself does where the
    arrays of a whole demand go from call to call.
    """
    return _jit(kernel)  # type: ignore[no-any-return]


def inlined(kernel: F) -> F:
    """The same, into every caller: for what is done for each job of a pass."""
    return _inline(kernel)  # type: ignore[no-any-return]


def allocating(kernel: F) -> F:
    """The same for a kernel that makes arrays; it is to hand the work with them to one that does not."""
    return _allocate(kernel)  # type: ignore[no-any-return]


def _prepare(**options: bool) -> Any:
    config: Any = numba.config  # its names are made at run time
    config.CACHE_DIR = str(_working_folder())
    make: Any = numba.njit  # its types do not know `_nrt`
    return make(cache=True, nogil=True, error_model="numpy", **options)


_allocate = _prepare()
_jit = _prepare(_nrt=False)
_inline = _prepare(_nrt=False, forceinline=True)
