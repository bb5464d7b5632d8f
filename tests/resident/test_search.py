"""The one search box: one person found by each key and by combinations, filters, order, pages."""

from datetime import date
from typing import Any

import pytest
import pytest_asyncio

from modules.resident.basic_register import service
from modules.resident.basic_register.movements.inputs import Death
from modules.resident.basic_register.search.criteria import CAP, Criteria, SearchResult
from modules.resident.basic_register.search.find import search_persons
from modules.resident.basic_register.search.terms import read_terms
from tests.resident.people import CHILD, FATHER, MOTHER, NOW, MoveInFactory
from yoriai.tenancy.session import WriteSession

TODAY = date(2026, 11, 20)
FOREIGNER = {
    "name": "NGUYEN VAN AN",
    "name_kana": "グエン バン アン",
    "birth_date": "1999-12-31",
    "sex": "1",
    "relationship": "02",
    "nationality": "VNM",
    "alias": "髙山 安",
}


@pytest_asyncio.fixture(loop_scope="session")
async def register(session: WriteSession, move_in: MoveInFactory) -> WriteSession:
    """渡邉 太郎 (1), 花子 (2), さくら (3, dead) and a foreign resident (4) with an alias in another household."""
    family = await move_in(FATHER, MOTHER, CHILD)
    await move_in(FOREIGNER, address={"town_code": "999000101", "block": "12番3号"})
    values = {"event_date": "2026-11-17", "notified_on": "2026-11-18", "addressee_no": 3}
    ref = {"household_no": family.household_no, "version": 1}
    await service.record_death(session, Death.model_validate({**values, "household": ref}), NOW)
    return session


async def search(session: WriteSession, q: str = "", **values: Any) -> SearchResult:
    return await search_persons(session, Criteria(q=q, **values), TODAY)


async def numbers(session: WriteSession, q: str = "", **values: Any) -> list[int]:
    return [person.addressee_no for person in (await search(session, q, **values)).persons]


@pytest.mark.parametrize(
    "query",
    [
        "渡辺 太郎",
        "渡邊太郎",
        "太郎",
        "ワタナベ　タロウ",
        "わたなべたろう",
        "ﾀﾛｳ",
        "たろ",
        "S600401",
        "昭和60年4月1日",
        "1985-04-01",
        "19850401",
        "3600401",
        "S60",
        "昭和60年4月",
        "1",
        "渡辺 S60",
        "ワタナベ 1985-04-01",
        "太郎 ためし町",
        "太郎 ためし町1-2",
        "たろう 9990001",
    ],
)
async def test_a_person_is_found_by_each_key_and_by_combinations(register: WriteSession, query: str) -> None:
    """JUKI-001, COM-004: by name, kana, day of birth in every notation, number, place, and several of them."""
    assert 1 in await numbers(register, query)


@pytest.mark.parametrize(
    "query", ["渡辺 三郎", "S600402", "太郎 ためし町1-3", "太郎 ためし町11-2", "ためし町2", "%", "_", "1-2"]
)
async def test_what_fits_nobody_finds_nobody(register: WriteSession, query: str) -> None:
    assert await numbers(register, query, match="partial") == []


@pytest.mark.parametrize(
    ("query", "filters", "expected"),
    [
        ("わ", {}, [1, 2]),
        ("渡辺", {"removed": True}, [3, 1, 2]),
        ("渡辺", {"sex": "2"}, [2]),
        ("ためし町", {"head_only": True}, [4, 1]),
        ("ためし町", {"foreign_only": True}, [4]),
        ("nguyen", {}, [4]),
        ("高山", {}, [4]),
        ("グエン", {}, [4]),
        ("", {"address": "ためし町12-3"}, [4]),
        ("花子", {"match": "prefix"}, []),
        ("花子", {"match": "suffix"}, [2]),
        ("子", {}, []),
        ("子", {"match": "partial"}, [2]),
        ("渡辺", {"sort": "birth_date", "order": "desc"}, [2, 1]),
        ("渡辺", {"limit": 1, "page": 2}, [2]),
    ],
)
async def test_filters_order_and_pages(
    register: WriteSession, query: str, filters: dict[str, Any], expected: list[int]
) -> None:
    """JUKI-003, COM-003: 世帯主のみ, 外国人のみ, 除票, 性別; prefix, partial and suffix match; order and pages."""
    assert await numbers(register, query, **filters) == expected


async def test_an_unknown_birth_date_is_searched_as_such_and_shows_no_age(
    session: WriteSession, move_in: MoveInFactory
) -> None:
    """COM-004: 不詳."""
    await move_in({**FATHER, "birth_date_unknown": True})
    (person,) = (await search(session, "渡辺 不詳")).persons
    assert (person.birth_date, person.age) == (None, None)


async def test_the_search_is_audited_with_its_hits(register: WriteSession) -> None:
    register.audit_events.clear()
    await search(register, "渡辺", sex="1")
    (event,) = register.audit_events
    assert (event.action, event.detail) == ("person.search", {"criteria": {"q": "渡辺", "sex": "1"}, "hits": 1})


async def test_a_removed_person_is_marked_and_has_the_age_of_the_end(register: WriteSession) -> None:
    result = await search(register, "さくら", removed=True)
    (child,) = result.persons
    assert (child.status.label, child.age, child.is_ended) == ("除票（死亡）", 6, True)


async def test_very_many_hits_are_capped_and_said_so(register: WriteSession) -> None:
    """COM-005."""
    columns = (
        "household_no, name, name_kana, name_fold, kana_fold, gram, birth_date, sex, relationship, relationship_text"
    )
    rest = "address, became_resident_on, address_since, status, valid_from, valid_to, movement_no"
    await register.fetch(
        f"INSERT INTO resident_record (addressee_no, {columns}, {rest}) SELECT 1000 + n, {columns}, {rest}"
        f" FROM resident_record, generate_series(1, {CAP}) n WHERE addressee_no = 1"
    )
    result = await search(register, "渡辺 太郎", page=2)
    assert (result.total, result.is_capped, result.pages, len(result.persons)) == (CAP, True, 20, 50)


def test_a_word_is_read_in_every_way_it_can_be_meant() -> None:
    (both,) = read_terms("19850401")
    assert (both.number, both.born) == (19850401, (date(1985, 4, 1), date(1985, 4, 1)))
    (year,) = read_terms("R1")
    assert year.born == (date(2019, 1, 1), date(2019, 12, 31))
    (block,) = read_terms("ためし町１番２号")
    assert (block.place, block.block) == ("ためし町", "1番2号")
    assert read_terms("不詳")[0].is_birth_unknown
