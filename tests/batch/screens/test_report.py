"""日次運用報告: its facts, and that they stand in the PDF file."""

import io
from pathlib import Path

import httpx
import pypdf
import pytest
from typer.testing import CliRunner

from batch.commands import commands
from tests.batch.nights import BUSINESS_DATE, Queue
from tests.batch.screens.conftest import BadNight, Login
from tests.conftest import OTHER, OWN, Installation

PDF = {"accept": "application/pdf"}


def _text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


async def test_the_report_names_failures_acts_and_peaks(bad_night: BadNight, operators: Login, queue: Queue) -> None:
    client = await operators("operator")
    await client.post(f"/center/batch/jobs/{bad_night.ids['timed']}/acts/hold", json={"reason": "用紙待ち"})
    data = (await client.get("/center/batch/report")).json()
    assert data["totals"]["stopped"] == 1
    assert data["totals"]["jobs"] == 10
    assert [(act["act"], act["actor"], act["message"]) for act in data["acts"]] == [("保留", "operator", "用紙待ち")]
    assert {item["label"]: item["marks"] for item in data["exceptions"]}["failed"] == "異常"
    cpu = data["center"]["resources"][0]
    assert (cpu["label"], cpu["capacity"]) == ("CPU", 4)
    assert cpu["planned_peak"] >= 4
    answer = await client.get("/center/batch/report", headers=PDF)
    assert answer.headers["content-type"] == "application/pdf"
    text = _text(answer.content)
    for part in ("日次運用報告", "令和8年6月1日", "表が壊れています", "用紙待ち", "止まりました", "江田島市"):
        assert part in text, part


async def test_a_municipality_gets_the_report_of_its_own_night(bad_night: BadNight, viewer: httpx.AsyncClient) -> None:
    data = (await viewer.get(f"/{OWN}/batch/report")).json()
    assert data["center"] is None
    assert data["totals"]["jobs"] == 9
    text = _text((await viewer.get(f"/{OWN}/batch/report", headers=PDF)).content)
    assert "江田島市" in text
    assert "容量" not in text
    assert "安芸太田町" not in text


async def test_the_centre_prints_the_report_of_one_municipality(bad_night: BadNight, operators: Login) -> None:
    client = await operators("watcher")
    data = (await client.get(f"/center/batch/report?municipality={OTHER}")).json()
    assert data["totals"]["jobs"] == 1
    assert (await client.get("/center/batch/report?municipality=999999")).status_code == 404


def test_the_command_writes_the_file(
    bad_night: BadNight, installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YORIAI_DSN", installation.app_dsn)
    monkeypatch.setenv("YORIAI_VAR", str(tmp_path))
    runner = CliRunner()
    path = tmp_path / "report.pdf"
    done = runner.invoke(commands, ["report", "--date", BUSINESS_DATE.isoformat(), "--pdf", str(path)])
    assert done.exit_code == 0, done.output
    assert "表が壊れています" in _text(path.read_bytes())
    assert runner.invoke(commands, ["report", "--date", "2001-01-01", "--pdf", str(path)]).exit_code != 0
    assert runner.invoke(commands, ["report"]).exit_code == 2
