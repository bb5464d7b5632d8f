"""The screens, files and papers of 就学, and who may see what."""

import io
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pypdf
import pytest
import pytest_asyncio

from modules.resident.basic_register.movements.inputs import MovementResult
from modules.resident.school_age import documents, service
from modules.resident.school_age.handover import HANDOVER, check, main
from modules.resident.school_age.inputs import Transfer
from modules.resident.school_age.roll import HIDDEN
from modules.resident.school_age.settings import read_settings
from tests.conftest import PASSWORD, log_in
from tests.resident.people import NOW
from tests.resident.schooling import SCHOOL, child, night, settle
from tests.resident.test_electoral_cards import scan
from yoriai.audit import SYSTEM
from yoriai.commands.staff import save_account
from yoriai.documents.customer_barcode import customer_bars, read_bars
from yoriai.documents.pdf import render_pictures
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Database

HTML = {"accept": "text/html"}


@pytest_asyncio.fixture(loop_scope="session")
async def family(database: Database, bulk: BulkDatabase, config: TenantConfig) -> MovementResult:
    """Two pupils of the first school, one of another school's district, one child of next April."""
    async with database.write(config.tenant, SYSTEM) as session:
        family = await settle(
            session,
            child("2016-06-01", name="渡邉 一子"),
            child("2013-06-01", name="渡邉 二子"),
            child("2020-06-01", name="渡邉 三子"),
        )
        for number in family.addressee_nos[2:4]:
            body = Transfer(addressee_no=number, since=date(2026, 9, 15))
            await service.accept_transfer(session, body, config, NOW)
    night(bulk, config, "school_age.entrants", "2026-10-01")
    return family


def _text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/register", "学齢簿 2人"),
        (f"/register?school={SCHOOL}&grade=4", "学齢簿 1人"),
        ("/register?kind=attention", "該当する子はいません"),
        ("/entrants?year=2027", "新入学者 1人"),
        ("/turn?year=2027", "進級 2人"),
        ("/statistics", "学齢の子 2人"),
        ("/forecast", "2027年度 1人"),
        ("/forecast?town=大柿町大原&school=E01", "実際の通学区域は変わっていません"),
        ("/cases", "申請はありません"),
        ("/cases/new", "市外から受け入れる子"),
    ],
)
async def test_every_screen_shows_what_the_json_holds(
    client: httpx.AsyncClient, config: TenantConfig, family: MovementResult, path: str, words: str
) -> None:
    page = await client.get(f"/{config.code}/school_age{path}", headers=HTML)
    assert page.status_code == 200, page.text
    assert words in page.text
    assert (await client.get(f"/{config.code}/school_age{path}")).status_code == 200


async def test_rolls_on_paper_and_in_the_file_agree_with_the_screen(
    client: httpx.AsyncClient, config: TenantConfig, family: MovementResult
) -> None:
    """SHUGAKU-021."""
    base = f"/{config.code}/school_age"
    total = (await client.get(f"{base}/register?school={SCHOOL}")).json()["total"]
    lines = (await client.get(f"{base}/rolls/csv?school={SCHOOL}")).content.decode("utf-8-sig").splitlines()
    assert lines[0] == ",".join(HANDOVER)
    assert len(lines) == total + 1 == 2
    for district, found in ((SCHOOL, 1), ("J04", 1), ("E01", 0)):
        listed = (await client.get(f"{base}/register?district={district}")).json()
        file = (await client.get(f"{base}/rolls/csv?district={district}")).content.decode("utf-8-sig").splitlines()
        assert (listed["total"], len(file) - 1) == (found, found), district
    text = _text((await client.get(f"{base}/rolls/pdf?school={SCHOOL}")).content)
    assert "渡邉" in text
    assert "1人" in text
    entrants = _text((await client.get(f"{base}/entrants/2027/pdf?title=就学時健康診断名簿")).content)
    assert "就学時健康診断名簿" in entrants
    assert "三子" in entrants
    assert (await client.get(f"{base}/entrants/2027/csv")).status_code == 200


