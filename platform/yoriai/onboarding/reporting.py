"""The report of a check, a rehearsal or a load as files: JSON and CSV with everything, HTML and PDF to read and to sign."""

import json
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from yoriai.csv_text import csv_text
from yoriai.documents import render_pdf
from yoriai.onboarding.layout import OUTCOME_LABELS
from yoriai.onboarding.tenant_models import KINDS
from yoriai.onboarding.work import Done
from yoriai.private_files import write_private
from yoriai.tenancy.config import TenantConfig

_HERE = Path(__file__).parent
_SHOWN = 200
"""Remarks that stand in HTML and PDF by table and rule; the CSV has all."""
_NOTED = "注意"
_HEADINGS = ("表", "ファイル", "行", "項目", "値", "理由の符号", "理由", "扱い")


def write_report(done: Done, config: TenantConfig, system: str, folder: Path) -> dict[str, str]:
    """Write the files into the folder, readable by their owner only since they quote records; their paths by form."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{config.code}-{done.kind}-{done.run_no}"
    data = report_data(done, config, system)
    pages = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined)
    contents = {
        "json": json.dumps(done.to_json(), ensure_ascii=False, indent=1, default=str).encode(),
        "csv": b"\xef\xbb\xbf" + csv_text(_HEADINGS, _rows(done)).encode(),
        "html": pages.get_template("onboarding/report.html").render(data).encode(),
        "pdf": render_pdf(_HERE / "documents" / "report.typ", data, made_at=done.finished_at),
    }
    paths = {}
    for form, content in contents.items():
        path = folder / f"{name}.{form}"
        write_private(path, content)
        paths[form] = str(path)
    return paths


def report_data(done: Done, config: TenantConfig, system: str) -> dict[str, Any]:
    """What the paper and the page show."""
    return {
        "municipality": config.name,
        "kind": KINDS[done.kind],
        "run_no": done.run_no,
        "system": system,
        "finished_at": f"{done.finished_at:%Y-%m-%d %H:%M}",
        "digest": done.checked.digest,
        "is_clean": done.checked.is_clean,
        "tables": [result.to_json() for result in done.checked.tables],
        "totals": [
            {"table": result.table.label, "label": label, "total": total, "loaded": result.loaded_totals[label]}
            for result in done.checked.tables
            for label, total in result.totals.items()
        ],
        "groups": _groups(done),
        "items": [item.to_json() for item in done.items],
        "files": [{"name": name, "digest": digest} for name, digest in sorted(done.checked.files.items())],
    }


def _rows(done: Done) -> list[tuple[object, ...]]:
    labels = _labels(done)
    return [
        (
            labels[each.table],
            each.file,
            each.line,
            each.column,
            each.value,
            each.rule,
            each.message,
            OUTCOME_LABELS[each.outcome] if each.outcome else _NOTED,
        )
        for each in done.checked.remarks
    ]


def _labels(done: Done) -> Mapping[str, str]:
    return {result.table.name: result.table.label for result in done.checked.tables}


def _groups(done: Done) -> list[dict[str, Any]]:
    """The remarks by table and rule, the first of each in full."""
    labels = _labels(done)
    found = sorted(done.checked.remarks, key=lambda each: (each.table, each.rule, each.line))
    groups = []
    for (table, rule), several in groupby(found, key=lambda each: (each.table, each.rule)):
        remarks = list(several)
        outcomes = {OUTCOME_LABELS[each.outcome] if each.outcome else _NOTED for each in remarks}
        groups.append(
            {
                "table": labels[table],
                "rule": rule,
                "outcome": "・".join(sorted(outcomes)),
                "count": len(remarks),
                "rows": [each.to_json() for each in remarks[:_SHOWN]],
            }
        )
    return groups
