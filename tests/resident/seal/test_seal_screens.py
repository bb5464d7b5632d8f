"""The screens and the JSON of 印鑑登録 come from the same handlers; every sight is recorded; who may not see, does not."""

import base64
import io
from datetime import date, timedelta
from typing import Any

import httpx
import pypdf
import pytest

from modules.resident.basic_register.movements.inputs import MovementResult
from modules.resident.seal_registration.facts import find_registered_seal
from modules.resident.seal_registration.proposals import propose
from tests.conftest import PASSWORD, log_in
from tests.resident.seal.seals import application, stamp
from yoriai import registry
from yoriai.audit import SYSTEM
from yoriai.clock import now
from yoriai.commands.staff import save_account
from yoriai.proposals import Happening, HappeningKind
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Database

HTML = {"accept": "text/html"}


async def _screen(clerk: httpx.AsyncClient, path: str) -> str:
    answer = await clerk.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


async def _apply(clerk: httpx.AsyncClient, base: str, number: int, **values: Any) -> dict[str, Any]:
    answer = await clerk.post(f"{base}/registrations", json=application(number, **values))
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


async def test_a_seal_goes_from_the_form_to_the_printed_certificate(
    clerk: httpx.AsyncClient, config: TenantConfig, settled: MovementResult
) -> None:
    base, number = f"/{config.code}/seal_registration", settled.addressee_nos[0]
    page = await _screen(clerk, f"{base}/registrations/new?addressee_no={number}")
    assert 'enctype="multipart/form-data"' in page
    assert "渡邉　太郎" in page
    fields = {name: str(value) for name, value in application(number).items() if name != "image"}
    picture = ("seal.png", base64.b64decode(stamp()), "image/png")
    wrong = await clerk.post(
        f"{base}/registrations", data=fields | {"seal_text": "鈴木"}, files={"image_file": picture}, headers=HTML
    )
    assert wrong.status_code == 422
    assert 'id="f-seal_text-error"' in wrong.text
    assert stamp() in wrong.text
    kept = await clerk.post(f"{base}/registrations", data=fields | {"image": stamp()}, headers=HTML)
    assert kept.status_code == 303, kept.text
    sheet = kept.headers["location"]
    page = await _screen(clerk, sheet)
    for part in ("登録番号", "運転免許証", "原寸 12.0×12.0mm", f"{sheet}/image"):
        assert part in page
    card_no = (await clerk.get(sheet)).json()["cards"][0]["card_no"]
    form = await _screen(clerk, f"{base}/certificates/new?card_no={card_no}")
    assert f'value="{card_no}"' in form
    asked = {"card_no": str(card_no), "birth_date": "S600401", "applicant": "self", "copies": "1", "action": "submit"}
    issued = await clerk.post(f"{base}/certificates", data=asked, headers=HTML)
    assert issued.status_code == 303, issued.text
    assert "証明番号" in await _screen(clerk, issued.headers["location"])
    paper = await clerk.get(f"{issued.headers['location']}/document")
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-")
    void = {"void_reason": "紙詰まり", "again": "true"}
    again = await clerk.post(f"{issued.headers['location']}/void", data=void, headers=HTML)
    assert again.status_code == 303
    assert "元の証明書" in await _screen(clerk, again.headers["location"])
    for path in (
        "registrations",
        f"registrations?q={card_no}",
        "certificates",
        "reviews",
        "statistics",
        "guardianships",
    ):
        assert "印鑑登録" in await _screen(clerk, f"{base}/{path}")
    household = settled.household_no
    assert f"{sheet}/image" in await _screen(clerk, f"{base}/households/{household}/comparison")
    person = await _screen(clerk, f"/{config.code}/resident/persons/{number}")
    assert "印鑑登録" in person
    assert f"/certificates/new?card_no={card_no}" in person


async def test_a_wrong_act_comes_back_on_the_sheet(
    clerk: httpx.AsyncClient, config: TenantConfig, settled: MovementResult
) -> None:
    base = f"/{config.code}/seal_registration"
    done = await _apply(clerk, base, settled.addressee_nos[0])
    sheet = f"{base}/registrations/{done['registration_no']}"
    silent = await clerk.post(f"{sheet}/acts", data={"version": "1", "act": "end", "on": "R8.11.25"}, headers=HTML)
    assert silent.status_code == 422
    assert 'id="f-end_reason-error"' in silent.text
    stale = await clerk.post(
        f"{sheet}/cards",
        data={"version": "9", "card_act": "returned", "card_on": "R8.11.25", "card_applicant": "甲"},
        headers=HTML,
    )
    assert stale.status_code == 409
    assert "ほかの操作で内容が変わりました" in stale.text


async def test_every_sight_of_a_seal_is_recorded(
    clerk: httpx.AsyncClient, config: TenantConfig, database: Database, settled: MovementResult
) -> None:
    base, number = f"/{config.code}/seal_registration", settled.addressee_nos[0]
    done = await _apply(clerk, base, number)
    sheet = f"{base}/registrations/{done['registration_no']}"
    await clerk.get(sheet)
    picture = await clerk.get(f"{sheet}/image")
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    await clerk.get(f"{sheet}/preview")
    wrong = {"card_no": done["card_no"], "birth_date": "2000-01-01"}
    assert (await clerk.post(f"{base}/certificates", json=wrong)).status_code == 422
    async with database.read(config.tenant, SYSTEM) as reader:
        rows = await reader.fetch(
            "SELECT action, staff, terminal FROM audit_event WHERE subject = $1 AND action LIKE 'seal%' ORDER BY seq",
            f"addressee:{number}",
        )
    assert [row["action"] for row in rows] == [
        "seal_registration.act",
        "seal_registration.view",
        "seal_registration.image.view",
        "seal_registration.print",
        "seal_registration.refused.view",
    ]
    assert {row["staff"] for row in rows} == {"seals"}
    assert all(row["terminal"] for row in rows)


