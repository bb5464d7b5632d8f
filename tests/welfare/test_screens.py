"""The screens and the JSON of 児童手当 come from the same handlers."""

import re
from typing import Any

import httpx

from modules.resident.basic_register.movements.inputs import MovementResult
from tests.welfare.families import claim_body
from yoriai.tenancy.config import TenantConfig

HTML = {"accept": "text/html"}


async def _screen(clerk: httpx.AsyncClient, path: str) -> str:
    answer = await clerk.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


def _form(body: dict[str, Any], **values: str) -> dict[str, str]:
    """A body as a browser sends it."""
    plain = {name: str(value) for name, value in body.items() if name != "children"}
    for number, child in enumerate(body["children"]):
        plain |= {f"children.{number}.{name}": str(value).lower() for name, value in child.items()}
    return plain | values


async def test_a_claim_goes_from_the_form_to_payment_on_screen(
    clerk: httpx.AsyncClient, config: TenantConfig, settled: MovementResult
) -> None:
    base = f"/{config.code}/child_allowance"
    page = await _screen(clerk, f"{base}/claims/new?household_no={settled.household_no}")
    assert "生計中心者の候補" in page
    assert f'value="{settled.addressee_nos[2]}"' in page
    claimed = await clerk.post(f"{base}/claims", data=_form(claim_body(settled)), headers=HTML)
    assert claimed.status_code == 303, claimed.text
    case = claimed.headers["location"]
    page = await _screen(clerk, case)
    assert "第1子・3歳以上の額" in page or "支給期間の外" in page
    assert "児童手当法6条1項1号" in page
    explained = page.partition('class="explanation"')[2].partition("</table>")[0]
    assert "令和" in explained
    assert re.findall(r"\d{4}-\d\d", explained) == [], "days as staff read them"
    decided = await clerk.post(
        f"{case}/acts", data={"act": "approve", "on": "R8.11.18", "version": "1", "action": "submit"}, headers=HTML
    )
    assert decided.status_code == 303, decided.text
    assert "認定" in await _screen(clerk, f"{case}?month="), "a month left empty is the present one"
    assert (await clerk.get(f"{base}/payments?month=", headers=HTML)).status_code == 200
    assert (await clerk.get(f"{case}?month=2026-13")).status_code == 422
    december = await _screen(clerk, f"{case}?month=2026-12")
    assert "10,000円" in december
    assert "支給開始年月</dt><dd>令和8年12月" in december.replace("\n", "")
    for path in ("cases?status=approved", "payments", "proposals"):
        assert "児童手当" in await _screen(clerk, f"{base}/{path}")


async def test_what_is_unusual_is_asked_on_the_same_form_and_kept(
    clerk: httpx.AsyncClient, config: TenantConfig, settled: MovementResult
) -> None:
    path = f"/{config.code}/child_allowance/claims"
    body = _form(claim_body(settled, recipient_no=settled.addressee_nos[0]))
    asked = await clerk.post(path, data=body, headers=HTML)
    assert asked.status_code == 428
    assert "所得の最も高い父母は渡邉　花子さんです" in asked.text
    assert 'value="not_main_earner"' in asked.text
    assert f'value="{settled.addressee_nos[2]}"' in asked.text
    accepted = await clerk.post(path, data=body | {"confirmed[]": "not_main_earner"}, headers=HTML)
    assert accepted.status_code == 303


async def test_a_mistake_comes_back_at_its_field(
    clerk: httpx.AsyncClient, config: TenantConfig, settled: MovementResult
) -> None:
    path = f"/{config.code}/child_allowance/claims"
    wrong = await clerk.post(path, data=_form(claim_body(settled), claimed_on="R8.13.1"), headers=HTML)
    assert wrong.status_code == 422
    assert 'id="f-claimed_on-error"' in wrong.text


async def test_a_wrong_act_comes_back_on_the_page_of_the_case(
    clerk: httpx.AsyncClient, config: TenantConfig, settled: MovementResult
) -> None:
    base = f"/{config.code}/child_allowance/cases"
    case_no = (await clerk.post(f"/{config.code}/child_allowance/claims", json=claim_body(settled))).json()["case_no"]
    lost = await clerk.post(f"{base}/{case_no}/children/loss", data={"version": "1", "lost_on": "あした"}, headers=HTML)
    assert lost.status_code == 422
    assert 'id="f-lost_on-error"' in lost.text
    hold = {"act": "hold", "on": "R8.11.18", "reason": "未提出", "version": "1"}
    held = await clerk.post(f"{base}/{case_no}/acts", data=hold, headers=HTML)
    assert held.status_code == 409
    assert "「請求」の状態では「差止」はできません" in held.text


async def test_the_same_address_answers_json(
    clerk: httpx.AsyncClient, config: TenantConfig, settled: MovementResult
) -> None:
    base = f"/{config.code}/child_allowance"
    claimed = await clerk.post(f"{base}/claims", json=claim_body(settled))
    assert claimed.status_code == 200, claimed.text
    case = (await clerk.get(f"{base}/cases/{claimed.json()['case_no']}?month=2026-12")).json()
    assert (case["status"]["label"], case["amount"]) == ("請求", 10_000)
    assert (await clerk.get(f"{base}/cases/999999")).status_code == 404


async def test_the_person_page_shows_recipient_and_child(
    clerk: httpx.AsyncClient, config: TenantConfig, settled: MovementResult
) -> None:
    await clerk.post(f"/{config.code}/child_allowance/claims", json=claim_body(settled))
    mother = await _screen(clerk, f"/{config.code}/resident/persons/{settled.addressee_nos[1]}")
    assert "児童手当" in mother
    assert "2025年分 合計所得金額" in mother
    child = await _screen(clerk, f"/{config.code}/resident/persons/{settled.addressee_nos[2]}")
    assert "児童手当 (児童)" in child
