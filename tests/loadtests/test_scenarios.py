"""What the clerks of the load tests do is what the application takes."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import httpx
import pytest

from batch.runner import run_alone
from loadtests.accounts import Account, draw_account, read_accounts
from loadtests.dice import seeded
from loadtests.keystrokes import type_name, typed_kana, typed_kanji
from loadtests.measuring import assessment
from loadtests.measuring.installation import Installation
from loadtests.measuring.serving import serve
from loadtests.newcomers import make_move_in
from modules.resident.basic_register.movements.inputs import MoveIn
from modules.resident.basic_register.search.criteria import Criteria
from tests.conftest import OTHER, OWN
from yoriai.clock import today
from yoriai.settings import ROOT
from yoriai.tenancy.bulk import BulkDatabase

LOCUSTFILE = ROOT / "loadtests" / "locustfile.py"


def test_a_name_is_typed_in_bursts() -> None:
    assert list(typed_kana("ワタナベ タロウ")) == ["ワ", "ワタ", "ワタナベ", "ワタナベ タロウ"]
    assert list(typed_kanji("渡邉 太郎")) == ["渡邉", "渡邉 太郎"]
    assert list(typed_kana("リ")) == ["リ"]
    for seed in range(50):
        for query in type_name("渡邉 太郎", "ワタナベ タロウ", seeded(seed)):
            assert not Criteria(q=query).is_empty


def test_a_larger_municipality_has_more_clerks() -> None:
    accounts = [Account(OWN, "clerk", "", 900), Account(OTHER, "clerk", "", 100)]
    dice = seeded(1)
    drawn = [draw_account(accounts, dice).tenant for _ in range(1_000)]
    assert 850 < drawn.count(OWN) < 950


def test_accounts_come_from_the_file_the_environment_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    items = [{"tenant": OWN, "login": login, "password": "secret"} for login in ("one_stop_clerk", "tax_clerk")]
    (tmp_path / "logins.json").write_text(json.dumps(items), encoding="utf-8")
    monkeypatch.setenv("YORIAI_LOADTEST_LOGINS", str(tmp_path / "logins.json"))
    assert [account.login for account in read_accounts()] == ["one_stop_clerk"]
    assert read_accounts()[0].weight > 1
    monkeypatch.setenv("YORIAI_LOADTEST_LOGIN", "nobody")
    with pytest.raises(LookupError, match="nobody"):
        read_accounts()


@pytest.mark.parametrize("seed", range(30))
def test_a_move_in_is_a_body_of_the_api(seed: int) -> None:
    body = MoveIn.model_validate(make_move_in("ためし町", date(2026, 11, 22), seeded(seed)))
    assert [member.relationship for member in body.members].count("02") == 1
    assert body.event_date <= body.notified_on


async def test_the_application_records_the_move_in(client: httpx.AsyncClient) -> None:
    form = (await client.get(f"/{OWN}/resident/movements/move-in")).json()
    body = make_move_in(form["towns"][0]["value"], today(), seeded(3))
    answer = await client.post(f"/{OWN}/resident/movements/move-in", json=body)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["addressee_nos"]) == len(body["members"])


def test_locust_plays_the_scenarios_without_a_failure(place: Installation, tmp_path: Path) -> None:
    """In a process of its own: locust replaces the standard library's sockets."""
    command = ["-m", "locust", "-f", str(LOCUSTFILE), "--headless", "-u", "8", "-r", "8", "-t", "20s", "--only-summary"]
    for counter in place.counters:
        context = assessment.make_context(place, counter.config, "test")
        run_alone(BulkDatabase(place.settings.app_dsn), assessment.assessment_job(), context)
    with serve(place.settings.app_dsn) as port:
        result = subprocess.run(
            [sys.executable, *command, "--host", f"http://127.0.0.1:{port}", "--csv", str(tmp_path / "locust")],
            cwd=ROOT,
            env={**os.environ, "YORIAI_LOADTEST_LOGINS": str(tmp_path / "demo-logins.json")},
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert result.returncode == 0, result.stdout + result.stderr
    stats = (tmp_path / "locust_stats.csv").read_text(encoding="utf-8")
    assert ",login," in stats
    assert ",search," in stats
