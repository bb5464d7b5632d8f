"""What the tests ask for."""

import csv
import io
from typing import Any

import httpx

PERSON = "resident.person"


def composed(*items: str, **values: Any) -> dict[str, Any]:
    """A list of residents with these items."""
    return {
        "base": PERSON,
        "items": [f"{PERSON}.{item}" for item in items],
        "purpose": "試験のため",
        "name": "一覧",
        **values,
    }


def condition(item: str, operator: str, value: str = "", **values: Any) -> dict[str, Any]:
    """A condition on an item of the residents, or of the view named in it."""
    return {"item": item if "." in item else f"{PERSON}.{item}", "operator": operator, "value": value, **values}


async def run(client: httpx.AsyncClient, at: str, body: dict[str, Any]) -> dict[str, Any]:
    """Ask for a run, wait until it is made, and give what its page says."""
    asked = await client.post(f"{at}/runs", json=body)
    assert asked.status_code == 200, asked.text
    await client.settle()  # type: ignore[attr-defined]
    page = await client.get(f"{at}/runs/{asked.json()['run_no']}")
    result: dict[str, Any] = page.json()["run"]
    return result


async def table(client: httpx.AsyncClient, at: str, body: dict[str, Any]) -> list[list[str]]:
    """The rows of the CSV file of a run, the header first."""
    made = await run(client, at, body)
    assert made["status"] == "done", made
    answer = await client.post(f"{at}/runs/{made['run_no']}/file", json={})
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def refused(client: httpx.AsyncClient, at: str, body: dict[str, Any]) -> dict[str, str]:
    """The mistakes the preview finds: field to message."""
    answer = await client.post(f"{at}/preview", json=body)
    assert answer.status_code == 422, answer.text
    return {error["field"]: error["message"] for error in answer.json()["errors"]}
