"""一括発行: thousands in files, persons pulled out or added before, and nobody left out in silence."""

from typing import Any

import httpx
import pytest

from modules.resident.certificates import bulk, bulk_reads
from modules.resident.certificates.inputs import BulkChange, BulkPlan
from tests.resident.certificates.applications import text_of
from tests.resident.people import NOW, TOWN
from yoriai.errors import Conflict, Invalid
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import WriteSession


def _plan(**values: Any) -> BulkPlan:
    return BulkPlan.model_validate(
        {
            "label": "児童の名簿",
            "kind": "individual",
            "asker_body": "県",
            "purpose": "統計調査",
            "numbers": "1\n2\n3",
            **values,
        }
    )


async def test_pulled_persons_are_on_the_list_and_not_in_the_file(
    clerk_session: WriteSession, config: TenantConfig
) -> None:
    made = await bulk.plan_bulk(clerk_session, _plan(numbers="1\n3"), NOW)
    await bulk.change_bulk(clerk_session, made.bulk_no, BulkChange(act="pull", addressee_no=3, note="本人の希望"))
    await bulk.change_bulk(clerk_session, made.bulk_no, BulkChange(act="add", addressee_no=2))
    await bulk.issue_bulk(clerk_session, config, made.bulk_no, NOW)
    view = await bulk_reads.get_bulk(clerk_session, config, made.bulk_no)
    states = {entry.addressee_no: (entry.status.label, entry.serial) for entry in view.entries}
    assert states == {1: ("発行済み", 1), 3: ("引抜", None), 2: ("発行済み", 2)}
    pages = await bulk_reads.get_pages(clerk_session, config, made.bulk_no, 1, NOW.date())
    assert [page["addressee_nos"] for page in pages] == [[1], [2]]


async def test_a_stopped_person_is_left_out_with_the_reason(
    clerk_session: WriteSession, config: TenantConfig, stop: Any
) -> None:
    stop(2)
    made = await bulk.plan_bulk(clerk_session, _plan(), NOW)
    await bulk.issue_bulk(clerk_session, config, made.bulk_no, NOW)
    view = await bulk_reads.get_bulk(clerk_session, config, made.bulk_no)
    assert (view.counts["issued"], view.counts["left_out"]) == (2, 1)
    assert (view.entries[0].addressee_no, view.entries[0].note) == (2, "支援措置または発行停止")


async def test_a_finished_run_does_not_change(clerk_session: WriteSession, config: TenantConfig) -> None:
    made = await bulk.plan_bulk(clerk_session, _plan(), NOW)
    await bulk.issue_bulk(clerk_session, config, made.bulk_no, NOW)
    with pytest.raises(Conflict):
        await bulk.change_bulk(clerk_session, made.bulk_no, BulkChange(act="pull", addressee_no=1))
    with pytest.raises(Conflict):
        await bulk.issue_bulk(clerk_session, config, made.bulk_no, NOW)


async def test_every_wrong_line_of_a_list_is_told_with_its_number(clerk_session: WriteSession) -> None:
    with pytest.raises(Invalid) as refused:
        await bulk.plan_bulk(clerk_session, _plan(numbers="1\nx\n1\n99", items=["my_number"]), NOW)
    messages = [field.message for field in refused.value.fields]
    assert [message[:3] for message in messages] == ["個人番", "2行目", "3行目", "4行目"]


async def test_a_town_is_listed_by_its_households(clerk_session: WriteSession, config: TenantConfig) -> None:
    made = await bulk.plan_bulk(clerk_session, _plan(numbers="", town_code=TOWN, kind="household"), NOW)
    await bulk.issue_bulk(clerk_session, config, made.bulk_no, NOW)
    pages = await bulk_reads.get_pages(clerk_session, config, made.bulk_no, 1, NOW.date())
    assert [page["addressee_nos"] for page in pages] == [[1, 2, 3]]


async def test_a_bulk_run_is_made_looked_at_and_printed_on_screen(client: httpx.AsyncClient, base: str) -> None:
    form = {
        "label": "名簿",
        "kind": "individual",
        "asker_body": "県",
        "purpose": "調査",
        "numbers": "1\n2",
        "action": "submit",
    }
    made = await client.post(f"{base}/bulk", data=form, headers={"accept": "text/html"})
    assert made.status_code == 303, made.text
    run = made.headers["location"]
    assert "2件を発行する" in (await client.get(run, headers={"accept": "text/html"})).text
    assert (await client.post(f"{run}/issue", json={})).status_code == 200
    assert "1通目から2通目" in (await client.get(run, headers={"accept": "text/html"})).text
    printed = text_of((await client.get(f"{run}/files/1", headers={"accept": "application/pdf"})).content)
    assert "第1号" in printed
    assert "第2号" in printed
