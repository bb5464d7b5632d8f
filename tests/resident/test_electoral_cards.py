"""入場券の一括作成 at night: pulled and added persons, the post's order, barcodes that can be read (COM-025, COM-027)."""

import io
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import polars as pl
import pypdf
import pytest
import pytest_asyncio
from PIL import Image

from modules.resident.electoral_roll import card_runs, cards, elections
from modules.resident.electoral_roll.barcode import card_code
from modules.resident.electoral_roll.batch.cards import SHEETS_A_PART
from modules.resident.electoral_roll.card_runs import CardChange, CardRunInput
from modules.resident.electoral_roll.districts import check_settings
from tests.resident.test_electoral_elections import EARLY, Poll
from tests.resident.voters import SETTINGS, SOUTH, die, night, person, rows, settle, with_settings
from yoriai.audit import SYSTEM
from yoriai.clock import JAPAN
from yoriai.documents.customer_barcode import read_bars
from yoriai.documents.pdf import render_pictures
from yoriai.errors import Conflict, Invalid
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

NIGHT = "2026-11-14"
BEFORE = datetime(2026, 11, 13, 9, 0, tzinfo=JAPAN)
MAP = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 30"><path d="M0 15H60" stroke="#000"/></svg>'
DISTRICTS: list[dict[str, Any]] = [
    {
        "from": "2020-01-01",
        "districts": [
            {**item, "place": {**item["place"], "map": MAP}} for item in SETTINGS["polling_districts"][0]["districts"]
        ],
    }
]
CARD = {**SETTINGS["card"], "shows": [*SETTINGS["card"]["shows"], "map", "customer_barcode"], "sort": "postal"}


@pytest_asyncio.fixture(loop_scope="session")
async def poll(database: Database, bulk: BulkDatabase, config: TenantConfig, tenant: TenantRef) -> Poll:
    return Poll(database, bulk, with_settings(config, polling_districts=DISTRICTS, card=CARD))


async def plan(poll: Poll, **values: Any) -> None:
    body = CardRunInput.model_validate({"on": NIGHT, **values})
    await poll.do(card_runs.open_run, poll.config, poll.number, body, BEFORE)


async def mark(poll: Poll, name: str, act: str, note: str = "死亡の連絡") -> None:
    card = rows(poll.bulk, poll.config, f"SELECT card_no FROM electoral_voter WHERE entry_no = {poll.entry(name)}")[0][
        0
    ]
    body = CardChange(card=card_code(poll.number, card), act=act, note=note)  # type: ignore[arg-type]
    await poll.do(card_runs.change_run, poll.number, body, BEFORE)


def make(poll: Poll, key: str = "") -> tuple[int, int]:
    """The two jobs of the night: persons laid out, sheets printed."""
    listed = night(poll.bulk, poll.config, "card_list", NIGHT, f"list-{poll.number}{key}")
    printed = night(poll.bulk, poll.config, "card_print", NIGHT, f"print-{poll.number}{key}")
    return listed.control_total, printed.rows_out


async def shown(poll: Poll) -> dict[str, Any]:
    async with poll.database.read(poll.config.tenant, SYSTEM) as session:
        view = await elections.get_election(session, poll.config, poll.number, EARLY.date())
    return view.run | {"pulled": view.pulled}


async def text_of(poll: Poll, part: int) -> str:
    async with poll.database.read(poll.config.tenant, SYSTEM) as session:
        _, pdf = await card_runs.get_file(session, poll.number, part)
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).replace("　", "")


async def test_com_027_two_pulled_persons_are_not_in_the_file_but_on_the_list(poll: Poll) -> None:
    for name in ("抜名一", "抜名二", "抜名三"):
        await settle(poll.database, poll.config, "2025-05-01", person(name))
    await poll.announce()
    poll.fix()
    await plan(poll)
    await mark(poll, "抜名一", "pull")
    await mark(poll, "抜名二", "pull")
    await mark(poll, "抜名三", "pull")
    await mark(poll, "抜名三", "undo")
    with pytest.raises(Invalid):
        await mark(poll, "抜名一", "pull")
    assert make(poll) == (1, 1)
    run = await shown(poll)
    assert [row["name"] for row in run["changes"]] == ["抜名　一", "抜名　二"]
    assert (run["state"]["label"], len(run["parts"])) == ("作成済み", 1)
    text = await text_of(poll, 1)
    assert "抜名三" in text
    assert "抜名一" not in text
    with pytest.raises(Conflict):
        await mark(poll, "抜名三", "pull")
    assert make(poll, "again") == (0, 0), "a second night makes nothing again"


