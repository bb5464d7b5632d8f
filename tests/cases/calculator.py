"""Calling `yoriai calc` as an outsider does: a file of figures, an input on standard input, JSON back."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from yoriai.cli import make_app


def run_calc(
    business: str, document: object, *options: str, figures: dict[str, Any] | None = None, folder: Path
) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON answer."""
    arguments = ["calc", business, "--json", "--input", "-", *options]
    if figures is not None:
        path = folder / "figures.json"
        path.write_text(json.dumps(figures, ensure_ascii=False), "utf-8")
        arguments += ["--parameters", str(path)]
    if "--on" not in options:
        arguments += ["--on", "2026-04-01"]
    answer = CliRunner().invoke(make_app("calc"), arguments, input=json.dumps(document, ensure_ascii=False))
    return answer.exit_code, json.loads(answer.stdout)
