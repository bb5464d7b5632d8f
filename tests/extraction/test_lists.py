"""Lists composed without SQL: what is listed, asked for, joined, counted, and as of which day."""

import io

import polars as pl
import pytest

from tests.extraction.conftest import LogIn
from tests.extraction.lists import PERSON, composed, condition, refused, run, table
from tests.resident.people import FATHER, TOWN, record_move_in
from yoriai.audit import SYSTEM, Principal
from yoriai.clock import today
from yoriai.extraction.catalogue import all_views, find_veil
from yoriai.extraction.definition import Definition
from yoriai.extraction.statement import compile_statement
from yoriai.extraction.views import Kind, Time
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database


@pytest.fixture
def at(tenant: TenantRef) -> str:
    """Where the extraction's addresses begin."""
    return f"/{tenant}/extraction"


@pytest.mark.parametrize("name", list(all_views()))
async def test_every_published_item_can_be_listed_in_its_type(bulk: BulkDatabase, tenant: TenantRef, name: str) -> None:
    view = all_views()[name]
    definition = Definition(base=name, items=[f"{name}.{item.key}" for item in view.items])
    statement = compile_statement(definition, find_veil(), today())
    types = {
        Kind.TEXT: pl.String,
        Kind.CODE: pl.String,
        Kind.NUMBER: pl.Int64,
        Kind.YEN: pl.Int64,
        Kind.DATE: pl.Date,
        Kind.FLAG: pl.Boolean,
        Kind.SEALED: pl.String,
    }
    with bulk.read(tenant) as session:
        frame = next(session.stream(statement.sql, statement.arguments, rows=10))
        assert session.read(statement.counting(), statement.arguments).row(0) == (0, 0)
    wrong = {
        column.label: str(frame.schema[column.name])
        for column in statement.columns
        if column.item
        and frame.schema[column.name] != types[column.item.kind]
        and frame.schema[column.name] != pl.Int32
    }
    assert wrong == {}


async def test_the_items_have_their_official_names_types_and_codes_com_010(
    log_in_as: LogIn, base: str, at: str
) -> None:
    clerk = await log_in_as("ichi", "resident_clerk")
    views = (await clerk.get(f"{at}/catalogue")).json()["views"]
    items = {item["label"]: item for view in views if view["name"] == PERSON for item in view["items"]}
    known = {
        "宛名番号": "数値",
        "世帯番号": "数値",
        "氏名": "文字列",
        "氏名_フリガナ": "文字列",
        "氏名_フリガナ確認状況": "有無",
        "旧氏": "文字列",
        "通称": "文字列",
        "性別": "コード",
        "生年月日": "日付",
        "続柄コード": "コード",
        "続柄表記": "文字列",
        "住民種別": "コード",
        "住民状態": "コード",
        "国籍名等": "コード",
        "住所_郵便番号": "コード",
        "住所_町字コード": "コード",
        "住所_町字": "文字列",
        "住所_方書": "文字列",
        "住民となった年月日": "日付",
        "住所を定めた年月日": "日付",
        "本籍": "文字列",
        "戸籍_筆頭者": "文字列",
        "転出予定年月日": "日付",
    }
    assert {label: items[label]["kind_label"] for label in known} == known
    assert all(
        items[label]["official"].startswith("S:") and (items[label]["length"] or items[label]["kind"] == "flag")
        for label in known
    )
    assert items["性別"]["codes"] == "1 男、2 女、9 不明"
    assert items["年齢（基準日の終わり）"]["official"] == ""


async def test_what_one_may_not_see_on_screens_one_may_not_extract(log_in_as: LogIn, base: str, at: str) -> None:
    clerk = await log_in_as("gakko", "school_clerk", section="学校教育課")
    views = {view["name"] for view in (await clerk.get(f"{at}/catalogue")).json()["views"]}
    assert "resident.person" in views
    assert views.isdisjoint({"income.income", "resident.number", "nhi.levy"})
    wrong = await refused(clerk, at, {"base": "income.income", "items": ["income.income.total_income_amount"]})
    assert set(wrong) == {"base", "items.0"}


