"""The first command a newcomer runs, as a newcomer runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from yoriai.settings import ROOT


def _demo(var: Path, *arguments: str) -> dict[str, Any]:
    known = ("YORIAI_DSN", "YORIAI_ADMIN_DSN")
    environment = {name: value for name, value in os.environ.items() if name not in known} | {"YORIAI_VAR": str(var)}
    command = [sys.executable, "-c", "from yoriai.cli import main; main()", "demo", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout) if done.stdout else {}


@pytest.mark.night
def test_the_demo_makes_four_municipalities_and_a_night_and_may_be_started_again(tmp_path: Path) -> None:
    try:
        first = _demo(tmp_path, "--scale", "0.004", "--no-serve")
        assert len(first["residents"]) >= 4
        assert min(first["residents"].values()) >= 100
        assert first["night"]["ok"]
        assert first["night"]["rows_out"] > 0
        assert first["night"]["planned"]["is_feasible"]
        again = _demo(tmp_path, "--scale", "0.004", "--no-serve")
        assert (again["residents"], again["night"]["night_key"]) == (first["residents"], first["night"]["night_key"])
        logins = json.loads((tmp_path / "demo-logins.json").read_text(encoding="utf-8"))
        assert {login["tenant"] for login in logins} == {"center", *first["residents"]}
        assert all(len(login.get("totp", "")) == 32 for login in logins)
        assert (tmp_path / "demo-logins.json").stat().st_mode & 0o077 == 0, "passwords are for their owner only"
    finally:
        _demo(tmp_path, "--stop")
    assert not (tmp_path / "connection.json").exists()
