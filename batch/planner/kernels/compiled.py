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
    """Compile at the first call, without Python's lock while it runs, and keep the result on disk."""
    return _jit(kernel)  # type: ignore[no-any-return]


def _prepare() -> Any:
    config: Any = numba.config  # its names are made at run time
    config.CACHE_DIR = str(_working_folder())
    return numba.njit(cache=True, nogil=True, error_model="numpy")


_jit = _prepare()
