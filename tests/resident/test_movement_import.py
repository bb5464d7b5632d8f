"""Many movements from a CSV file: all or none, with every mistake at its line."""

import httpx
import pytest

from modules.resident.basic_register.movements.importing import ImportBody, import_movements
from modules.resident.basic_register.movements.inputs import MovementResult
from tests.resident.people import NOW
from yoriai.errors import Invalid
from yoriai.tenancy.session import WriteSession

HEAD = "受付番号,事由,異動日,届出日,世帯番号,宛名番号,氏名,フリガナ,生年月日,性別,続柄,町字,番地,転入前住所,転出先"
FAMILY = """1,転入,2026-11-10,2026-11-12,,,甲 一郎,コウ イチロウ,S50.1.1,男,世帯主,ためし町,3番,東京都港区,
1,転入,2026-11-10,2026-11-12,,,甲 二子,コウ フタコ,S52.2.2,女,妻,ためし町,3番,東京都港区,"""
DEATH = "2,死亡,R8.11.18,R8.11.20,1,3,,,,,,,,,"
LEAVING = "3,転出,R8.11.30,R8.11.20,1,2,,,,,,,,,大阪府大阪市"


def body(*lines: str, **values: bool) -> ImportBody:
    return ImportBody(csv="\n".join((HEAD, *lines)), **values)


async def told(session: WriteSession, *lines: str) -> dict[int, str]:
    with pytest.raises(Invalid) as failure:
        await import_movements(session, body(*lines), NOW)
    return {error.line: error.message for error in failure.value.fields}


async def test_people_of_one_number_are_one_movement(session: WriteSession, family: MovementResult) -> None:
    result = await import_movements(session, body(FAMILY, DEATH, LEAVING), NOW)
    assert (len(result.movements), result.people) == (3, 4)
    rows = await session.fetch("SELECT reason FROM movement ORDER BY movement_no")
    assert [row["reason"] for row in rows] == ["move_in", "move_in", "death", "move_out_planned"]


async def test_one_mistake_and_nothing_is_recorded(session: WriteSession, family: MovementResult) -> None:
    before = await session.fetchval("SELECT count(*) FROM movement")
    errors = await told(session, FAMILY, DEATH, "3,転出,R8.11.30,R8.11.20,1,99,,,,,,,,,大阪府")
    assert list(errors) == [5]
    assert "5行目（宛名番号）" in errors[5]
    assert await session.fetchval("SELECT count(*) FROM movement") == before


async def test_all_mistakes_are_told_with_their_lines(session: WriteSession, family: MovementResult) -> None:
    wrong = FAMILY.replace("コウ フタコ", "甲二子").replace("S50.1.1", "S50.13.1")
    errors = await told(session, wrong, DEATH.replace("R8.11.18", "R8.12.18"))
    assert {2, 4} <= errors.keys()
    errors = await told(session, FAMILY.replace("コウ フタコ", "甲二子"), DEATH.replace("R8.11.18", "R8.12.18"))
    assert "フリガナ" in errors[3]
    assert "未来" in errors[4]


async def test_a_file_of_another_shape_is_refused_by_line(session: WriteSession, family: MovementResult) -> None:
    assert "列の数" in (await told(session, "1,転入"))[2]
    assert "事由は" in (await told(session, DEATH.replace("死亡", "蒸発")))[2]
    with pytest.raises(Invalid) as failure:
        await import_movements(session, ImportBody(csv="受付番号,事由,身長\n1,転入,180"), NOW)
    assert {error.line for error in failure.value.fields} == {1}


async def test_alerts_are_accepted_for_the_whole_file_or_stop_it(session: WriteSession, family: MovementResult) -> None:
    late = FAMILY.replace("2026-11-12", "2026-11-20").replace("2026-11-10", "2026-10-01")
    assert "届出期間" in (await told(session, late))[2]
    result = await import_movements(session, body(late, accept_alerts=True), NOW)
    assert result.people == 2


async def test_the_screen_takes_a_file_and_tells_the_lines(client: httpx.AsyncClient, tenant: object) -> None:
    answer = await client.post(f"/{tenant}/resident/movement-import", json={"csv": f"{HEAD}\n1,転入"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["line"] == 2
