"""A new clerk's day, part one: families. Each visit goes by keyboard from the search to the signed sheet."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import Installation
from tests.e2e.desk import Desk, Office, open_office, typed
from yoriai.clock import today

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


def _walk(desk: Desk, *steps: tuple[str, str]) -> None:
    """Type field by field: the cursor has to stand in each, since Enter (or a full date) brings it there."""
    for name, text in steps:
        field = desk.field(name)
        for _ in range(8):
            if desk.page.evaluate("document.activeElement.name") == name:
                break
            desk.keys.press("Enter")
        expect(field).to_be_focused()
        kind = field.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
        if kind in ("radio", "checkbox", "select"):
            desk.put(name, text)
        else:
            desk.keys.type(text)


def test_a_family_moves_in_with_two_children_and_a_grandmother(desk: Desk, office: Office) -> None:
    """転入 of five people from the menu key to the signed sheet; 国保, 児童手当 and school are finished in one sitting."""
    # A real 町字, which has its schools: the ためし町 of other tests is in no district.
    towns = "SELECT name FROM {s}.town WHERE left(name, 3) = '大柿町' GROUP BY name HAVING count(*) = 1 ORDER BY name LIMIT 1"
    (town,) = office.ask(towns)
    with desk.page.expect_navigation():
        desk.keys.press("Alt+2")
    expect(desk.field("event_date")).to_be_focused()
    _walk(
        desk,
        ("event_date", typed(_YESTERDAY)),
        ("notifier", "窓辺　一郎"),
        ("former_address", "広島県広島市中区基町10番52号"),
        ("address.town_code", town),
        ("address.block", "1番2号"),
        ("members.0.name", "窓辺　一郎"),
        ("members.0.name_kana", "マドベ　イチロウ"),
        ("members.0.sex", "1"),
        ("members.0.birth_date", "S600401"),
        ("members.0.registered_domicile", "広島県広島市中区基町1番"),
        ("members.0.family_register_head", "窓辺　一郎"),
    )
    family = [
        ("桜", "サクラ", "S620503", "2", "12"),
        ("陽菜", "ヒナ", typed(today().replace(month=5, day=2, year=today().year - 8)), "2", "20"),
        ("湊", "ミナト", typed(today().replace(month=6, day=3, year=today().year - 3)), "1", "20"),
        ("フミ", "フミ", "S150110", "2", "52"),
    ]
    for index, (name, kana, birth, sex, relation) in enumerate(family, 1):
        add = desk.page.get_by_role("button", name="転入する人を加える")
        add.focus()
        desk.keys.press("Enter")
        p = f"members.{index}."
        # The family's name, 本籍 and 筆頭者 are there already.
        expect(desk.field(f"{p}name")).to_be_focused()
        expect(desk.field(f"{p}name")).to_have_value("窓辺　")
        expect(desk.field(f"{p}registered_domicile")).to_have_value("広島県広島市中区基町1番")
        desk.keys.type(name)
        desk.keys.press("Enter")
        desk.keys.type(kana)
        desk.put(f"{p}sex", sex)
        desk.put(f"{p}relationship", relation)
        desk.put(f"{p}birth_date", birth)
    desk.send()
    desk.page.wait_for_url(re.compile(r"/resident/movements/\d+/next$"))
    desk.sees("窓辺　一郎", "転入")
    assert {"国民健康保険の加入", "マイナンバーカードの継続利用", "印鑑登録（希望する人）"} <= set(
        desk.procedures("窓辺　一郎")
    )
    assert {"児童手当の認定請求", "転入学の手続き"} <= set(desk.procedures("窓辺　陽菜"))
    assert "児童手当の認定請求" in desk.procedures("窓辺　湊")
    assert "国民健康保険の加入" not in desk.procedures("窓辺　フミ"), "she is over 75: 後期高齢者医療"
    expect(desk.row("窓辺　陽菜", "児童手当の認定請求")).to_contain_text("振込先口座")

    desk.begin("窓辺　一郎", "国民健康保険の加入")
    expect(desk.field("acquired_on")).to_have_value(_YESTERDAY.isoformat())
    desk.sees("同じ世帯で一緒に加入する人", "窓辺　桜", "窓辺　陽菜", "窓辺　湊")
    desk.send()
    desk.back_to_list()
    for name in ("窓辺　一郎", "窓辺　桜", "窓辺　陽菜", "窓辺　湊"):
        expect(desk.row(name, "国民健康保険の加入")).to_contain_text("済（登録を確認）")
    desk.begin("窓辺　陽菜", "児童手当の認定請求")
    expect(desk.field("children.0.name")).to_have_value("窓辺　陽菜")
    desk.send()
    desk.back_to_list()
    expect(desk.row("窓辺　湊", "児童手当の認定請求")).to_contain_text("済（登録を確認）")
    desk.begin("窓辺　陽菜", "転入学の手続き")
    desk.send()
    desk.sees("転入学通知書を作りました")
    desk.back_to_list()
    expect(desk.row("窓辺　陽菜", "転入学の手続き")).to_contain_text("済（登録を確認）")
    desk.tick("窓辺　フミ", "マイナンバーカードの継続利用")
    desk.follow("お渡し用の案内を開く")
    desk.sees("窓辺　一郎 様", "署名", "お持ちいただくもの")


def test_a_father_has_died_and_the_family_comes_for_okuyami(desk: Desk, office: Office) -> None:
    """死亡 of the head: the widow is proposed as head; cards, 国保, 葬祭費, the seal and the allowance are dealt with at once."""
    number, name, kana, widow = office.ask(
        """SELECT r.addressee_no, r.name, r.name_kana, m.addressee_no
             FROM {s}.resident_record r JOIN {s}.nhi_enrolment e ON e.addressee_no = r.addressee_no
              AND e.superseded_at IS NULL AND e.lost_on = '9999-12-31'
             JOIN {s}.fact_resident m ON m.household_no = r.household_no AND m.relationship IN ('11', '12')
            WHERE r.relationship = '02' AND r.status = 'resident' AND r.superseded_at IS NULL AND r.valid_to = '9999-12-31'
            ORDER BY EXISTS (SELECT FROM {s}.child_allowance_case c WHERE c.recipient_no = r.addressee_no) DESC,
                     r.addressee_no LIMIT 1"""
    )
    desk.find(kana, number)
    desk.follow("死亡")
    expect(desk.field("addressee_no")).to_have_value(str(number))
    widow_stays = desk.page.locator(f"input[name^='staying.'][value='{widow}']").get_attribute("name") or ""
    expect(desk.field(widow_stays.replace("addressee_no", "relationship"))).to_have_value("02")
    desk.put("event_date", typed(_YESTERDAY))
    desk.put("notifier", "喪主")
    desk.send()
    desk.sees("死亡", "葬祭費の申請")
    assert {"国民健康保険の資格喪失", "葬祭費の申請", "マイナンバーカードの返納", "送付先・相続人代表者の届出"} <= set(
        desk.procedures(name)
    )
    desk.begin(name, "国民健康保険の資格喪失")
    expect(desk.field("reason")).to_have_value("death")
    expect(desk.field("lost_on")).to_have_value(today().isoformat())
    desk.send()
    desk.back_to_list()
    expect(desk.row(name, "国民健康保険の資格喪失")).to_contain_text("済（登録を確認）")
    desk.tick(name, "葬祭費の申請")
    desk.tick(name, "マイナンバーカードの返納")
    desk.begin(name, "送付先・相続人代表者の届出")
    expect(desk.field("kind")).to_have_value("heir")
    desk.fill(agent_no=str(widow), reason="相続人代表者指定届")
    desk.send()
    desk.back_to_list()
    expect(desk.row(name, "送付先・相続人代表者の届出")).to_contain_text("済（登録を確認）")
    if "児童手当の消滅届" in desk.procedures(name):
        desk.begin(name, "児童手当の消滅届")
        expect(desk.page.locator("[name=act][value=end]")).to_be_checked()
        desk.push("記録する")
        desk.back_to_list()
        expect(desk.row(name, "児童手当の消滅届")).to_contain_text("済（登録を確認）")
    desk.follow("お渡し用の案内を開く")
    desk.sees(f"{name} 様", "署名")
    (head,) = office.ask(
        "SELECT m.is_head FROM {s}.fact_resident m WHERE m.addressee_no = %s",
        widow,
    )
    assert head


def test_a_couple_divorces_and_the_household_splits(desk: Desk, office: Office) -> None:
    """離婚: the wife's former name, then 世帯分離 with the child; the allowance changes hands in the same sitting."""
    household, wife, wife_name, child, child_name, recipient = office.ask(
        """SELECT w.household_no, w.addressee_no, w.name, k.addressee_no, k.name, c.recipient_no
             FROM {s}.child_allowance_case c JOIN {s}.child_allowance_child a ON a.case_no = c.case_no
              AND a.superseded_at IS NULL AND a.lost_on IS NULL
             JOIN {s}.fact_resident k ON k.addressee_no = a.child_no
             JOIN {s}.fact_resident h ON h.addressee_no = c.recipient_no AND h.is_head AND h.household_no = k.household_no
             JOIN {s}.fact_resident w ON w.household_no = k.household_no AND w.relationship IN ('11', '12')
            WHERE c.status = 'paying' AND w.birth_date < k.birth_date ORDER BY w.household_no DESC, k.addressee_no LIMIT 1"""
    )
    given = wife_name.split("　")[1]
    (kana,) = office.ask("SELECT name_kana FROM {s}.fact_resident WHERE addressee_no = %s", wife)
    desk.find(kana, wife)
    desk.follow("世帯")
    desk.unfold("そのほかの異動")
    desk.follow("戸籍・氏名の変更")
    place = desk.place_of(wife)
    desk.fill(reason="divorce", event_date=typed(_YESTERDAY))
    desk.put(f"{place}is_chosen", "true")
    new_name, new_kana = f"旧姓　{given}", f"キュウセイ　{kana.split('　')[1]}"
    desk.fill(
        **{f"{place}name": new_name, f"{place}name_kana": new_kana, f"{place}registered_domicile": "広島県呉市中央1番"}
    )
    desk.put(f"{place}family_register_head", new_name)
    desk.send()
    desk.page.wait_for_url(re.compile(r"/next$"))

    desk.find(new_kana, wife)
    desk.follow("世帯")
    desk.unfold("そのほかの異動")
    desk.follow("世帯分離")
    desk.put("event_date", typed(_YESTERDAY))
    for person, relation in ((wife, "02"), (child, "20")):
        place = desk.place_of(person)
        desk.put(f"{place}is_chosen", "true")
        desk.put(f"{place}relationship", relation)
    desk.send()
    desk.page.wait_for_url(re.compile(r"/next$"))
    procedures = desk.procedures(child_name)
    assert "児童手当の額改定届（減額）" in procedures
    assert "児童手当の認定請求（養育する人が変わるとき）" in procedures
    desk.begin(child_name, "児童手当の額改定届（減額）")
    expect(desk.field("loss_reason")).not_to_have_value("")
    desk.push("減額を記録する")
    desk.back_to_list()
    expect(desk.row(child_name, "児童手当の額改定届（減額）")).to_contain_text("済（登録を確認）")
    desk.begin(child_name, "児童手当の認定請求（養育する人が変わるとき）")
    expect(desk.field("recipient_no")).to_have_value(str(wife))
    desk.send()
    desk.back_to_list()
    expect(desk.row(child_name, "児童手当の認定請求")).to_contain_text("済（登録を確認）")
    assert recipient != wife
    (parted,) = office.ask("SELECT household_no <> %s FROM {s}.fact_resident WHERE addressee_no = %s", household, child)
    assert parted


