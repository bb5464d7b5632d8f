"""The centre's screens: the cause is red, what waits behind it is not; acts with reason, confirmation and a second person."""

import csv
import io
from typing import Any
from uuid import uuid4

import httpx
import pytest

from batch.reads.board import GRID_LIMIT
from tests.batch.nights import Queue, make_job
from tests.batch.screens.conftest import HTML, BadNight, Login
from tests.conftest import OTHER, OWN

BASE = "/center/batch"


async def _job(client: httpx.AsyncClient, job_id: int) -> dict[str, Any]:
    answer = await client.get(f"{BASE}/jobs/{job_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_the_board_counts_causes_apart_from_what_they_block(bad_night: BadNight, operators: Login) -> None:
    client = await operators("watcher")
    board = (await client.get(f"{BASE}/")).json()["board"]
    totals = board["totals"]
    assert totals["all"] == 10
    assert (totals["stopped"], totals["blocked"], totals["warned"], totals["good"]) == (1, 2, 1, 1)
    assert (totals["late_starts"], totals["late"]) == (1, 1), "what is blocked is not late besides"
    assert [place["code"] for place in board["places"]] == [OWN, OTHER]
    assert [trouble["id"] for trouble in board["troubles"]] == [
        bad_night.ids[name] for name in ("failed", "awaits", "late")
    ]
    assert board["alerts"][0]["affected"] == 2


async def test_a_shown_state_says_what_a_job_waits_for(bad_night: BadNight, operators: Login) -> None:
    client = await operators("watcher")
    shown = {}
    for name in ("failed", "after", "print", "timed", "awaits", "late", "run"):
        shown[name] = (await _job(client, bad_night.ids[name]))["detail"]["job"]["state"]["label"]
    assert shown == {
        "failed": "異常",
        "after": "閉塞",
        "print": "閉塞",
        "timed": "時刻待",
        "awaits": "外部待",
        "late": "先行待",
        "run": "実行中",
    }


async def test_every_screen_of_the_centre_is_a_page_and_json(bad_night: BadNight, operators: Login) -> None:
    client = await operators("chief")
    failed = bad_night.ids["failed"]
    paths = [
        "/",
        "/?prefecture=34",
        "/gantt",
        f"/gantt?municipality={OWN}&since=00:00&until=47:00",
        f"/gantt?municipality={OWN}&lanes=net",
        "/mails",
        f"/municipalities/{OWN}",
        f"/municipalities/{OWN}/nets/net",
        f"/jobs/{failed}",
        f"/jobs/{failed}/acts/rerun-failed",
        f"/jobs/{failed}/acts/change",
        "/plan",
        "/calendar?month=2026-06",
        "/calendar?month=2026-06&net=nhi.annual",
        "/season?first=2026-04",
        f"/nights/one?night={bad_night.key.replace('#', '%23')}",
        "/arrivals",
        "/alerts/1",
        *("/nights", "/workers", "/alerts", "/operations", "/plans", "/requests"),
    ]
    for path in paths:
        page = await client.get(BASE + path, headers=HTML)
        assert page.status_code == 200, path
        assert page.text.count("<h1") == 1, path
        assert 'style="' not in page.text, path
        assert (await client.get(BASE + path)).json(), path
    part = await client.get(f"{BASE}/", headers={**HTML, "hx-request": "true"})
    assert "<html" not in part.text
    assert "異常" in part.text
    nets = (await client.get(f"{BASE}/municipalities/{OWN}")).json()["nets"]
    lanes = (await client.get(f"{BASE}/gantt?municipality={OWN}&lanes=net")).json()["picture"]["lanes"]
    assert [lane["lane"]["label"] for lane in lanes] == [net["label"] for net in nets], "a lane for each net"
    assert lanes[0]["lane"]["kind"] == "danger", "a net is as bad as its worst job"


async def test_many_municipalities_are_shown_by_prefecture(queue: Queue, operators: Login) -> None:
    codes = [f"{1 + number % 47:02d}{number:03d}0" for number in range(GRID_LIMIT + 20)]
    queue.open(*(make_job(f"job{code}", municipality_code=code) for code in codes))
    client = await operators("watcher")
    board = (await client.get(f"{BASE}/")).json()["board"]
    assert board["is_by_prefecture"]
    assert len(board["places"]) == 47
    assert sum(place["totals"]["all"] for place in board["places"]) == len(codes)
    one = (await client.get(f"{BASE}/?prefecture=34")).json()["board"]
    assert {place["code"][:2] for place in one["places"]} == {"34"}
    gantt = (await client.get(f"{BASE}/gantt?page=2")).json()
    assert len(gantt["picture"]["lanes"]) == 40
    assert gantt["pages"] == 7


async def test_a_hold_needs_a_reason_and_is_logged_and_audited(bad_night: BadNight, operators: Login) -> None:
    client = await operators("operator")
    path = f"{BASE}/jobs/{bad_night.ids['timed']}/acts/hold"
    assert (await client.post(path, json={"reason": ""})).status_code == 422
    assert (await client.post(path, json={"reason": "  "})).status_code == 422
    # The trail of operators goes on from test to test: a reason that no other has given.
    reason = f"用紙待ち {uuid4()}"
    answer = await client.post(path, data={"reason": reason}, headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{BASE}/jobs/{bad_night.ids['timed']}"
    detail = (await _job(client, bad_night.ids["timed"]))["detail"]
    assert detail["job"]["state"]["code"] == "held"
    assert (detail["events"][0]["actor"], detail["events"][0]["message"]) == ("operator", reason)
    rows = (await client.get(f"{BASE}/operations", params={"q": reason})).json()["rows"]
    assert [(row["staff"], row["act"]) for row in rows] == [("operator", "保留")]
    again = await client.post(path, json={"reason": "もう一度"})
    assert again.status_code == 409


async def test_a_kill_says_what_follows_and_happens_only_when_confirmed(bad_night: BadNight, operators: Login) -> None:
    client = await operators("operator")
    path = f"{BASE}/jobs/{bad_night.ids['run']}/acts/kill"
    asked = await client.post(path, json={"reason": "暴走"})
    assert asked.status_code == 428
    assert "後続の未実行ジョブは1件" in asked.json()["errors"][0]["message"]
    shown = await client.post(path, data={"reason": "暴走"}, headers=HTML)
    assert "印を付けてから実行" in shown.text
    assert (await _job(client, bad_night.ids["run"]))["detail"]["job"]["state"]["code"] == "running"
    assert (await client.post(path, json={"reason": "暴走", "confirmed": ["kill"]})).status_code == 200
    assert (await _job(client, bad_night.ids["run"]))["detail"]["job"]["state"]["code"] == "killed"


async def test_the_buttons_are_what_the_table_of_transitions_allows(bad_night: BadNight, operators: Login) -> None:
    client = await operators("operator")
    slugs = {act["slug"] for act in (await _job(client, bad_night.ids["failed"]))["acts"]}
    assert {"rerun-failed", "rerun-top", "rerun-after", "rerun-only", "skip", "force"} <= slugs
    assert not {"kill", "hold", "release"} & slugs
    assert {act["slug"] for act in (await _job(client, bad_night.ids["run"]))["acts"]} == {"kill"}
    watcher = await operators("watcher")
    assert (await _job(watcher, bad_night.ids["failed"]))["acts"] == []


async def test_a_failed_job_runs_again_from_where_it_stopped(
    bad_night: BadNight, operators: Login, queue: Queue
) -> None:
    client = await operators("operator")
    path = f"{BASE}/jobs/{bad_night.ids['failed']}/acts/rerun-failed"
    assert (await client.post(path, json={"reason": "表を直した"})).status_code == 200
    assert queue.statuses()["failed"] == "ready"
    assert (await _job(client, bad_night.ids["print"]))["detail"]["job"]["state"]["label"] == "先行待"


async def test_tonights_change_is_typed_on_the_25_hour_clock(
    bad_night: BadNight, operators: Login, queue: Queue
) -> None:
    client = await operators("operator")
    path = f"{BASE}/jobs/{bad_night.ids['timed']}/acts/change"
    wrong = await client.post(path, json={"reason": "x", "start": "9時", "deadline": "99:00", "priority": 3})
    assert [error["field"] for error in wrong.json()["errors"]] == ["start", "deadline"]
    queue.change("UPDATE batch_job SET deadline_at = '2026-06-03 00:00+09' WHERE job_name = 'timed'")
    assert (await client.post(path, json={"reason": "早める", "start": "25:30", "priority": 1})).status_code == 200
    start, priority, changed = queue.one(
        "SELECT not_before AT TIME ZONE 'Asia/Tokyo', priority, is_changed FROM batch_job WHERE job_name = 'timed'"
    )
    assert (str(start), priority, changed) == ("2026-06-02 01:30:00", 1, True)


async def test_forcing_needs_a_second_person_with_the_right_to_approve(
    bad_night: BadNight, operators: Login, queue: Queue
) -> None:
    chief, operator = await operators("chief"), await operators("operator")
    path = f"{BASE}/jobs/{bad_night.ids['failed']}/acts/force"
    body = {"reason": "手で訂正した", "confirmed": ["force"]}
    assert (await chief.post(path, json=body)).status_code == 200
    request = (await _job(chief, bad_night.ids["failed"]))["detail"]["request"]["id"]
    assert (await operator.post(f"{BASE}/requests/{request}", json={"approve": True})).status_code == 403
    assert (await chief.post(f"{BASE}/requests/{request}", json={"approve": True})).status_code == 403
    assert not (await _job(chief, bad_night.ids["failed"]))["may_approve"]
    assert (await chief.post(path, json=body)).status_code == 409
    second = await operators("chief", "second")
    refused = await second.post(f"{BASE}/requests/{request}", json={"approve": False})
    assert refused.status_code == 422
    assert queue.statuses()["failed"] == "failed"
    approved = await second.post(f"{BASE}/requests/{request}", data={"approve": "true", "reason": "確認"}, headers=HTML)
    assert approved.status_code == 303
    assert queue.statuses()["failed"] == "succeeded"
    assert (await _job(chief, bad_night.ids["failed"]))["detail"]["job"]["state"]["label"] == "正常(強制)"
    acts = (await client_rows(chief, "/operations")) + (await client_rows(chief, "/requests"))
    assert {row.get("act") for row in acts} >= {"強制正常の申請", "強制正常の承認"}
    assert acts[-1]["decided_by"] == "second"


async def client_rows(client: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    """The rows of a list."""
    return list((await client.get(BASE + path)).json()["rows"])


async def test_an_alert_is_acknowledged_once_with_what_is_done(bad_night: BadNight, operators: Login) -> None:
    client = await operators("operator")
    number = (await client_rows(client, "/alerts"))[0]["href"].rsplit("/", 1)[1]
    first = await client.post(f"{BASE}/alerts/{number}", data={"note": "表を直す"}, headers=HTML)
    assert first.status_code == 303
    assert (await client.post(f"{BASE}/alerts/{number}", json={"note": "私も"})).status_code == 409
    alert = (await client.get(f"{BASE}/alerts/{number}")).json()
    assert (alert["acknowledged_by"], alert["note"], alert["name"]) == ("operator", "表を直す", "江田島市")


async def test_an_outside_arrival_sets_free_what_waits_for_it(bad_night: BadNight, operators: Login) -> None:
    client = await operators("operator")
    body = {"night": bad_night.key, "municipality_code": OWN, "event": "bank.file"}
    assert (await client.post(f"{BASE}/arrivals", json={**body, "event": "nobody.waits"})).status_code == 422
    assert (await client.post(f"{BASE}/arrivals", json=body)).status_code == 200
    assert (await _job(client, bad_night.ids["awaits"]))["detail"]["job"]["state"]["label"] == "資源待"
    net = (await client.get(f"{BASE}/municipalities/{OWN}/nets/net")).json()
    assert net["arrivals"][0]["noted_by"] == "operator"


async def test_lists_are_files_too(bad_night: BadNight, operators: Login) -> None:
    client = await operators("watcher")
    for path in ("/nights", "/workers", "/alerts", "/operations", "/plans", "/requests"):
        answer = await client.get(f"{BASE}{path}/csv")
        assert answer.status_code == 200, path
        assert answer.headers["content-type"].startswith("text/csv"), path
    rows = list(csv.reader(io.StringIO((await client.get(f"{BASE}/alerts/csv?q=止まりました")).text.lstrip("\ufeff"))))
    assert rows[0][:3] == ["発生", "重大度", "状態"]
    assert rows[1][1:3] == ["重大", "未確認"]


async def test_a_watcher_may_do_nothing(bad_night: BadNight, operators: Login) -> None:
    client = await operators("watcher")
    job = bad_night.ids["timed"]
    assert (await client.post(f"{BASE}/jobs/{job}/acts/hold", json={"reason": "x"})).status_code == 403
    assert (await client.get(f"{BASE}/plan")).status_code == 403
    assert (await client.post(f"{BASE}/requests/1", json={"approve": True})).status_code == 403
    page = await client.get(f"{BASE}/jobs/{job}", headers=HTML)
    assert "/acts/" not in page.text


async def test_what_does_not_exist_is_not_found(bad_night: BadNight, operators: Login) -> None:
    client = await operators("chief")
    for path in ("/jobs/999999", "/municipalities/999999", "/alerts/999", f"/municipalities/{OWN}/nets/none"):
        assert (await client.get(BASE + path)).status_code == 404, path
    answer = await client.get(f"{BASE}/jobs/{bad_night.ids['run']}/acts/explode")
    assert answer.status_code == 404
    assert (await client.get(f"{BASE}/gantt?night=no-such-night")).status_code == 404


async def test_a_count_far_from_the_last_runs_is_pointed_out(queue: Queue, operators: Login) -> None:
    queue.open(make_job("close"))
    queue.change(
        "UPDATE batch_job SET status = 'succeeded', rows_in = 100, rows_out = 100, rows_error = 0, control_total = 1000,"
        " started_at = clock_timestamp() - interval '1 day', ended_at = clock_timestamp() - interval '1 day'"
    )
    queue.change("UPDATE batch_night SET status = 'ended'")
    queue.open(make_job("close"))
    queue.change(
        "UPDATE batch_job SET status = 'succeeded', rows_in = 119, rows_out = 60, rows_error = 1, control_total = 1200,"
        " started_at = clock_timestamp(), ended_at = clock_timestamp() WHERE status = 'ready'"
    )
    client = await operators("watcher")
    number = queue.one("SELECT max(id) FROM batch_job")[0]
    found = (await _job(client, int(str(number))))["detail"]["differences"]
    assert [item["is_unusual"] for item in found] == [False, True, True, False]


@pytest.mark.parametrize("path", ["/", "/nights", "/plan", "/workers"])
async def test_without_any_night_the_screens_say_so(queue: Queue, operators: Login, path: str) -> None:
    client = await operators("chief")
    page = await client.get(BASE + path, headers=HTML)
    assert page.status_code == 200