async def test_values_are_plain_text_and_unknown_keys_are_refused_com_014(log_in_as: LogIn, base: str, at: str) -> None:
    clerk = await log_in_as("ichi", "resident_clerk")
    odd = '渡\'邉%_\\ "太郎"'
    for value in ("' OR '1'='1", "%", "_", "渡邉%", "\\", "'; DROP TABLE staff; --", "$1"):
        for operator in ("eq", "contains", "starts", "in"):
            body = composed("name", conditions=[condition("name", operator, value)])
            answer = await clerk.post(f"{at}/preview", json=body)
            assert answer.status_code == 200, (value, operator, answer.text)
            assert answer.json()["preview"]["found"] == 0, (value, operator)
    for value in ("渡邉 太郎", "渡邉　太郎"):
        body = composed("name", conditions=[condition("name", "eq", value)])
        assert (await clerk.post(f"{at}/preview", json=body)).json()["preview"]["found"] == 1
    body = composed("name", conditions=[condition("name", "contains", "太郎")])
    assert (await clerk.post(f"{at}/preview", json=body)).json()["preview"]["found"] == 1
    definition = Definition.model_validate(
        {"base": PERSON, "items": [f"{PERSON}.name"], "conditions": [condition("name", "eq", odd)]}
    )
    statement = compile_statement(definition, find_veil(), today())
    assert "渡" not in statement.sql
    assert odd.replace(" ", "　") in statement.arguments
    wrong = await refused(
        clerk,
        at,
        {
            **composed("name", "gram", "name; DROP TABLE staff"[:4]),
            "conditions": [
                condition("superseded_at", "empty"),
                condition("name", "matches", ".*"),
                condition("age", "contains", "1"),
                condition("sex", "eq", "三"),
                condition("birth_date", "ge", "去年"),
                condition("age", "between", "20"),
            ],
            "sort": [{"item": f"{PERSON}.name_fold"}],
        },
    )
    assert set(wrong) == {
        "items.1",
        "items",
        "conditions.0.item",
        "conditions.1.operator",
        "conditions.2.operator",
        "conditions.3.value",
        "conditions.4.value",
        "conditions.5.value",
        "sort.0.item",
    }
    extra = await clerk.post(f"{at}/preview", json={**composed("name"), "sql": "SELECT 1"})
    assert extra.status_code == 422


async def test_blocks_of_conditions_and_codes_in_words(log_in_as: LogIn, base: str, at: str) -> None:
    clerk = await log_in_as("ichi", "resident_clerk")
    body = composed(
        "name",
        "sex",
        conditions=[
            condition("sex", "eq", "男"),
            condition("age", "between", "20〜64"),
            condition("name", "contains", "さくら", block=2),
        ],
        sort=[{"item": f"{PERSON}.age", "descending": True}],
    )
    assert await table(clerk, at, body) == [
        ["氏名", "性別", "性別（名称）"],
        ["渡邉　太郎", "1", "男"],
        ["渡邉　さくら", "2", "女"],
    ]


async def test_a_nationality_is_listed_and_asked_for_by_its_name(log_in_as: LogIn, base: str, at: str) -> None:
    clerk = await log_in_as("ichi", "resident_clerk")
    asked = composed("addressee_no", "nationality", conditions=[condition("nationality", "eq", "日本")])
    rows = await table(clerk, at, asked)
    assert rows[:2] == [["宛名番号", "国籍名等", "国籍名等（名称）"], ["1", "JPN", "日本"]]
    page = (await clerk.get(f"{at}/catalogue", headers={"accept": "text/html"})).text
    assert "JPN 日本" in page
    assert "名称でも指定できます" in page


def test_a_code_has_its_words_or_a_column_of_words_beside_it() -> None:
    """Who reads a list knows no codes."""
    beside = {
        "resident.person.relationship", "resident.person.postcode", "resident.person.town_code", "resident.removed.relationship",
        "resident.removed.postcode", "resident.removed.town_code", "non_resident.addressee.postcode",
        "school_age.pupil.school_code", "electoral_roll.elector.district_code",
    }  # fmt: skip
    codes = {
        f"{view.name}.{item.key}": bool(item.codes)
        for view in all_views().values()
        for item in view.items
        if item.kind is Kind.CODE
    }
    assert {key for key, has_words in codes.items() if not has_words} == beside