async def test_com_027_who_is_kept_back_can_be_added_before_the_run(poll: Poll) -> None:
    poll.config = with_settings(poll.config, card={**CARD, "protected": "hold"})
    home = await settle(poll.database, poll.config, "2025-05-01", person("加名一"))
    await settle(poll.database, poll.config, "2025-05-01", person("加名二"))
    with poll.bulk.write(poll.config.tenant) as session:
        care = {
            "addressee_no": home.addressee_nos,
            "is_protected": [True],
            "from_on": [date(2026, 1, 1)],
            "staff_id": ["c"],
        }
        session.append("electoral_care", pl.DataFrame(care))
    await poll.announce()
    poll.fix()
    await plan(poll)
    assert [row["name"] for row in (await shown(poll))["held"]] == ["加名　一"]
    await mark(poll, "加名一", "add", "本人の申出")
    assert make(poll) == (2, 2)


async def test_senkyo_012_a_death_after_the_run_is_on_the_pull_out_list_with_its_serial_number(poll: Poll) -> None:
    home = await settle(poll.database, poll.config, "2025-05-01", person("亡名二"))
    await settle(poll.database, poll.config, "2025-05-01", person("亡名三"))
    await poll.announce()
    poll.fix()
    await plan(poll)
    assert make(poll) == (2, 2)
    await die(poll.database, poll.config, home, "2026-11-16")
    night(poll.bulk, poll.config, "follow", "2026-11-17")
    (pulled,) = (await shown(poll))["pulled"]
    assert pulled["name"].endswith("二")
    assert pulled["card"] == card_code(poll.number, 1 if pulled["entry_no"] == poll.entry("亡名二") else 2)[:11]
    assert pulled["roll_no"]
    assert pulled["printed"]["label"] == "印刷済み"


async def test_senkyo_010_a_boundary_for_a_later_election_leaves_the_present_cards_alone(poll: Poll) -> None:
    await settle(poll.database, poll.config, "2025-05-01", person("界名一"), town=SOUTH, block="5番")
    await poll.announce()
    poll.fix()
    await plan(poll, sort="roll")
    moved = [
        {**item, "areas": [{"town": "北ためし町"}] if item["code"] == "01" else [{"town": "南ためし町"}]}
        for item in DISTRICTS[0]["districts"]
    ]
    later = [*DISTRICTS, {"from": "2027-01-01", "districts": moved}]
    poll.config = with_settings(poll.config, polling_districts=later, card=CARD)
    make(poll)
    assert "北小学校" in await text_of(poll, 1)
    await poll.announce(notice_on="2027-02-07", vote_on="2027-02-14")
    poll.fix("2027-02-06")
    query = f"SELECT district_code FROM electoral_voter WHERE election_no = {poll.number}"
    assert rows(poll.bulk, poll.config, query) == [("02",)]


