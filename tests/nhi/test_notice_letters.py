"""納税通知書 on paper: in bulk, alone, to a printer and tray of the office; who is withheld is listed (COM-020, ATENA-016)."""

import io
from typing import Any

import httpx
import pypdf
import pytest

from tests.nhi.nightly import run_net
from tests.nhi.register import HEAD, PENSIONER, settle
from tests.platform.test_printing import served
from yoriai import registry
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef

HTML = {"accept": "text/html"}
_RETURNED = """
INSERT INTO returned_mail (addressee_no, kind, business, item, "on", staff_id)
VALUES ($1, 'returned', 'nhi', '納税通知書', '2026-05-20', 'clerk')
"""


def words(pdf: bytes) -> list[str]:
    return [page.extract_text().replace("\n", "") for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


@pytest.fixture
def everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TenantConfig, "permissions_of", lambda *_: frozenset(registry.permissions()))


@pytest.mark.usefixtures("everything", "tenant")
async def test_com_020_a_notice_is_a_pdf_data_or_goes_to_a_printer_and_tray(
    client: httpx.AsyncClient, bulk: BulkDatabase, config: TenantConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bulk.write(config.tenant) as session:
        settle(session, HEAD, PENSIONER)
        session.execute(_RETURNED, (PENSIONER.no,))
    run_net(bulk, config, "nhi.annual")
    base = f"/{config.code}/nhi"
    page = (await client.get(f"{base}/notices?fiscal_year=2026", headers=HTML)).text
    assert "返戻 納税通知書" in page, "who is withheld is listed with the reason"
    bulk_path = f"{base}/notices/2026/letters?kind=initial&part=1"
    letters = words((await client.get(bulk_path, headers=HTML)).content)
    assert len(letters) == 1, "the other is withheld"
    assert "山田 1子" in letters[0]
    assert "広島県江田島市ためし町1番地" in letters[0]
    assert "第1期" in letters[0]
    data = (await client.get(bulk_path, headers={"accept": "application/json"})).json()
    assert data[0]["fields"][1] == ["世帯番号", "100"]
    alone = f"{base}/households/300/levies/2026/notice"
    assert "山田 6子" in words((await client.get(alone, headers=HTML)).content)[0], "alone it prints all the same"
    asked = await client.get(f"{bulk_path.split('?')[0]}/print?kind=initial&part=1", headers=HTML)
    assert "この課のプリンターは設定にありません" in asked.text
    assert (await client.get(f"{base}/notices/2026/letters/print?part=2", headers=HTML)).status_code == 200
    with served() as (printer, uri):
        trays = [{"code": "tray-2", "label": "通知書用紙"}]
        printing: dict[str, Any] = {
            "printers": [{"code": "hoken1", "label": "保険課1号機", "uri": uri, "trays": trays}]
        }
        changed = TenantConfig({**config.document, "printing": printing})

        async def find(_: TenantRef) -> TenantConfig:
            return changed

        gate = client._transport.app.state.gate  # type: ignore[attr-defined]
        monkeypatch.setattr(gate.directory, "find", find)
        form = await client.get(f"{alone}/print", headers=HTML)
        assert "保険課1号機 通知書用紙" in form.text
        order = {"printer": "hoken1/tray-2", "copies": "2"}
        sent = await client.post(f"{alone}/print", data=order, headers=HTML)
        assert "印刷に出しました" in sent.text, sent.text
        wrong = await client.post(f"{alone}/print", data=order | {"printer": "gone/1", "copies": "0"}, headers=HTML)
        assert wrong.status_code == 422
    (attributes, document), *more = printer.received
    assert (more, b"tray-2" in attributes["media-col"]) == ([], True)
    assert attributes["job-name"] == ["国保 納税通知書".encode()], "the queue names nobody"
    assert "山田 6子" in words(document)[0]
    with bulk.read(config.tenant) as session:
        events = session.read("SELECT subject FROM audit_event WHERE action = 'document.sent'")["subject"].to_list()
    assert events == ["household:300"]
