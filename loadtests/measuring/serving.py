"""The application as one uvicorn process on a free port."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_START_SECONDS = 60


@contextmanager
def serve(app_dsn: str) -> Iterator[int]:
    """Serve the database until the end of the block; gives the port."""
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", "yoriai.web.main:app", "--host", "127.0.0.1", "--port", str(port)]
    # Connections stay open while another contestant is measured.
    options = ["--timeout-keep-alive", "600", "--log-level", "warning", "--no-access-log", "--no-server-header"]
    process = subprocess.Popen(
        [*command, *options], env={**os.environ, "YORIAI_DSN": app_dsn}, stdin=subprocess.DEVNULL
    )
    try:
        _wait_until_answered(process, port)
        yield port
    finally:
        process.terminate()
        process.wait(_START_SECONDS)


def _wait_until_answered(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the application ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the application did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
