"""Who may see it does, audited; a lift opens papers for its minutes; the other spouse gets nothing."""

import httpx
import pytest

from tests.disclosure.routes import text_of
from tests.disclosure.test_walk import leaks
from tests.disclosure.world import BLOCK, FATHER, GRANDMOTHER, HIDDEN_TOWN, LEAVER, MOTHER, SECRETS, World
from yoriai.audit import SYSTEM
from yoriai.clock import now
from yoriai.tenancy.session import Database


async def test_juki_047_who_holds_the_right_reads_it_on_screens_and_letters_and_each_sight_is_audited(
    world: World, chief: httpx.AsyncClient, database: Database
) -> None:
    async with world.protection():
        base = f"/{world.config.code}"
        letter = world.value("SELECT id FROM school_age_notice WHERE kind = 'transfer' ORDER BY id DESC LIMIT 1")
        inquiry = world.value(f"SELECT registration_no FROM seal_registration WHERE addressee_no = {GRANDMOTHER}")
        for path in (
            f"/resident/persons/{MOTHER}",
            f"/school_age/notices/{letter}/pdf",
            f"/seal_registration/registrations/{inquiry}/inquiry",
            f"/electoral_roll/people/{MOTHER}",
            f"/non_resident/addressees/{MOTHER}",
        ):
            answer = await chief.get(f"{base}{path}", headers={"accept": "text/html"})
            assert leaks(answer), path
        one = {"entry_no": world.numbers["mother_entry"]}
        card = await chief.post(f"{base}/electoral_roll/elections/{world.numbers['election']}/card", json=one)
        assert "隠里" in text_of(card), "送付先"
        async with database.read(world.config.tenant, SYSTEM) as session:
            rows = await session.fetch(
                "SELECT DISTINCT staff, subject, detail->>'as' AS purpose FROM audit_event WHERE action = 'protected.view'"
            )
        assert {row["staff"] for row in rows} == {"chief"}
        assert {(f"addressee:{MOTHER}", "electoral_roll.care"), (f"addressee:{GRANDMOTHER}", "letter")} <= {
            (row["subject"], row["purpose"]) for row in rows
        }


async def test_senkyo_013_a_card_of_a_protected_voter_is_addressed_by_who_may_see_it_only(
    world: World, chief: httpx.AsyncClient, clerk: httpx.AsyncClient
) -> None:
    async with world.protection():
        one = f"/{world.config.code}/electoral_roll/elections/{world.numbers['election']}"
        parts = world.value("SELECT array_agg(part_no) FROM electoral_card_part")
        printed = [await clerk.get(f"{one}/cards/{part}.pdf") for part in parts]
        assert {answer.status_code for answer in printed} == {403}, "made before, with somebody protected since"
        printed.append(await clerk.post(f"{one}/card", json={"entry_no": world.numbers["mother_entry"]}))
        assert printed[-1].status_code == 403, "the polling place on it tells nearly as much as the address"
        texts = [text_of(answer) for answer in printed]
        assert not any(secret in text for secret in SECRETS for text in texts)
        opened = [await chief.get(f"{one}/cards/{part}.pdf") for part in parts]
        assert {answer.status_code for answer in opened} == {200}


async def test_every_document_that_a_post_answers_is_tried_in_this_file(clerk: httpx.AsyncClient) -> None:
    app = clerk._transport.app  # type: ignore[attr-defined]
    answered = {
        path: methods["post"]["responses"]["200"]["content"]["application/json"]["schema"]
        for path, methods in app.openapi()["paths"].items()
        if "post" in methods and path.startswith("/{code}")
    }
    assert {path for path, schema in answered.items() if "$ref" not in schema} == {
        "/{code}/electoral_roll/elections/{election_no}/card",
        "/{code}/certificate/issues/{serial}/print",
        "/{code}/extraction/runs/{run_no}/file",  # in tests/extraction/test_protected
        "/{code}/resident/characters/exports",
        "/{code}/resident/persons/{addressee_no}/numbers/notice",
        "/{code}/certificate/notices/letters/{serial}/{addressee_no}",
    }


