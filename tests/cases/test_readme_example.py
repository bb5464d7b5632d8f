"""The README's own example is a published one: 伊勢崎市 令和5年度, 計算例1."""

import json
import subprocess
import sys

from tests.cases.published import ROOT


def test_the_readme_command_gives_the_published_total() -> None:
    examples = ROOT / "docs" / "examples"
    command = [
        sys.executable,
        "-c",
        "from yoriai.cli import main; main()",
        "calc",
        "nhi",
        "--json",
        "--on",
        "2023-07-01",
    ]
    command += ["--parameters", str(examples / "ordinance.yaml"), "--input", str(examples / "household.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout)["total"] == 356_500
