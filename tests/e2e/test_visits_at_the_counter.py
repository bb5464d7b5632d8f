"""A new clerk's day, part two: single persons and their papers, and the polling place. By keyboard, to the end."""

import base64
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from modules.resident.electoral_roll.barcode import card_code
from tests.conftest import Installation
from tests.e2e.desk import BEFORE_TODAY, Desk, Office, open_office, typed
from tests.resident.seal.seals import stamp
from tests.resident.voters import night
from yoriai.clock import today
from yoriai.tenancy.bulk import BulkDatabase

_YESTERDAY = today() - timedelta(days=1)


@pytest.fixture(scope="module")
def office(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One population for all visits of this file."""
    with open_office(installation, tmp_path_factory.mktemp("office")) as office:
        yield office


@pytest.fixture
def desk(office: Office, browser: Browser) -> Iterator[Desk]:
    """The clerk, logged in, on the first screen."""
    with office.desk(browser) as desk:
        yield desk


def _town(office: Office) -> str:
    (town,) = office.ask("SELECT name FROM {s}.town GROUP BY name HAVING count(*) = 1 ORDER BY name DESC LIMIT 1")
    return str(town)


def _open_move_in(desk: Desk, office: Office, block: str, former: str) -> None:
    with desk.page.expect_navigation():
        desk.keys.press("Alt+2")
    desk.fill(
        event_date=typed(_YESTERDAY), former_address=former, address__town_code=_town(office), address__block=block
    )


def test_a_victim_of_violence_moves_in_secretly(desk: Desk, office: Office, browser: Browser) -> None:
    """支援措置 from the same sitting: after it nobody without the right reads the address, on no page of the visit."""
    _open_move_in(desk, office, "777番9号", "岡山県岡山市北区大供一丁目1番1号")
    desk.fill(members__0__name="影山　静", members__0__name_kana="カゲヤマ　シズカ", members__0__birth_date="H020304")
    desk.put("members.0.sex", "2")
    desk.send()
    desk.page.wait_for_url(re.compile(r"/next$"))
    desk.follow("支援措置・抑止を登録")
    (number,) = office.ask("SELECT addressee_no FROM {s}.fact_resident WHERE name = '影山　静'")
    expect(desk.page.locator(f"[name='subjects[]'][value='{number}']")).to_be_checked()
    desk.fill(category="dv", offender="影山　剛", opinion="相談機関の意見あり")
    desk.send()
    desk.back_to_list()
    sheet = desk.page.get_by_role("link", name="お渡し用の案内を開く")
    sheet.focus()
    with desk.page.expect_navigation():
        desk.keys.press("Enter")
    desk.sees("影山　静 様", "記載しません")
    with office.desk(browser, "neighbour") as neighbour:
        neighbour.find("カゲヤマ", number)
        neighbour.sees("支援措置", "表示できません")
        paths = [
            f"/resident/persons/{number}",
            f"/resident/persons/{number}/history",
            f"/resident/persons/{number}/as-of",
        ]
        for path in [*paths, f"/certificate/requests/new?addressee_no={number}", "/resident/movement-log", "/"]:
            neighbour.page.goto(office.site.url(path))
            text = neighbour.page.content()
            assert "777番9号" not in text, path
            assert "岡山県岡山市" not in text, path
        neighbour.page.goto(office.site.url("/resident/persons?q=777番9号"))
        neighbour.sees("検索結果 0件")


def test_a_foreign_student_arrives(desk: Desk, office: Office) -> None:
    """転入 from abroad with 在留情報 and 通称; the residence card, 国保 and the number follow; a certificate is handed out."""
    _open_move_in(desk, office, "3番4号", "ベトナム ハノイ市")
    desk.fill(
        members__0__name="NGUYEN　VAN　AN",
        members__0__name_kana="グエン　バン　アン",
        members__0__birth_date="20040115",
    )
    desk.put("members.0.sex", "1")
    desk.fill(members__0__alias="阮　安", members__0__nationality="vnm")
    desk.unfold("外国人住民の項目")
    desk.fill(
        members__0__residence_class="mid_long",
        members__0__residence_status="留学",
        members__0__residence_period="2年3月",
        members__0__residence_until=typed(today() + timedelta(days=800)),
        members__0__residence_card_no="ab12345678cd",
    )
    desk.send()
    desk.page.wait_for_url(re.compile(r"/next$"))
    name = "NGUYEN　VAN　AN"
    assert {"在留カード等への住居地の記載", "国民健康保険の加入", "住民票コードの記載・個人番号の付番"} <= set(
        desk.procedures(name)
    )
    desk.begin(name, "国民健康保険の加入")
    desk.send()
    desk.back_to_list()
    desk.tick(name, "在留カード等への住居地の記載")
    desk.follow("個人の画面へ")
    desk.sees("通称", "阮　安", "留学", "ベトナム")
    desk.follow("証明書を発行")
    desk.put("identity", "photo")
    desk.send()
    desk.sees("手数料")
    with desk.page.expect_navigation():
        desk.keys.press("F8")
    desk.sees("発行した証明書")


def test_a_wrong_address_is_corrected(desk: Desk, office: Office) -> None:
    """職権修正 of the block: what was written stays in the history, the certificate shows the right one; a blank ground is told."""
    number, kana, household, wrong = office.ask(
        """SELECT addressee_no, name_kana, household_no, address FROM {s}.fact_resident r
            WHERE is_head AND (SELECT count(*) FROM {s}.fact_resident m WHERE m.household_no = r.household_no) = 1
            ORDER BY addressee_no LIMIT 1"""
    )
    desk.find(kana, number)
    desk.follow("世帯")
    desk.unfold("そのほかの異動")
    desk.follow("職権修正")
    desk.put("addressee_no", str(number))
    desk.put("event_date", typed(_YESTERDAY))
    desk.fill(address__town_code=_town(office), address__block="88番8号")
    desk.send()
    expect(desk.field("ground")).to_be_focused()
    expect(desk.field("address.block")).to_have_value("88番8号")
    desk.put("ground", "実地調査")
    desk.send()
    if desk.page.locator("main input[name='confirmed[]']").count():
        desk.confirm()
    desk.page.wait_for_url(re.compile(r"/next$"))
    desk.follow("個人の画面へ")
    desk.sees("88番8号")
    desk.follow("異動履歴")
    desk.sees("職権修正", str(wrong), "88番8号")
    assert household


def test_somebody_fetches_a_certificate_by_proxy(desk: Desk, office: Office) -> None:
    """任意代理人: without the mandate it is refused at its field, then seen, paid, printed; leaving half-way warns."""
    number, kana = office.ask(
        "SELECT addressee_no, name_kana FROM {s}.fact_resident WHERE is_head ORDER BY addressee_no OFFSET 5 LIMIT 1"
    )
    desk.find(kana, number)
    desk.follow("証明書を発行")
    desk.put("kind", "individual")
    desk.put("asker", "proxy")
    desk.fill(asker_name="代理　太郎", asker_address="広島県呉市中央1番", identity="photo")
    asked: list[str] = []
    desk.page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    desk.keys.press("Alt+ArrowLeft")
    expect(desk.field("asker_name")).to_have_value("代理　太郎")
    desk.send()
    expect(desk.field("has_proof")).to_be_focused()
    expect(desk.field("asker_name")).to_have_value("代理　太郎")
    desk.keys.press("Space")
    desk.send()
    desk.sees("任意代理人", "代理　太郎", "300円")
    expect(desk.page.locator(".document-preview")).to_be_visible()
    with desk.page.expect_navigation():
        desk.keys.press("F8")
    desk.sees("発行した証明書", "第")
    button = desk.page.get_by_role("button", name="PDFで開く")
    button.focus()
    with desk.page.context.expect_page() as opened, desk.page.expect_event("popup"):
        desk.keys.press("Enter")
    assert opened.value
    (asker,) = office.ask("SELECT asker_name FROM {s}.certificate_request ORDER BY request_no DESC LIMIT 1")
    assert asker == "代理　太郎"


def test_a_seal_is_lost_and_another_registered(desk: Desk, office: Office, tmp_path: Path) -> None:
    """印鑑の亡失: the registration ends with its reason, the old card is refused, the new seal is registered on the same visit."""
    number, name, kana, registration, card, birth = office.ask(
        """SELECT r.addressee_no, r.name, r.name_kana, s.registration_no, c.card_no, r.birth_date FROM {s}.fact_resident r
             JOIN {s}.seal_registration s ON s.addressee_no = r.addressee_no
             JOIN {s}.seal_card c ON c.registration_no = s.registration_no ORDER BY s.registration_no LIMIT 1"""
    )
    desk.find(kana, number)
    desk.follow("印鑑登録")
    desk.unfold("登録の処理")
    desk.put("act", "end")
    desk.fill(end_reason="lost_seal", applicant=name, reason="印鑑を紛失した")
    desk.push("記録する")
    desk.sees("抹消")
    desk.page.goto(office.site.url(f"/seal_registration/certificates/new?card_no={card}"))
    desk.put("birth_date", birth.isoformat())
    desk.send()
    desk.sees("登録証")
    expect(desk.page.locator("main .alert-error").first).to_be_visible()
    desk.find(kana, number)
    desk.follow("登録の申請")
    picture = tmp_path / "seal.png"
    picture.write_bytes(base64.b64decode(stamp(14, pattern=9)))
    desk.put("seal_text", name.split("　")[0])
    desk.page.locator("[name=image_file]").set_input_files(picture)
    desk.put("identity_kind", "photo_document")
    desk.fill(identity_document="運転免許証")
    desk.send()
    if desk.page.locator("main input[name='confirmed[]']").count():
        desk.confirm()
    desk.page.wait_for_url(re.compile(r"/registrations/\d+$"))
    assert f"/registrations/{registration}" not in desk.page.url
    desk.sees("登録証", "有効")


def test_an_election_a_card_votes_early_and_not_twice(desk: Desk, office: Office, browser: Browser) -> None:
    """期日前投票: the card is read, the voter received; the same card is refused at another place, and a mistake can be undone."""
    bulk = BulkDatabase(office.installation.app_dsn)
    for job in ("election", "fix"):
        night(bulk, office.site.config, job, (today() - BEFORE_TODAY).isoformat())
    card, name = office.ask(
        "SELECT card_no, name FROM {s}.electoral_voter WHERE election_no = 1 ORDER BY card_no LIMIT 1"
    )
    with office.desk(browser, "polls") as polls:
        polls.page.goto(office.site.url("/electoral_roll/elections"))
        polls.follow(re.compile("実演"))
        with polls.page.expect_navigation():
            polls.keys.press("F8")
        expect(polls.field("q")).to_be_focused()
        polls.keys.type(card_code(1, card))
        with polls.page.expect_navigation():
            polls.keys.press("Enter")
        polls.sees(name)
        expect(polls.field("reason")).to_be_focused()
        polls.put("reason", "work")
        polls.push("受け付ける")
        polls.sees(name, "取り消す")
        places = polls.page.get_by_role("navigation", name="投票所").get_by_role("link")
        other = places.nth(1) if places.count() > 1 else places.first
        other.focus()
        with polls.page.expect_navigation():
            polls.keys.press("Enter")
        polls.put("q", card_code(1, card))
        with polls.page.expect_navigation():
            polls.keys.press("Enter")
        polls.sees(name, "期日前投票")
        expect(polls.page.get_by_role("button", name="受け付ける")).to_have_count(0)
