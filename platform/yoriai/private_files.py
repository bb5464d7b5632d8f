"""Files with data of people, for the eyes of their owner only."""

import os
from pathlib import Path


def write_private(path: Path, content: bytes) -> None:
    """Write the file, readable by its owner only; one that is there already would keep its own rights, and is replaced."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