async def test_notices_of_entrance_go_from_the_fixed_list_to_paper(
    client: httpx.AsyncClient, config: TenantConfig, family: MovementResult
) -> None:
    base = f"/{config.code}/school_age"
    early = await client.post(f"{base}/entrants/2027/notices", data={"kind": "enrolment"}, headers=HTML)
    assert early.status_code == 409
    assert "確定していない" in early.text
    assert (await client.post(f"{base}/entrants/2027/fix", data={}, headers=HTML)).status_code == 303
    assert (await client.post(f"{base}/entrants/2027/fix", json={})).status_code == 409
    made = await client.post(f"{base}/entrants/2027/notices", json={"kind": "enrolment"})
    assert made.json() == {"entry_year": 2027, "made": 1, "withheld": 0}
    pdf = await client.get(f"{base}/entrants/2027/letters?kind=enrolment", headers={"accept": "text/html"})
    text = _text(pdf.content)
    assert "入学通知書" in text
    assert "令和9年4月1日" in text
    assert read_settings(config).name_of(SCHOOL) in text


async def test_the_resident_counter_prints_with_its_own_right_alone(
    anonymous: httpx.AsyncClient, database: Database, config: TenantConfig, family: MovementResult
) -> None:
    """SHUGAKU-011."""
    await save_account(database, config, "counter", "窓口 一郎", "市民課", PASSWORD, ["resident_clerk"])
    client = await log_in(anonymous, config.code, "counter")
    base, number = f"/{config.code}/school_age", family.addressee_nos[2]
    assert "渡邉" in (await client.get(f"{base}/transfers/new?addressee_no={number}", headers=HTML)).text
    sent = await client.post(f"{base}/transfers", data={"addressee_no": str(number), "since": "R8.9.15"}, headers=HTML)
    assert sent.status_code == 303, sent.text
    done = await client.get(sent.headers["location"], headers=HTML)
    link = done.text.split("/pdf?notice_id=")[1].split('"')[0]
    pdf = await client.get(f"{base}/transfers/{number}/pdf?notice_id={link}")
    assert "転入学通知書" in _text(pdf.content)
    assert (await client.get(f"{base}/register")).status_code == 403


async def test_a_school_sees_its_own_children_only(
    anonymous: httpx.AsyncClient, database: Database, config: TenantConfig, family: MovementResult
) -> None:
    """SHUGAKU-023."""
    name = read_settings(config).name_of(SCHOOL)
    await save_account(database, config, "school", "先生", name, PASSWORD, ["school_staff"])
    client = await log_in(anonymous, config.code, "school")
    base = f"/{config.code}/school_age/own-school"
    assert [row["name"] for row in (await client.get(base)).json()["rows"]] == ["渡邉　一子"]
    assert (await client.get(f"{base}/children/{family.addressee_nos[2]}", headers=HTML)).status_code == 200
    assert (await client.get(f"{base}/children/{family.addressee_nos[3]}")).status_code == 404
    assert (await client.get(f"/{config.code}/school_age/children/{family.addressee_nos[2]}")).status_code == 403


async def test_a_child_is_worked_on_from_its_screen(
    client: httpx.AsyncClient, config: TenantConfig, family: MovementResult
) -> None:
    path = f"/{config.code}/school_age/children/{family.addressee_nos[2]}"
    page = await client.get(path, headers=HTML)
    assert "満6歳に達した日の翌日以後の最初の4月1日" in page.text
    wrong = await client.post(
        f"{path}/school", data={"kind": "private", "since": "R8.11.16", "version": "1"}, headers=HTML
    )
    assert wrong.status_code == 422
    assert "届出・根拠" in wrong.text
    data = {"kind": "private", "school_name": "聖心小学校", "since": "R8.11.16", "reason": "入学許可証", "version": "1"}
    assert (await client.post(f"{path}/school", data=data, headers=HTML)).status_code == 303
    assert "聖心小学校" in (await client.get(path, headers=HTML)).text
    person = await client.get(f"/{config.code}/resident/persons/{family.addressee_nos[2]}", headers=HTML)
    assert "聖心小学校" in person.text
    form = {"kind": "designation_change", "addressee_no": "", "school_code": "", "applied_on": "R8.11.1",
            "valid_from": "R8.11.10", "valid_to": "R8.11.1", "reason": "転居予定"}  # fmt: skip
    refused = await client.post(f"/{config.code}/school_age/cases", data=form, headers=HTML)
    assert refused.status_code == 422
    assert all(text in refused.text for text in ("期間の終わりが始まりより前", "宛名番号を入力", "学校を選んで"))