async def test_counts_and_totals_by_item_with_another_business_joined(
    log_in_as: LogIn, base: str, at: str, database: Database, tenant: TenantRef
) -> None:
    clerk = await log_in_as("zei", "tax_clerk", section="税務課")
    counted = composed("sex", count=True)
    assert await table(clerk, at, counted) == [["性別", "性別（名称）", "件数"], ["1", "男", "1"], ["2", "女", "2"]]
    async with database.write(tenant, SYSTEM) as session:
        await session.fetch(
            "INSERT INTO income (addressee_no, income_year, is_declared, sum_income_amount)"
            " VALUES (1, 2025, true, 3560000) RETURNING id"
        )
    joined = composed(
        "sex",
        count=True,
        joins=[{"view": "income.income", "how": "left", "by": "person"}],
        sums=["income.income.sum_income_amount"],
    )
    assert await table(clerk, at, joined) == [
        ["性別", "性別（名称）", "件数", "合計所得金額の合計"],
        ["1", "男", "1", "3560000"],
        ["2", "女", "2", "0"],
    ]
    without = composed("addressee_no", joins=[{"view": "income.income", "how": "none", "by": "person"}])
    assert (await table(clerk, at, without))[1:] == [["2"], ["3"]]


async def test_population_of_a_past_day_equals_the_report_of_that_day_com_018(
    log_in_as: LogIn, base: str, at: str, database: Database, tenant: TenantRef
) -> None:
    clerk = await log_in_as("ichi", "resident_clerk")
    for day, people in (("2026-11-09", 0), ("2026-11-10", 3)):
        counted = await table(clerk, at, composed("sex", count=True, base_date=day))
        report = (await clerk.get(f"{base}/reports?kind=day&on={day}")).json()["view"]["report"]["closing"]
        assert sum(int(row[-1]) for row in counted[1:]) == report["total"] == people
        assert {row[1]: int(row[2]) for row in counted[1:]} == {
            word: report[key] for word, key in (("男", "male"), ("女", "female")) if report[key]
        }
    present = [view for view in all_views().values() if view.time is Time.PRESENT and view.name == "resident.number"]
    wrong = await refused(clerk, at, {"base": present[0].name, "items": [], "count": True, "base_date": "2026-11-10"})
    assert set(wrong) == {"base"}


async def test_a_future_base_date_is_refused(log_in_as: LogIn, base: str, at: str) -> None:
    clerk = await log_in_as("ichi", "resident_clerk")
    assert set(await refused(clerk, at, composed("name", base_date="2199-01-01"))) == {"base_date"}


async def test_csv_keeps_variants_and_runs_no_formula(
    log_in_as: LogIn, base: str, at: str, database: Database, tenant: TenantRef
) -> None:
    variant = "渡邉\U000e0109　太郎"
    async with database.write(tenant, SYSTEM) as session:
        await record_move_in(
            session,
            {**FATHER, "name": variant, "birth_date": "1971-02-03"},
            address={"town_code": TOWN, "block": "5番6号", "building": "=HYPERLINK(1)"},
        )
    clerk = await log_in_as("ichi", "resident_clerk")
    rows = await table(
        clerk,
        at,
        composed(
            "name", "building", "age", conditions=[condition("building", "not_empty"), condition("name", "eq", variant)]
        ),
    )
    assert rows[1][:2] == [variant, "'=HYPERLINK(1)"]
    made = await run(clerk, at, composed("name", "age", "birth_date", format="parquet"))
    answer = await clerk.post(f"{at}/runs/{made['run_no']}/file", json={})
    frame = pl.read_parquet(io.BytesIO(answer.content))
    assert frame.schema == {"氏名": pl.String, "年齢（基準日の終わり）": pl.Int64, "生年月日": pl.Date}
    assert variant in frame["氏名"].to_list()
    assert frame.height == 4


async def test_a_preview_tells_the_number_and_the_first_rows(
    log_in_as: LogIn, base: str, at: str, database: Database, tenant: TenantRef
) -> None:
    clerk = await log_in_as("ichi", "resident_clerk")
    preview = (await clerk.post(f"{at}/preview", json=composed("addressee_no", "name"))).json()["preview"]
    assert (preview["headings"], preview["found"], len(preview["rows"])) == (["宛名番号", "氏名"], 3, 3)
    async with database.read(tenant, Principal("x")) as session:
        seen = await session.fetch("SELECT subject FROM audit_event WHERE action = 'extraction.view' ORDER BY subject")
    assert [row["subject"] for row in seen] == ["addressee:1", "addressee:2", "addressee:3"]
