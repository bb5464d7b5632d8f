"""The characters of the register: outside the fonts, and shrunk for a receiver with fewer (COM-050, COM-051)."""

import csv
import io
import zipfile

import httpx

from tests.resident.people import CHILD, FATHER, MOTHER, add_town, record_move_in
from tests.resident.test_protection import BLOCK, HTML, base, protect, supervisor
from yoriai.audit import SYSTEM
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

__all__ = ["base", "supervisor"]
RARE, OUTSIDE = "渡邉\U000e0110　太郎", "葛\U000e0100　花子"
EXPORT = {"repertoire": "jis_x_0208", "receiver": "収納代行会社", "purpose": "納付書の作成"}


async def _move_in(database: Database, tenant: TenantRef) -> None:
    async with database.write(tenant, SYSTEM) as session:
        await add_town(session)
        await record_move_in(
            session, {**FATHER, "name": RARE}, {**MOTHER, "name": OUTSIDE}, {**CHILD, "name": "髙橋　さくら"}
        )


async def test_characters_outside_the_font_are_listed_with_where_they_stand(
    supervisor: httpx.AsyncClient, database: Database, tenant: TenantRef
) -> None:
    await _move_in(database, tenant)
    path = f"/{tenant}/resident/characters/missing"
    rows = (await supervisor.get(path)).json()
    assert [(row["addressee_no"], row["item"], row["code"], row["is_variant"]) for row in rows] == [
        (2, "氏名", "U+845B U+E0100", True)
    ]
    assert "標準の字形になる" in (await supervisor.get(path, headers=HTML)).text
    assert "U+845B U+E0100" in (await supervisor.get(f"{path}.csv")).content.decode("utf-8-sig")


async def test_com_050_and_051_a_limited_receiver_gets_its_characters_and_the_register_keeps_its_own(
    supervisor: httpx.AsyncClient, database: Database, tenant: TenantRef
) -> None:
    await _move_in(database, tenant)
    path = f"/{tenant}/resident/characters/exports"
    answer = await supervisor.post(path, json=EXPORT, headers={"accept": "application/zip"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        people = list(csv.DictReader(io.StringIO(archive.read("住民.csv").decode("iso2022_jp"))))
        replaced = list(csv.DictReader(io.StringIO(archive.read("変換一覧.csv").decode("utf-8-sig"))))
    assert [person["氏名"] for person in people] == ["渡邉　太郎", "葛　花子", "高橋　さくら"]
    assert [(row["元の文字列"], row["縮退後の文字"]) for row in replaced] == [
        (RARE, "邉"),
        (OUTSIDE, "葛"),
        ("髙橋　さくら", "高"),
    ]
    kept = (await supervisor.get(f"{path}/1")).json()
    assert [row["original"] for row in kept] == ["邉\U000e0110", "葛\U000e0100", "髙"]
    async with database.read(tenant, SYSTEM) as session:
        names = [row["name"] for row in await session.fetch("SELECT name FROM resident_record ORDER BY addressee_no")]
        purpose = await session.fetchval("SELECT reason FROM audit_event WHERE action = 'character.export'")
    assert names == [RARE, OUTSIDE, "髙橋　さくら"]
    assert purpose == "納付書の作成"
    found = (await supervisor.get(f"/{tenant}/resident/persons", params={"q": "高橋"})).json()
    assert [person["name"] for person in found["persons"]] == ["髙橋　さくら"]


async def test_what_the_receiver_takes_as_it_is_is_not_shrunk(
    supervisor: httpx.AsyncClient, database: Database, tenant: TenantRef
) -> None:
    await _move_in(database, tenant)
    answer = await supervisor.post(
        f"/{tenant}/resident/characters/exports", json={**EXPORT, "repertoire": "windows_31j"}
    )
    assert [row["氏名"] for row in answer.json()["rows"]] == ["渡邉　太郎", "葛　花子", "髙橋　さくら"]
    wrong = {**EXPORT, "repertoire": "ebcdic", "town_code": "ない町"}
    refused = await supervisor.post(f"/{tenant}/resident/characters/exports", json=wrong)
    assert {error["field"] for error in refused.json()["errors"]} == {"repertoire", "town_code"}


async def test_a_hidden_address_is_handed_to_nobody(supervisor: httpx.AsyncClient, base: str) -> None:
    await protect(supervisor, base)
    answer = await supervisor.post(f"{base}/characters/exports", json=EXPORT)
    assert len(answer.json()["rows"]) == 3
    assert BLOCK not in answer.text