async def test_shugaku_027_the_receivers_check_accepts_the_handed_over_register_and_tells_every_mistake(
    client: httpx.AsyncClient, config: TenantConfig, family: MovementResult, tmp_path: Path
) -> None:
    base = f"/{config.code}/school_age/rolls/handover"
    for receiver in ("aid", "school_affairs"):
        sent = await client.get(f"{base}?to={receiver}")
        assert sent.status_code == 200
        assert check(sent.content) == []
    file = tmp_path / "register.zip"
    file.write_bytes(sent.content)
    assert main([str(file)]) == 0
    with zipfile.ZipFile(file) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files["manifest.json"])
    assert (manifest["municipality_code"], manifest["rows"]) == (config.code, 2)
    assert json.loads(files["schema.json"]) == (await client.get(f"{base}/schema")).json()
    files["school_register.csv"] = (
        files["school_register.csv"].replace(b"2016-06-01", b"1.6.2016").replace("女".encode(), b"F")
    )
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    told = check(file.read_bytes())
    assert {(mistake.line > 0, mistake.column) for mistake in told} == {
        (False, "sha256"),
        (True, "生年月日"),
        (True, "性別"),
    }
    assert main([str(file)]) == 2
    assert [str(mistake) for mistake in check(b"no zip")] == ["ファイル: zip ファイルとして読めません。"]
    assert (await client.get(f"{base}?to=anybody")).status_code == 422


async def test_com_027_a_pulled_letter_is_in_no_file_but_on_the_list_and_com_025_the_others_carry_their_barcode(
    client: httpx.AsyncClient, config: TenantConfig, family: MovementResult
) -> None:
    base, third = f"/{config.code}/school_age/entrants/2027", family.addressee_nos[4]
    assert (await client.post(f"{base}/fix", json={})).status_code == 200
    change = {"kind": "enrolment", "addressee_no": str(third), "act": "pull", "reason": "私立に入学の連絡"}
    assert (await client.post(f"{base}/letters/changes", json=change)).status_code == 422, "there is no letter yet"
    assert (await client.post(f"{base}/notices", json={"kind": "enrolment"})).json()["made"] == 1
    (letter,) = (await client.get(f"{base}/letters?kind=enrolment", headers={"accept": "application/json"})).json()
    pages = render_pictures(
        Path(documents.__file__).parent / "letters.typ",
        {
            "letters": [{**letter, "mail": customer_bars(letter["to"]["postcode"], letter["to"]["address"])}],
            "place": "",
            "made": "",
            "practice": True,
        },
        made_at=NOW,
        dots_per_inch=300,
    )
    codes = read_bars(scan(pages[0]))
    assert "".join(codes[:7]) == letter["to"]["postcode"]
    assert (await client.post(f"{base}/letters/changes", data=change, headers=HTML)).status_code == 303
    assert (await client.get(f"{base}/letters?kind=enrolment")).status_code == 404
    page = (await client.get(f"/{config.code}/school_age/entrants?year=2027", headers=HTML)).text
    assert "一括印刷から引き抜いた通知書" in page
    assert "渡邉 三子" in page or "渡邉　三子" in page
    again = await client.post(f"{base}/letters/changes", data=change, headers=HTML)
    assert again.status_code == 422
    assert "もう引き抜かれています" in again.text
    assert (await client.post(f"{base}/letters/changes", json=change | {"act": "add"})).status_code == 200
    assert (await client.get(f"{base}/letters?kind=enrolment")).status_code == 200
    assert (await client.post(f"{base}/notices", json={"kind": "enrolment"})).json()["made"] == 0


def test_a_letter_to_a_home_here_names_the_municipality_with_its_county_and_one_sent_elsewhere_does_not() -> None:
    def sent_to(address: str, *, is_home: bool, postcode: str = "9990001") -> dict[str, Any]:
        to = {
            "name": "甲",
            "postcode": postcode,
            "address": address,
            "building": "",
            "principal": "",
            "is_home": is_home,
        }
        words = dict.fromkeys(("title", "article", "issued_on", "school", "grade", "day", "body", "extra"), "")
        child = {"name": "乙", "birth_date": ""}
        return {
            **words,
            "kind": "enrolment",
            "to": to,
            "child": child,
            "board": dict.fromkeys(("name", "head", "contact"), ""),
        }

    letters = [
        sent_to("ためし町1番", is_home=True),
        sent_to("東京都港区1番", is_home=False),
        sent_to("ためし町2番", is_home=True, postcode=""),
        sent_to(HIDDEN, is_home=True, postcode=""),
    ]
    pdf = documents.print_letters(letters, place="試験県試験郡試験町", made_at=NOW, practice=False)
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    assert "試験県試験郡試験町ためし町1番" in pages[0]
    assert "試験郡" not in pages[1]
    assert "試験県試験郡試験町ためし町2番" in pages[2], "also where the postcode is not known"
    assert "試験郡" not in pages[3]
