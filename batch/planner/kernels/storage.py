"""Where the compiled kernels are kept, and whether they are there. Asking costs no more than reading their sources."""

import functools
import hashlib
import os
import shutil
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_HERE = Path(__file__).parent
_MARK = "complete"


@functools.cache
def fingerprint() -> str:
    """What the compiled kernels depend on. numba looks at one file at a time, and kernels call kernels of other files."""
    digest = hashlib.sha256(version("numba").encode())
    for path in sorted(_HERE.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@functools.cache
def cache_folder() -> Path:
    """Where the compiled kernels of these sources are kept: beside them, or in the user's cache where that is read-only."""
    beside = _HERE / "__pycache__" / fingerprint()
    if (beside / _MARK).exists() or is_writable(_HERE):
        return beside
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    return caches / "yoriai" / "kernels" / fingerprint()


@functools.cache
def is_warm() -> bool:
    """Whether the kernels have been compiled on this machine."""
    try:
        return (cache_folder() / _MARK).exists()
    except PackageNotFoundError:
        return False


def mark_warm() -> None:
    """Say that all kernels have been compiled; what was compiled from other sources goes."""
    folder = cache_folder()
    if not is_writable(folder):
        return
    (folder / _MARK).touch()
    is_warm.cache_clear()
    for other in folder.parent.iterdir():
        if other != folder and other.is_dir():
            shutil.rmtree(other, ignore_errors=True)


def is_writable(folder: Path) -> bool:
    """Whether files can be made in the folder."""
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True