async def test_certificates_issued_before_are_not_printed_again_and_a_lift_opens_them_for_its_minutes(
    world: World, chief: httpx.AsyncClient, clerk: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yoriai.web.context.now", now)
    async with world.protection() as number:
        base = f"/{world.config.code}"
        reprint = f"{base}/certificate/issues/{world.numbers['certificate']}/print"
        order = {"reason": "紙詰まり"}
        refused = await clerk.post(reprint, json=order)
        assert refused.status_code == 422
        assert leaks(refused) == []
        seal = world.value(f"SELECT max(serial_no) FROM seal_certificate WHERE addressee_no = {MOTHER}")
        paper = f"{base}/seal_registration/certificates/{seal}/document"
        assert (await clerk.get(paper)).status_code == 403
        lifted = await chief.post(
            f"{base}/resident/protections/{number}/lift", json={"reason": "本人の来庁を確認", "minutes": 5}
        )
        assert lifted.status_code == 200
        assert BLOCK in (await clerk.post(reprint, json=order)).text
        assert BLOCK in text_of(await clerk.get(paper))
        assert leaks(await clerk.get(f"{base}/resident/persons/{MOTHER}")) == [], "screens stay shut"
        with_lift = "SELECT count(*) FROM fact_mailing_address WHERE address LIKE '%77番%'"
        assert world.value(with_lift) > 0
        await world.protect(GRANDMOTHER, category="similar")
        assert (await clerk.post(reprint, json=order)).status_code == 422, (
            "another protection of the house is not lifted"
        )


_ASKED = (
    ("household", MOTHER, {"asker": "household", "asker_no": FATHER}),
    ("individual", MOTHER, {"asker": "proxy", "asker_name": "渡邉 太郎", "asker_address": "呉市", "has_proof": True}),
    ("removed", LEAVER, {"asker": "third_party", "asker_name": "乙", "asker_address": "呉市", "has_proof": True,
                         "purpose": "債権"}),
    ("entries", MOTHER, {"asker": "profession", "asker_name": "丙", "asker_address": "呉市", "asker_body": "弁護士",
                         "has_proof": True, "purpose": "訴訟"}),
    ("removed", MOTHER, {"asker": "legal", "asker_name": "渡邉 太郎", "asker_address": "呉市", "has_proof": True}),
    ("absence", None, {"asker": "third_party", "asker_name": "乙", "asker_address": "呉市", "purpose": "債権",
                       "asked_name": "渡邉 花子", "asked_address": f"{HIDDEN_TOWN}{BLOCK}"}),
)  # fmt: skip


async def test_the_other_spouse_and_third_parties_get_no_certificate_and_no_hint(
    world: World, chief: httpx.AsyncClient, clerk: httpx.AsyncClient
) -> None:
    async with world.protection():
        for kind, number, asker in _ASKED:
            body = {"kind": kind, "addressee_no": number, "identity": "photo", "items": ["history"], **asker}
            if kind == "absence":
                body["items"] = []
            answer = await clerk.post(f"/{world.config.code}/certificate/requests", json=body)
            assert answer.status_code == 422, answer.text
            assert leaks(answer) == []
            assert "stopped" in answer.text or kind == "removed", answer.text


async def test_the_father_still_gets_his_own_and_it_says_nothing_of_them(
    world: World, chief: httpx.AsyncClient, clerk: httpx.AsyncClient
) -> None:
    async with world.protection():
        base = f"/{world.config.code}/certificate"
        body = {"kind": "household", "addressee_no": FATHER, "asker": "self", "identity": "photo", "items": ["history"]}
        request = await clerk.post(f"{base}/requests", json=body)
        assert request.status_code == 200, request.text
        page = await clerk.get(f"{base}/requests/{request.json()['request_no']}/preview")
        assert page.status_code == 200
        assert leaks(page, (*SECRETS, "花子", "大柿町")) == []


async def test_no_event_and_no_error_list_of_a_night_names_a_place(world: World) -> None:
    assert world.value("SELECT count(*) FROM outbox_event") > 5
    assert world.value("SELECT count(*) FROM outbox_event WHERE payload::text ~ '[0-9]番|隠里|秘密町|town_code'") == 0
    assert world.value("SELECT count(*) FROM job_error WHERE reason ~ '[0-9]番'") == 0