async def test_com_032_and_088_the_impression_and_each_act_have_their_own_permission(
    clerk: httpx.AsyncClient, config: TenantConfig, settled: MovementResult, database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    base = f"/{config.code}/seal_registration"
    done = await _apply(clerk, base, settled.addressee_nos[0])
    sheet = f"{base}/registrations/{done['registration_no']}"
    monkeypatch.setattr(TenantConfig, "permissions_of", lambda *_: frozenset({"seal_registration.view"}))
    await save_account(database, config, "watcher", "照会 太郎", "市民課", PASSWORD, ["resident_clerk"])
    await log_in(clerk, config.code, "watcher")
    page = await _screen(clerk, sheet)
    assert "印影を見る権限がありません" in page
    assert f"{sheet}/image" not in page
    assert 'name="act"' not in page
    assert "/certificates/new" not in page
    assert (await clerk.get(f"{sheet}/image")).status_code == 403
    assert (await clerk.get(f"{base}/registrations/new")).status_code == 403
    assert (await clerk.get(f"{base}/convenience/1")).status_code == 403
    assert (await clerk.post(f"{sheet}/acts", json={})).status_code == 403
    assert (await clerk.post(f"{base}/certificates", json={})).status_code == 403


async def test_inkan_022_a_protected_person_warns_hides_the_address_and_issues_nothing(
    clerk: httpx.AsyncClient, config: TenantConfig, settled: MovementResult, database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    base, (father, mother, _) = f"/{config.code}/seal_registration", settled.addressee_nos
    done = await _apply(clerk, base, father)
    mate = await _apply(clerk, base, mother, seal_text="花子", image=stamp(pattern=2))
    sheet = f"{base}/registrations/{done['registration_no']}"
    assert "ためし町" in await _screen(clerk, sheet)
    asked = {"card_no": done["card_no"], "birth_date": "S600401"}
    before = (await clerk.post(f"{base}/certificates", json=asked)).json()["serial_no"]
    support = {
        "kind": "support",
        "category": "dv",
        "subjects": [father],
        "starts_on": now().date().isoformat(),
        "ends_on": (now().date() + timedelta(days=364)).isoformat(),
        "applicant": "渡邉 太郎",
        "offender": "甲",
    }
    protected = await clerk.post(f"/{config.code}/resident/protections", json=support)
    assert protected.status_code == 200, protected.text
    everything = frozenset(registry.permissions())
    monkeypatch.setattr(TenantConfig, "permissions_of", lambda *_: everything - {"resident.protected.view"})
    await save_account(database, config, "ordinary", "窓口 太郎", "市民課", PASSWORD, ["resident_clerk"])
    await log_in(clerk, config.code, "ordinary")
    page = await _screen(clerk, sheet)
    assert "証明書の交付が抑止されています" in page
    assert "ためし町" not in page
    refused = await clerk.post(f"{base}/certificates", json=asked)
    assert [error["rule"] for error in refused.json()["errors"]] == ["stopped"]
    of_mate = await clerk.post(f"{base}/certificates", json={"card_no": mate["card_no"], "birth_date": "S620503"})
    assert [error["rule"] for error in of_mate.json()["errors"]] == ["stopped"]
    assert (await clerk.get(f"{base}/convenience/{father}")).json()["is_issuable"] is False
    assert (await clerk.get(f"{sheet}/preview")).status_code == 422
    assert (await clerk.get(f"{base}/certificates/{before}/document")).status_code == 403
    assert "ためし町" not in (await clerk.get(f"{base}/certificates/{before}")).text
    lift = f"/{config.code}/resident/protections/{protected.json()['protection_no']}/lift"
    lifted = await clerk.post(lift, json={"minutes": 30, "reason": "本人の来庁を確認"})
    assert lifted.status_code == 200, lifted.text
    issued = await clerk.post(f"{base}/certificates", json=asked)
    assert issued.status_code == 200, issued.text
    paper = await clerk.get(f"{base}/certificates/{issued.json()['serial_no']}/document")
    assert "ためし町1番2号" in "".join(pypdf.PdfReader(io.BytesIO(paper.content)).pages[0].extract_text().split())


async def test_a_movement_proposes_what_to_do_about_the_seal(
    clerk: httpx.AsyncClient, config: TenantConfig, settled: MovementResult, database: Database
) -> None:
    base, (father, mother, child) = f"/{config.code}/seal_registration", settled.addressee_nos
    done = await _apply(clerk, base, father)

    async def proposed(kind: HappeningKind) -> list[tuple[int, str]]:
        async with database.read(config.tenant, SYSTEM) as reader:
            happening = Happening(kind, 1, date(2026, 11, 20), [father, mother, child])
            return [(item.addressee_no, item.key) for item in await propose(reader, happening)]

    back = [(father, f"seal_registration:return:{done['registration_no']}")]
    assert await proposed("move_out") == await proposed("death") == back
    assert await proposed("move_in") == [(mother, f"seal_registration:apply:{mother}")]
    assert await proposed("birth") == []
    async with database.read(config.tenant, SYSTEM) as reader:
        seal = await find_registered_seal(reader, father)
        assert await find_registered_seal(reader, mother) is None
    assert seal is not None
    assert (seal.registration_no, seal.status) == (done["registration_no"], "active")