def test_a_child_is_born(desk: Desk, office: Office) -> None:
    """出生: the child enters the mother's household; allowance, insurance and number are ready to be finished."""
    mother, kana, family = office.ask(
        """SELECT w.addressee_no, w.name_kana, w.name FROM {s}.child_allowance_case c
             JOIN {s}.fact_resident h ON h.addressee_no = c.recipient_no AND h.is_head
             JOIN {s}.fact_resident w ON w.household_no = h.household_no AND w.relationship = '12'
            WHERE c.status = 'paying' AND w.birth_date > CURRENT_DATE - interval '45 years' ORDER BY w.addressee_no LIMIT 1"""
    )
    desk.find(kana, mother)
    desk.follow("出生")
    child = f"{family.split('　')[0]}　結愛"
    desk.put("event_date", typed(_YESTERDAY))
    desk.fill(mother_addressee_no=str(mother), name=child, name_kana=f"{kana.split('　')[0]}　ゆあ")
    desk.put("sex", "2")
    desk.put("relationship", "20")
    desk.send()
    desk.page.wait_for_url(re.compile(r"/next$"))
    assert {"児童手当の額改定請求", "国民健康保険の加入", "就学の予定 (案内のみ)"} <= set(desk.procedures(child))
    desk.begin(child, "児童手当の額改定請求")
    (number,) = office.ask("SELECT addressee_no FROM {s}.fact_resident WHERE name = %s", child)
    expect(desk.field("child_no")).to_be_focused()
    expect(desk.field("child_no")).to_have_value(str(number))
    expect(desk.field("event_on")).to_have_value(_YESTERDAY.isoformat())
    desk.push("増額を記録する")
    desk.back_to_list()
    expect(desk.row(child, "児童手当の額改定請求")).to_contain_text("済（登録を確認）")
    desk.begin(child, "国民健康保険の加入")
    desk.send()
    desk.back_to_list()
    expect(desk.row(child, "国民健康保険の加入")).to_contain_text("済（登録を確認）")
    desk.follow("お渡し用の案内を開く")
    desk.sees(f"{child} 様", "署名")
