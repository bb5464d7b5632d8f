"""Files with data of people or with passwords, for the eyes of their owner only."""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path


def write_private(path: Path, content: bytes) -> None:
    """Write the file, readable by its owner only; one that is there already would keep its own rights, and is replaced."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def write_environment(path: Path, values: Mapping[str, str]) -> None:
    """Write names and values as systemd (`EnvironmentFile=`) and a shell (`set -a; . FILE`) read them; empty ones are left out.

    Connections with their passwords are handed over so: what a terminal has shown stays in its history and in the log of a timer.
    """
    lines = [f"{name}={shlex.quote(value)}\n" for name, value in values.items() if value]
    write_private(path, "".join(lines).encode())
