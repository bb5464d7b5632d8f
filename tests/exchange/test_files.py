"""Files to other systems, whole and by difference (COM-064), and files from them whose wrong rows are set aside (COM-069)."""

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from tests.conftest import PASSWORD, log_in
from tests.exchange.laying import lay
from tests.resident.test_protection import SECRETS, protect
from yoriai.commands.staff import save_account
from yoriai.csv_text import csv_text
from yoriai.exchange.area import area_of
from yoriai.settings import Settings
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.ref import TenantRef

HTML = {"accept": "text/html"}


class OtherSide:
    """Another system that keeps a copy by the files alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: dict[str, dict[str, str]] = {}
        self.at = 0

    def take(self, path: str) -> dict[str, Any]:
        """Check the file against its manifest and follow it; the manifest."""
        manifest: dict[str, Any] = json.loads((self.folder / f"{path}.manifest.json").read_text(encoding="utf-8"))
        content = (self.folder / path).read_bytes()
        assert hashlib.sha256(content).hexdigest() == manifest["sha256"]
        reader = csv.DictReader(io.StringIO(content.decode(manifest["charset"]), newline=""))
        assert reader.fieldnames == manifest["columns"]
        assert manifest["from_change"] == (0 if manifest["kind"] == "full" else self.at)
        if manifest["kind"] == "full":
            self.rows.clear()
        counts = {"1": 0, "9": 0}
        for row in reader:
            counts[row["更新区分"]] += 1
            key = ":".join(row[name] for name in manifest["key"])
            if row["更新区分"] == "9":
                del self.rows[key]
            else:
                self.rows[key] = row
        assert (counts["1"], counts["9"]) == (manifest["rows"], manifest["gone"])
        self.at = manifest["to_change"]
        return manifest


@pytest_asyncio.fixture(loop_scope="session")
async def officer(anonymous: httpx.AsyncClient, database, config) -> httpx.AsyncClient:
    """A client of 情報政策課."""
    await save_account(database, config, "officer", "情報　担当", "情報政策課", PASSWORD, ["batch_viewer", "tax_clerk"])
    return await log_in(anonymous, config.code, "officer")


async def test_com_064_another_system_follows_by_full_and_difference_files(
    officer: httpx.AsyncClient,
    supervisor: httpx.AsyncClient,
    base: str,
    tenant: TenantRef,
    area_folder: Path,
    settings: Settings,
) -> None:
    at = f"/{tenant.code}/exchange"
    order = {"data_set": "resident.person", "purpose": "図書館システムへの提供"}
    early = await officer.post(f"{at}/files", json={**order, "kind": "difference"})
    assert early.status_code == 409
    assert area_of(settings, tenant).list("out") == []
    other = OtherSide(area_folder / tenant.code)

    async def make(kind: str) -> dict[str, Any]:
        answer = await officer.post(f"{at}/files", json={**order, "kind": kind})
        assert answer.status_code == 200, answer.text
        return other.take(answer.json()["files"][0]["path"])

    assert (await make("full"))["rows"] == 3
    assert other.rows["1"]["氏名"] == "渡邉　太郎"
    nothing = await make("difference")
    assert (nothing["rows"], nothing["gone"]) == (0, 0)
    await protect(supervisor, base)
    changed = await make("difference")
    assert (changed["rows"], changed["gone"]) == (2, 0)
    assert {row["支援措置による秘匿"] for key, row in other.rows.items() if key != "1"} == {"1"}
    others = str([row for key, row in other.rows.items() if key != "1"])
    assert not [secret for secret in SECRETS if secret in others], "the man at his own address may have the postcode"
    await protect(supervisor, base, subjects=[3], hides_from_search=True)
    concealed = await make("difference")
    assert (concealed["rows"], concealed["gone"]) == (0, 2)
    assert sorted(other.rows) == ["1"]
    followed = {key: {**row, "変更番号": ""} for key, row in other.rows.items()}
    await make("full")
    assert {key: {**row, "変更番号": ""} for key, row in other.rows.items()} == followed
    page = await officer.get(f"{at}/", headers=HTML)
    assert page.status_code == 200
    assert "差分" in page.text


async def test_an_area_that_does_not_answer_leaves_no_record_of_a_file(
    officer: httpx.AsyncClient, base: str, tenant: TenantRef, area_folder: Path, bulk: BulkDatabase
) -> None:
    order = {"data_set": "resident.person", "purpose": "提供", "kind": "full"}
    (area_folder / tenant.code).mkdir(parents=True)
    (area_folder / tenant.code / "out").write_text("a file where a folder should be", encoding="utf-8")
    answer = await officer.post(f"/{tenant.code}/exchange/files", json=order)
    assert answer.status_code == 503, answer.text
    with bulk.read(tenant) as session:
        assert session.read("SELECT count(*) AS n FROM exchange_file").item() == 0


def _accounts() -> list[dict[str, str]]:
    rows = [
        {
            "宛名番号": str(number),
            "対象の業務": business,
            "用途": use,
            "金融機関コード": "0001",
            "金融機関": "見本銀行",
            "店舗コード": "001",
            "店舗": "本店",
            "口座番号": "1234567",
            "口座名義": "ﾜﾀﾅﾍﾞ ﾀﾛｳ",
            "開始日": "2026-11-01",
            "届出": "口座登録の申出",
        }
        for number in (1, 2)
        for business in ("all", "nhi")
        for use in ("debit", "refund", "benefit")
    ][:10]
    rows[3] = {**rows[3], "金融機関コード": "12", "口座名義": "漢字名義"}
    rows[7] = {**rows[7], "宛名番号": "999"}
    return rows


async def test_com_069_of_ten_rows_two_are_set_aside_and_recorded_one_by_one(
    officer: httpx.AsyncClient, base: str, tenant: TenantRef, area_folder: Path, settings: Settings, bulk: BulkDatabase
) -> None:
    at, rows = f"/{tenant.code}/exchange", _accounts()
    area = area_of(settings, tenant)
    content = csv_text(list(rows[0]), (list(row.values()) for row in rows)).encode("cp932")
    area.put("in/non_resident.account/bank.csv", content)
    # Half of a file, or one that somebody laid there in passing: it waits, and says for what.
    early = await officer.post(f"{at}/take", json={"receiver": "non_resident.account"})
    assert early.status_code == 422
    assert "添付情報（manifest）がないため、取り込んでいません" in early.json()["errors"][0]["message"]
    page = await officer.post(f"{at}/take", data={"receiver": "non_resident.account"}, headers=HTML)
    assert "bank.csv.manifest.json を依頼してください" in page.text
    lay(area, "in/non_resident.account/bank.csv", content, rows=9, sha256="0" * 64, file="other.csv")
    wrong = await officer.post(f"{at}/take", json={"receiver": "non_resident.account"})
    assert {error["rule"] for error in wrong.json()["errors"]} == {"other_file", "digest"}, "all mistakes at once"
    lay(area, "in/non_resident.account/bank.csv", content, rows=9)
    short = await officer.post(f"{at}/take", json={"receiver": "non_resident.account"})
    assert "9行、ファイルは10行" in short.json()["errors"][0]["message"]
    with bulk.read(tenant) as session:
        assert session.read("SELECT count(*) AS n FROM bank_account").item() == 0
    lay(area, "in/non_resident.account/bank.csv", content)
    taken = await officer.post(f"{at}/take", json={"receiver": "non_resident.account"})
    assert taken.status_code == 200, taken.text
    assert "10行のうち8行を登録し、2行を保留しました" in taken.json()["taken"]
    assert area.list("in") == []
    bank = "taken/non_resident.account/bank.csv"
    assert area.list("taken") == [bank, f"{bank}.manifest.json"]

    first, second = (await officer.get(f"{at}/rows")).json()["rows"]
    assert (first["line"], second["line"]) == (5, 9)
    assert {reason["column"] for reason in first["reasons"]} == {"金融機関コード"}
    assert "この宛名番号はありません" in second["reasons"][0]["message"]
    page = await officer.get(f"{at}/rows/{first['row_no']}", headers=HTML)
    assert page.status_code == 200
    assert "漢字名義" in page.text

    async def fix(row_no: int, version: int, **values: str) -> httpx.Response:
        known = {cell["label"]: cell["value"] for cell in (await officer.get(f"{at}/rows/{row_no}")).json()["cells"]}
        return await officer.post(f"{at}/rows/{row_no}", json={"version": version, "values": {**known, **values}})

    half = (await fix(first["row_no"], 1, 金融機関コード="0001")).json()
    assert not half["is_done"]
    assert {reason["column"] for reason in half["reasons"]} == {"口座名義"}
    assert (await fix(first["row_no"], 1, 口座名義="ﾜﾀﾅﾍﾞ ﾀﾛｳ")).status_code == 409
    assert (await fix(first["row_no"], 2, 口座名義="ﾜﾀﾅﾍﾞ ﾀﾛｳ")).json()["is_done"]
    # The form of the screen numbers its fields.
    shown = (await officer.get(f"{at}/rows/{second['row_no']}")).json()
    form = {f"values.{cell['name']}": cell["value"] for cell in shown["cells"]} | {"version": "1", "values.c0": "3"}
    answer = await officer.post(f"{at}/rows/{second['row_no']}", data=form, headers=HTML)
    assert answer.status_code == 303
    assert (await officer.get(f"{at}/rows")).json()["rows"] == []
    with bulk.read(tenant) as session:
        accounts = session.read("SELECT addressee_no, count(*) AS n FROM bank_account GROUP BY 1 ORDER BY 1").rows()
        events = session.read("SELECT count(*) AS n FROM audit_event WHERE action = 'account.register'").item()
    assert accounts == [(1, 6), (2, 3), (3, 1)]
    assert events == 10

    lay(area, "in/non_resident.account/again.csv", content)
    again = await officer.post(f"{at}/take", json={"receiver": "non_resident.account"})
    assert "受信済み" in again.json()["taken"]
    with bulk.read(tenant) as session:
        assert session.read("SELECT count(*) AS n FROM bank_account").item() == 10
    lay(area, "in/non_resident.account/wrong.csv", "宛名番号,知らない列\r\n1,x\r\n".encode())
    wrong = await officer.post(f"{at}/take", json={"receiver": "non_resident.account"})
    assert wrong.status_code == 422
    assert {error["rule"] for error in wrong.json()["errors"]} == {"unknown_heading", "missing_heading"}


async def test_a_wrong_file_or_row_holds_up_no_other_and_the_concealed_have_no_row(
    officer: httpx.AsyncClient,
    supervisor: httpx.AsyncClient,
    base: str,
    tenant: TenantRef,
    area_folder: Path,
    settings: Settings,
    bulk: BulkDatabase,
) -> None:
    at, folder, area = f"/{tenant.code}/exchange", "in/non_resident.account", area_of(settings, tenant)
    await protect(supervisor, base, subjects=[3], hides_from_search=True)
    good = _accounts()[0]
    rows = [{**good, "宛名番号": number} for number in ("3.0", "9" * 19, "999", "1")]
    rows += [{**good, "対象の業務": "nhi", "金融機関": "見本\0銀行"}]

    def content(*rows: dict[str, str]) -> bytes:
        return csv_text(list(good), (list(row.values()) for row in rows)).encode()

    lay(area, f"{folder}/a.csv", "宛名番号,知らない列\r\n1,x\r\n".encode())
    lay(area, f"{folder}/b.csv", content(*rows))
    taken = await officer.post(f"{at}/take", json={"receiver": "non_resident.account"})
    assert taken.status_code == 422
    assert {error["file"] for error in taken.json()["errors"]} == {f"{folder}/a.csv"}
    assert "5行のうち1行を登録し、4行を保留しました" in taken.json()["message"]
    assert area.list("in") == [f"{folder}/a.csv", f"{folder}/a.csv.manifest.json"]

    shown = (await officer.get(f"{at}/rows")).json()["rows"]
    assert [row["line"] for row in shown] == [3, 4, 6]
    with bulk.read(tenant) as session:
        concealed = session.read("SELECT row_no FROM exchange_row WHERE line = 2").item()
    assert (await officer.get(f"{at}/rows/{concealed}")).status_code == 404
    discard = await officer.post(f"{at}/rows/{concealed}/discard", json={"version": 1, "note": "不要"})
    assert discard.status_code == 404
    assert (await officer.get(f"{at}/rows/{shown[1]['row_no']}")).status_code == 200
    with bulk.read(tenant) as session:
        seen = session.read("SELECT detail::text AS d FROM audit_event WHERE action = 'exchange.row.view'")["d"]
    assert [json.loads(detail)["persons"] for detail in seen] == [[999]]

    # Another file of the same name does not take the place of what was received.
    area.remove(f"{folder}/a.csv")
    lay(area, f"{folder}/b.csv", content({**good, "対象の業務": "nhi"}))
    assert (await officer.post(f"{at}/take", json={"receiver": "non_resident.account"})).status_code == 200
    kept = "taken/non_resident.account"
    laid = [f"{kept}/{name}{ending}" for name in ("b-2.csv", "b.csv") for ending in ("", ".manifest.json")]
    assert area.list("taken") == laid
    assert area.get(f"{kept}/b.csv") == content(*rows)
