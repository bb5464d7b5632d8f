"""Where certificates go: looked at, as a file, on a printer with its tray; overflow told; the seal as a stored picture."""

import base64
import csv
import io
from dataclasses import replace
from typing import Any

import httpx
import pypdf
import pytest
import pytest_asyncio
from PIL import Image

from modules.resident.certificates.contents import Subject, build, certify, lines_of
from modules.resident.certificates.kinds import Kind
from modules.resident.certificates.printing import print_pages, to_page
from tests.platform.test_printing import PDF, served
from tests.resident.certificates.applications import application, text_of
from tests.resident.certificates.sheets import CERTIFIER, MADE, PLACE, sheet
from tests.resident.people import FATHER, record_move_in
from yoriai.audit import SYSTEM
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

HTML, AS_PDF = {"accept": "text/html"}, {"accept": "application/pdf"}
LONG = "渡邉　" + ("寿限無五劫擦切海砂利水魚水行末雲来末風来末" * 3)[:57]


@pytest_asyncio.fixture(loop_scope="session")
async def printers(client: httpx.AsyncClient, config: TenantConfig, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Gives the municipality the printers of these addresses."""

    def configure(*uris: str) -> None:
        trays = [{"code": "tray-2", "label": "改ざん防止用紙"}]
        found = [{"code": f"p{n}", "label": f"{n}号機", "uri": uri, "trays": trays} for n, uri in enumerate(uris, 1)]
        terminals = [{"address": "127.0.0.1", "number": "101", "printer": "p1", "tray": "tray-2"}]
        changed = TenantConfig({**config.document, "printing": {"printers": found, "terminals": terminals}})

        async def find(_: TenantRef) -> TenantConfig:
            return changed

        gate = client._transport.app.state.gate  # type: ignore[attr-defined]
        monkeypatch.setattr(gate.directory, "find", find)

    return configure


async def _issued(client: httpx.AsyncClient, base: str, **values: Any) -> int:
    made = (await client.post(f"{base}/requests", json=application(**values))).json()["request_no"]
    serial: int = (await client.post(f"{base}/requests/{made}/issue", json={})).json()["serials"][0]
    return serial


async def test_com_020_one_certificate_goes_to_two_printers_and_into_a_file(
    client: httpx.AsyncClient, base: str, printers: Any, database: Database, tenant: TenantRef
) -> None:
    serial = await _issued(client, base)
    path = f"{base}/issues/{serial}/print"
    with served() as (first, one), served() as (second, two):
        printers(one, two)
        sent = await client.post(path, json={"printer": "p1/tray-2"})
        assert sent.json()["destination"] == "1号機 改ざん防止用紙（印刷ジョブ 42）"
        form = {"printer": "p2/tray-2", "reason": "2台目で確認", "action": "submit"}
        again = await client.post(path, data=form, headers=HTML)
        assert (again.status_code, again.headers["location"]) == (303, f"{base}/requests/1")
        saved = await client.post(path, json={"reason": "保存"}, headers=AS_PDF)
        page = (await client.get(f"{base}/requests/1", headers=HTML)).text
    documents = [received[0][1] for received in (first.received, second.received)]
    papers = [text_of(document) for document in (*documents, saved.content)]
    assert all("渡邉　太郎" in paper and "端末 101" in paper for paper in papers)
    assert ["再印刷" in paper for paper in papers] == [False, True, True]
    assert 'value="p1/tray-2" selected' in page
    assert "2号機 改ざん防止用紙" in page
    async with database.read(tenant, SYSTEM) as session:
        where = await session.fetch("SELECT destination FROM certificate_print ORDER BY print_no")
    assert [row["destination"] for row in where] == ["p1/tray-2", "p2/tray-2", ""]


async def test_com_020_what_does_not_reach_the_printer_is_not_counted_as_printed(
    client: httpx.AsyncClient, base: str, printers: Any
) -> None:
    serial = await _issued(client, base)
    with served() as (_, gone):
        printers(gone)
    failed = await client.post(f"{base}/issues/{serial}/print", json={"printer": "p1"})
    assert (failed.status_code, failed.json()["code"]) == (503, "printer_failure")
    assert (await client.post(f"{base}/issues/{serial}/print", json={"printer": "p9"})).status_code == 422
    assert "再印刷" not in text_of(
        (await client.post(f"{base}/issues/{serial}/print", json={}, headers=AS_PDF)).content
    )


async def test_com_019_what_is_previewed_prints_the_same_for_three_documents(
    client: httpx.AsyncClient, base: str
) -> None:
    for kind in ("household", "individual", "entries"):
        made = (await client.post(f"{base}/requests", json=application(kind=kind))).json()["request_no"]
        preview = (await client.get(f"{base}/requests/{made}/preview?as_pdf=true", headers=AS_PDF)).content
        shown = (await client.get(f"{base}/requests/{made}/preview")).json()
        (serial,) = (await client.post(f"{base}/requests/{made}/issue", json={})).json()["serials"]
        paper = (await client.post(f"{base}/issues/{serial}/print", json={}, headers=AS_PDF)).content
        again = (await client.post(f"{base}/issues/{serial}/print", json={"reason": "照合"})).json()
        told = ("title", "top", "persons", "text", "issued", "certifier", "seal", "desk", "partial")
        assert [shown[part] for part in told] == [again[part] for part in told]
        words = [line["value"] for line in lines_of(shown)]
        for text in (text_of(preview), text_of(paper)):
            assert [word for word in words if word not in text] == []
        assert ("見本" in text_of(preview), f"第{serial}号" in text_of(paper)) == (True, True)


async def test_com_024_overflow_is_listed_for_the_register_and_a_bulk_run_and_nothing_is_cut(
    client: httpx.AsyncClient, base: str, database: Database, tenant: TenantRef
) -> None:
    async with database.write(tenant, SYSTEM) as session:
        moved = await record_move_in(session, {**FATHER, "name": LONG, "birth_date": "1950-01-01"})
    whole = (await client.get(f"{base}/overflow")).json()
    assert [(row["addressee_no"], row["item"], row["width"], row["text"]) for row in whole] == [
        (moved.addressee_nos[0], "氏名", 60, LONG)
    ]
    assert LONG in (await client.get(f"{base}/overflow.csv")).content.decode("utf-8-sig")
    plan = {
        "label": "確認",
        "kind": "individual",
        "asker_body": "県",
        "purpose": "調査",
        "numbers": f"1\n{moved.addressee_nos[0]}",
    }
    number = (await client.post(f"{base}/bulk", json=plan)).json()["bulk_no"]
    await client.post(f"{base}/bulk/{number}/issue", json={})
    notes = (await client.get(f"{base}/bulk/{number}/notes")).json()
    assert [(row["addressee_no"], "印刷欄より長い" in row["note"]) for row in notes] == [(moved.addressee_nos[0], True)]
    text = (await client.get(f"{base}/bulk/{number}/notes", headers=HTML)).content.decode("utf-8-sig")
    assert LONG in next(csv.DictReader(io.StringIO(text)))["理由・確認"]
    assert LONG in text_of((await client.get(f"{base}/bulk/{number}/files/1", headers=AS_PDF)).content)


async def test_com_020_a_bulk_file_goes_to_a_printer(client: httpx.AsyncClient, base: str, printers: Any) -> None:
    plan = {"label": "確認", "kind": "individual", "asker_body": "県", "purpose": "調査", "numbers": "1\n2"}
    number = (await client.post(f"{base}/bulk", json=plan)).json()["bulk_no"]
    await client.post(f"{base}/bulk/{number}/issue", json={})
    with served() as (queue, uri):
        printers(uri)
        sent = await client.post(f"{base}/bulk/{number}/files/1/print", json={"printer": "p1/tray-2"})
    assert sent.status_code == 200, sent.text
    assert len(pypdf.PdfReader(io.BytesIO(queue.received[0][1])).pages) == 2
    assert queue.received[0][1] != PDF


def test_inkan_021_the_stored_seal_and_the_note_of_the_paper_are_printed() -> None:
    picture = io.BytesIO()
    Image.new("RGB", (200, 200), "red").save(picture, "PNG")
    stored = [{"from": "2020-01-01", "png": base64.b64encode(picture.getvalue()).decode()}]
    plain = TenantConfig({"code": "000000", "name": "ためし市"})
    config = TenantConfig({"code": "000000", "name": "ためし市", "office": {"seal_images": stored}})
    certifier = replace(CERTIFIER, paper_note="この用紙は複写すると「複写」の文字が現れます")
    content = build(Kind.INDIVIDUAL, [Subject(sheet())], sheet(), frozenset(), PLACE)
    page = to_page(certify(content, {}, certifier, MADE.date(), 7), terminal="101")
    drawn = pypdf.PdfReader(io.BytesIO(print_pages([page], plain, made_at=MADE, practice=False)))
    sealed = print_pages([page, page], config, made_at=MADE, practice=False)
    assert [len(paper.images) for paper in drawn.pages] == [0]
    assert [len(paper.images) for paper in pypdf.PdfReader(io.BytesIO(sealed)).pages] == [1, 1]
    for part in ("第7号", "端末 101", "複写すると「複写」の文字が現れます"):
        assert part in text_of(sealed)


async def test_com_023_a_mayor_from_tomorrow_signs_tomorrows_certificates() -> None:
    from datetime import date

    from yoriai.office import certifier_on

    heads = [
        {"from": "2020-01-01", "until": "2026-11-20", "title": "ためし市長", "name": "前　市長"},
        {"from": "2026-11-21", "title": "ためし市長", "name": "新　市長"},
    ]
    config = TenantConfig({"code": "000000", "name": "ためし市", "office": {"heads": heads}})
    content = build(Kind.INDIVIDUAL, [Subject(sheet())], sheet(), frozenset(), PLACE)
    names = []
    for day in (date(2026, 11, 20), date(2026, 11, 21)):
        page = to_page(certify(content, {}, certifier_on(config, day), day, 7))
        paper = text_of(print_pages([page], config, made_at=MADE, practice=False))
        names.append([name for name in ("前　市長", "新　市長") if name in paper])
    assert names == [["前　市長"], ["新　市長"]]
