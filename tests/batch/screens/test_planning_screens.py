"""Planning on the screen: try out, confirm once, start, take back; what was entered is kept."""

from typing import Any

import httpx
import pytest

from tests.batch.nights import Queue
from tests.batch.screens.conftest import HTML, Login
from tests.conftest import OWN

BASE = "/center/batch"
DAY = "2026-06-10"
pytestmark = pytest.mark.usefixtures("tenant", "other_tenant")


async def _plan(client: httpx.AsyncClient, path: str = "/plan", **body: Any) -> httpx.Response:
    return await client.post(BASE + path, json={"business_date": DAY, **body})


async def test_a_tried_plan_shows_times_peak_and_bound_and_stores_nothing(queue: Queue, operators: Login) -> None:
    client = await operators("chief")
    plan = (await _plan(client, cpu=2, nets=["nhi.annual"])).json()
    summary = plan["summary"]
    assert summary["is_feasible"]
    assert summary["capacity"]["cpu"] == 2
    assert summary["planned_peak"]["cpu"] <= 2
    assert summary["makespan_ms"] >= summary["bound_ms"]
    assert {job["net"] for job in summary["plan"]} >= {"nhi.annual", "resident.daily"}
    assert len(plan["picture"]["gantt"]["lanes"]) == 2
    page = await client.post(f"{BASE}/plan", data={"business_date": "R8.6.10", "cpu": "2"}, headers=HTML)
    assert "時間内に収まります" in page.text
    assert 'value="2"' in page.text, "what was typed is kept"
    assert queue.one("SELECT count(*) FROM batch_night") == (0,)


async def test_every_mistake_of_the_parameters_is_told_at_once(queue: Queue, operators: Login) -> None:
    client = await operators("chief")
    wrong = await client.post(
        f"{BASE}/plan", json={"business_date": "6月", "cpu": 0, "io": 99999, "scale_percent": 5, "scale_code": "x"}
    )
    assert wrong.status_code == 422
    fields = {error["field"] for error in wrong.json()["errors"]}
    assert fields == {"business_date", "cpu", "io", "scale_percent", "scale_code"}
    unknown = await _plan(client, nets=["no.such"])
    assert "no.such" in unknown.json()["errors"][0]["message"]
    page = await client.post(f"{BASE}/plan", data={"business_date": DAY, "cpu": "0"}, headers=HTML)
    assert page.status_code == 422
    assert "1以上で入力してください" in page.text


async def test_a_what_if_is_larger_and_cannot_be_confirmed(queue: Queue, operators: Login) -> None:
    client = await operators("chief")
    refused = await _plan(client, "/plan/confirm", scale_code=OWN, scale_percent=150)
    assert refused.status_code == 422
    assert "試算" in refused.json()["errors"][0]["message"]
    moved = {"move_net": "nhi.annual", "move_on": "R8.6.10"}
    nets = {job["net"] for job in (await _plan(client, **moved)).json()["summary"]["plan"]}
    assert "nhi.annual" in nets, "moved to this very night"
    assert "試算" in (await _plan(client, "/plan/confirm", **moved)).json()["errors"][0]["message"]
    half = await _plan(client, move_net="no.such")
    assert {error["field"] for error in half.json()["errors"]} == {"move_net", "move_on"}
    assert (await _plan(client, scale_code=OWN, scale_percent=150)).json()["summary"]["what_if"]["scales"] == {
        OWN: "3/2"
    }


async def test_a_plan_is_confirmed_once_with_what_was_entered_then_started(queue: Queue, operators: Login) -> None:
    client = await operators("chief")
    # At once: the window of that date has passed, and a night that would be cut off at once is not started.
    jobs = (await _plan(client, cpu=3, is_immediate=True)).json()["summary"]["jobs"]
    assert (await _plan(client, "/plan/confirm", cpu=3, is_immediate=True, seen_jobs=jobs + 1)).status_code == 409
    form = {"business_date": DAY, "cpu": "3", "is_immediate": "true", "seen_jobs": str(jobs)}
    confirmed = await client.post(f"{BASE}/plan/confirm", data=form, headers=HTML)
    assert confirmed.status_code == 303
    assert confirmed.headers["location"] == f"{BASE}/nights/one?night={DAY}"
    assert queue.one("SELECT status, parameters ->> 'cpu', confirmed_by FROM batch_night") == ("planned", "3", "chief")
    again = await _plan(client, "/plan/confirm", cpu=3)
    assert again.status_code == 409
    page = await client.get(f"{BASE}/nights/one?night={DAY}", headers=HTML)
    assert "夜間処理を開始する" in page.text
    assert (await client.post(f"{BASE}/nights/start", json={"night": DAY})).status_code == 200
    assert queue.one("SELECT status FROM batch_night") == ("running",)
    assert (await client.post(f"{BASE}/nights/cancel", json={"night": DAY, "reason": "x"})).status_code == 409
    assert (await client.post(f"{BASE}/nights/replan", json={"night": DAY, "reason": " "})).status_code == 422
    assert (await client.post(f"{BASE}/nights/replan", json={"night": DAY, "reason": "機器の追加"})).status_code == 200
    rows = (await client.get(f"{BASE}/plans")).json()["rows"]
    assert "機器の追加" in {row["reason"] for row in rows}


async def test_a_confirmed_plan_is_taken_back_with_a_reason(queue: Queue, operators: Login) -> None:
    client = await operators("chief")
    await _plan(client, "/plan/confirm")
    path = f"{BASE}/nights/cancel"
    wrong = await client.post(path, data={"night": DAY}, headers=HTML)
    assert "理由を入力してください" in wrong.text
    assert (await client.post(path, json={"night": DAY, "reason": "日付の誤り"})).status_code == 200
    acts = (await client.get(f"{BASE}/operations")).json()["rows"]
    assert [(act["act"], act["reason"]) for act in acts][:2] == [("計画の取消", "日付の誤り"), ("計画の確定", "")]


async def test_an_operator_without_the_right_plans_nothing(queue: Queue, operators: Login) -> None:
    client = await operators("operator")
    assert (await _plan(client)).status_code == 403
    assert (await client.post(f"{BASE}/nights/start", json={"night": DAY})).status_code == 403