async def test_com_025_a_thousand_letters_follow_the_postcodes_and_their_barcodes_scan(poll: Poll) -> None:
    await settle(poll.database, poll.config, "2025-05-01", person("郵名一"))
    await poll.announce()
    poll.fix()
    numbers = range(2, 1001)
    with poll.bulk.write(poll.config.tenant) as session:
        copied = session.read("SELECT * FROM electoral_entry").drop("recorded_at")  # lint-skip: test data
        entries = pl.concat([copied] * len(numbers)).with_columns(
            entry_no=pl.Series(numbers) + 1000,
            addressee_no=pl.Series(numbers) + 1000,
            household_no=pl.Series(numbers) // 2 + 1000,
            serial_no=pl.Series(numbers) + 1000,
            postcode=pl.Series([f"999{(number * 37) % 90 + 10:02d}{number % 90 + 10:02d}" for number in numbers]),
            address=pl.Series([f"北ためし町{number}番{number % 9}号" for number in numbers]),
        )
        session.append("electoral_entry", entries)
        voters = session.read("SELECT * FROM electoral_voter")  # lint-skip: test data
        session.append(
            "electoral_voter",
            pl.concat([voters] * len(numbers)).with_columns(
                card_no=pl.Series(numbers),
                **{
                    name: entries[name]
                    for name in ("entry_no", "addressee_no", "household_no", "serial_no", "postcode", "address")
                },
            ),
        )
    await plan(poll)
    assert make(poll)[0] == 1000
    order = rows(
        poll.bulk,
        poll.config,
        "SELECT v.postcode FROM electoral_card k JOIN electoral_voter v ON v.entry_no = k.entry_no"
        " WHERE k.place = 1 ORDER BY k.sheet_no",
    )
    postcodes = [postcode for (postcode,) in order]
    assert postcodes == sorted(postcodes)
    assert len(set(postcodes)) > 40
    run = await shown(poll)
    assert sum(part["persons"] for part in run["parts"]) == 1000
    assert max(part["sheets"] for part in run["parts"]) <= SHEETS_A_PART
    async with poll.database.read(poll.config.tenant, SYSTEM) as session:
        summary = await card_runs.list_postcodes(session, poll.number)
    assert sum(count for _, count in summary) == len(postcodes)
    with poll.bulk.read(poll.config.tenant) as session:
        election = session.read(cards.ELECTION, (poll.number,)).row(0, named=True)
        voter = session.read(f"{cards.VOTERS} ORDER BY v.card_no", (poll.number, EARLY.date())).to_dicts()[41]
    data = cards.card_data(poll.config, poll.number, election, [[voter]], EARLY)
    codes = read_bars(
        scan(render_pictures(cards.DOCUMENTS / "polling_card.typ", data, made_at=EARLY, dots_per_inch=300)[0])
    )
    assert "".join(codes[:7]) == voter["postcode"]
    assert "".join(code for code in codes[7:20] if code != "CC4") == voter["address"][5:].replace("番", "-").replace(
        "号", ""
    )


_UNIT = 0.6 / 25.4 * 300
"""Dots in the width of a bar, 0.6 mm at 300 dots an inch."""


def scan(picture: bytes) -> str:
    """The customer barcode of a page, read from its dots: 67 dark columns of the same pitch, by where each begins and ends."""
    page = Image.open(io.BytesIO(picture)).convert("L")
    width, height = page.size
    dots = page.load()
    assert dots is not None
    for line in range(height):
        runs, start = [], None
        for at in range(width // 2):
            dark = dots[at, line] < 128  # type: ignore[operator]
            if dark and start is None:
                start = at
            elif not dark and start is not None:
                runs.append((start + at) // 2)
                start = None
        pitches = {round((second - first) / 2) for first, second in pairwise(runs)}
        if len(runs) == 67 and len(pitches) <= 2:
            # The first line that meets all bars is the upper edge of the shortest; their middle is one unit below.
            return "".join(_state(dots, centre, line + round(_UNIT)) for centre in runs)
    raise AssertionError("no barcode on the page")


def _state(dots: Any, centre: int, line: int) -> str:
    """1 to 4 by how far the bar goes above and below the middle line."""
    up = next(step for step in range(60) if dots[centre, line - step] >= 128)
    down = next(step for step in range(60) if dots[centre, line + step] >= 128)
    total = (up + down) / _UNIT
    if total > 5:
        return "1"
    if total < 3:
        return "4"
    return "2" if up > down else "3"


def test_a_map_that_could_not_be_printed_is_refused_where_it_stands() -> None:
    def wrong(drawing: str) -> list[tuple[str, str]]:
        item = {**DISTRICTS[0]["districts"][0], "place": {"name": "x", "address": "x", "map": drawing}}
        found = check_settings({"polling_districts": [{"from": "2020-01-01", "districts": [item]}]})
        return [(error.field, error.rule) for error in found]

    assert wrong(MAP) == []
    for drawing in ("<svg>", "<svg/>", MAP.replace("<path", "<image"), f'<!DOCTYPE svg [<!ENTITY a "b">]>{MAP}'):
        assert wrong(drawing) == [("polling_districts[0].districts[0].place.map", "map")]


async def test_the_roll_and_the_cards_follow_the_numbers_of_the_addresses(poll: Poll) -> None:
    for name, block in (
        ("番名一", "三丁目1番"),
        ("番名二", "二丁目10番"),
        ("番名三", "二丁目9番"),
        ("番名四", "十丁目1番"),
    ):
        await settle(poll.database, poll.config, "2025-05-01", person(name), block=block)
    await poll.announce()
    poll.fix()
    listed = "SELECT right(name, 1) AS name FROM {} ORDER BY {}"
    for table, column in (("electoral_entry", "serial_no"), ("electoral_voter", "card_no")):
        names = rows(poll.bulk, poll.config, listed.format(table, column))
        assert "".join(name for (name,) in names) == "三二一四", table
