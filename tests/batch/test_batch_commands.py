"""`yoriai batch` on a real queue: plan, run, status, act, and what they refuse."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from batch import commands as batch_commands
from batch import night_commands, run, tonight
from tests.batch import toy
from yoriai.settings import ROOT
from yoriai.tenancy.ref import TenantRef

DAY = ["--date", toy.DAY.isoformat()]


@pytest.fixture(autouse=True)
def _installation(dsn: str, toy_tenants: Sequence[TenantRef], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YORIAI_DSN", dsn)
    monkeypatch.setenv("YORIAI_TENANTS", str(ROOT / "tenants"))
    monkeypatch.setattr(tonight, "load_catalogue", lambda: toy.CATALOGUE)
    monkeypatch.setattr(night_commands, "load_catalogue", lambda: toy.CATALOGUE)
    monkeypatch.setattr(batch_commands, "load_catalogue", lambda: toy.CATALOGUE)
    monkeypatch.setattr(run, "WORKER_COMMAND", (sys.executable, "-m", "tests.batch.toy_process", "5"))


def _call(*arguments: str) -> Result:
    return CliRunner().invoke(batch_commands.commands, list(arguments))


def _json(*arguments: str) -> Any:
    return json.loads(_call(*arguments, "--json").stdout)


def test_a_plan_shows_every_job_and_how_good_it_is() -> None:
    plan = _json("plan", *DAY, "--capacity", "cpu=2,io=3")
    assert len(plan["plan"]) == 8
    assert plan["capacity"]["cpu"] == 2
    assert plan["planned_peak"]["cpu"] == 2
    assert plan["is_feasible"]
    assert "団体" in _call("plan", *DAY).stdout


def test_an_unreadable_capacity_is_refused() -> None:
    answer = _call("plan", *DAY, "--capacity", "gpu=1", "--json")
    assert answer.exit_code == 2
    assert json.loads(answer.stdout)["errors"][0]["field"] == "capacity"


@pytest.mark.night
def test_a_night_is_run_once_and_again_only_as_a_rerun() -> None:
    first = _json("run", *DAY, "--capacity", "cpu=2", "--workers", "2")
    assert first["ok"]
    assert _call("run", *DAY).exit_code == 2
    second = _json("run", *DAY, "--rerun", "--no-stagger", "--workers", "4")
    assert second["night_key"] == f"{toy.DAY}#1"
    assert second["measured"]["reserved_peak"]["cpu"] > first["measured"]["reserved_peak"]["cpu"]
    status = _json("status", *DAY)
    assert status["night_key"] == second["night_key"]
    assert len(status["list"]) == 8
    assert "正常 8" in _call("status").stdout
    assert _call("act", "do", "hold", "1").exit_code == 2
    assert _call("act", "do", "explode", "1").exit_code == 2


def test_resume_needs_an_open_night() -> None:
    assert _call("run", *DAY, "--resume").exit_code == 2
    assert _call("status").exit_code == 2


@pytest.mark.night
def test_a_confirmed_night_is_started_watched_and_put_right(dsn: str) -> None:
    assert _call("confirm", *DAY, "--immediate").stdout.strip() == toy.DAY.isoformat()
    assert _call("confirm", *DAY, "--immediate").exit_code == 2
    assert _call("act", "do", "skip_failed", "1", "--reason", "試験").exit_code == 0
    assert _call("start").exit_code == 0
    _work(dsn)
    alerts = _json("alerts")["alerts"]
    assert [(alert["severity"], "後続" in alert["message"]) for alert in alerts] == [("critical", True)]
    assert "未確認" in _call("alerts").stdout
    assert _call("act", "acknowledge", str(alerts[0]["id"]), "--note", "対応中").exit_code == 0
    request = _call("act", "force", "1", "--reason", "手作業で確認").stdout
    assert "申請番号" in request
    refused = _call("act", "approve", request.split()[-1])
    assert refused.exit_code == 2, "the same person cannot approve"
    assert "別の人" in refused.output
    assert _call("act", "rerun", "1", "--way", "failed", "--reason", "直した").exit_code == 0
    assert _call("act", "change", "1", "--start", "99:00").exit_code == 2
    assert _call("replan", "--reason", "試験").exit_code == 0
    _work(dsn)
    assert _json("status")["ok"]
    log = _call("log", "1").stdout
    assert all(word in log for word in ("スキップ(異常扱い)", "リラン", "正常終了", "直した"))
    assert "待機" not in _call("workers").stdout, "a worker that has ended signs off"
    assert _call("cancel", "--reason", "遅い").exit_code == 2


def _work(dsn: str) -> None:
    environment = {**os.environ, "YORIAI_DSN": dsn}
    subprocess.run([sys.executable, "-m", "tests.batch.toy_process", "5"], check=True, env=environment, timeout=120)
