"""What other businesses may know of addressees: everybody with a 宛名番号, and where a letter to them goes.

The view `fact_addressee` has a row per number ever given: residents, the departed (with their 転出先), non-residents;
`representative_no` is the number a 名寄せ points to. Records from 住基ネット (他業務参照不可) show number and kind only.
`find_mailing` says for a business and a day who gets the letter, in whose matter, and what speaks against sending it;
`find_account` from which account a business debits, or into which it pays.

For the night there are the same as views: `fact_joined_addressee` (numbers with their representative), `fact_destination`
(a row per 送付先 or 管理人 with period and `rank`, the smallest first), `fact_undelivered` (open 返戻 and 公示送達),
`fact_bank_account`, `fact_hidden_addressee` (whose places are hidden, by whatever number). Who makes letters or payments does not
join these by hand but by `LETTER` and `ACCOUNT` (see `following`).
"""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from modules.resident.basic_register.facts import HIDDEN_TEXT, find_mailing_address, is_hidden_from_reader
from modules.resident.non_resident.codes import ALL, DESTINATIONS, MAIL_FLAGS, PRIORITY
from modules.resident.non_resident.following import ACCOUNT as ACCOUNT
from modules.resident.non_resident.following import ACCOUNT_COLUMNS as ACCOUNT_COLUMNS
from modules.resident.non_resident.following import DIVERTED
from modules.resident.non_resident.following import LETTER as LETTER
from modules.resident.non_resident.veil import concealed_among as concealed_among
from modules.resident.non_resident.veil import hidden_among as hidden_among
from modules.resident.non_resident.veil import is_concealed
from modules.resident.non_resident.veil import list_same as list_same
from yoriai.dates import format_wareki
from yoriai.tenancy.bulk import BulkReadSession
from yoriai.tenancy.session import Reader, Record

_ONE = """
SELECT addressee_no, representative_no, kind, standing, name, name_kana, birth_date, postcode, address, building
  FROM fact_addressee WHERE addressee_no = $1
"""
_DESTINATIONS = """
SELECT kind, name, postcode, address, building, agent_no FROM mailing_destination
 WHERE addressee_no = ANY($1::bigint[]) AND business = ANY($2::text[]) AND valid_from <= $3 AND valid_to >= $3
   AND superseded_at IS NULL
 ORDER BY business = 'all', array_position($4::text[], kind), id DESC LIMIT 1
"""
_FLAGS = """
SELECT kind, item, "on" FROM returned_mail
 WHERE addressee_no = ANY($1::bigint[]) AND business = ANY($2::text[]) AND superseded_at IS NULL ORDER BY "on"
"""
_ACCOUNT = f"""
SELECT account.holder_no AS addressee_no, {ACCOUNT_COLUMNS}
  FROM (SELECT $4::bigint AS addressee_no) AS a {ACCOUNT} WHERE account.id IS NOT NULL
"""  # noqa: S608  the business's own join


@dataclass(frozen=True)
class Addressee:
    """Anybody with a number. `standing` is resident, former or non_resident."""

    addressee_no: int
    representative_no: int
    kind: str
    standing: str
    name: str
    name_kana: str
    birth_date: date | None
    postcode: str | None
    address: str
    building: str | None


@dataclass(frozen=True)
class Mailing:
    """Who gets the letter. `principal` is in whose matter it is sent where that is somebody else; `warnings` hold it back."""

    name: str
    postcode: str
    address: str
    building: str
    role: str = ""
    principal: str = ""
    warnings: list[str] = field(default_factory=list)
    is_home: bool = False
    """A home in the municipality, the own or an agent's: its name does not stand in the address."""


@dataclass(frozen=True)
class Diverted:
    """Whose letters do not simply go home: to somebody or somewhere else (`is_sent_elsewhere`), or not at all before somebody has
    looked (`told`: the open 返戻 and 公示送達). `no` is the number the letter bears, `is_home` as of `Mailing`.
    """

    addressee_no: int
    is_sent_elsewhere: bool
    no: int
    name: str
    postcode: str
    address: str
    building: str
    principal: str
    role: str
    told: str
    is_home: bool = False


@dataclass(frozen=True)
class Account:
    """An account in the codes of the 全銀 records; `account_type` 1 普通, 2 当座, 4 貯蓄."""

    addressee_no: int
    bank_code: str
    bank_name: str
    branch_code: str
    branch_name: str
    account_type: str
    account_number: str
    holder_kana: str


async def find_addressee(session: Reader, addressee_no: int) -> Addressee | None:
    """The addressee of a number as it was given; None for a number nobody has, or nobody who exists for the principal."""
    row = await session.fetchrow(_ONE, addressee_no)
    if row is None or await is_concealed(session, addressee_no):
        return None
    found = Addressee(**dict(row))
    # A resident's place is hidden by the register's views; what was known of the person before under another number is not.
    if found.standing == "non_resident" and await hidden_among(session, [addressee_no], "addressee"):
        return replace(found, postcode=None, address=HIDDEN_TEXT, building=None)
    return found


async def find_representative(session: Reader, addressee_no: int) -> Addressee | None:
    """The one a 名寄せ points to, or the addressee itself: bills carry this number."""
    own = await find_addressee(session, addressee_no)
    return await find_addressee(session, own.representative_no) if own else None


async def find_mailing(session: Reader, addressee_no: int, business: str, on: date) -> Mailing | None:
    """Where the letter of a business goes on a day: a 管理人 or another address where one is registered, else the own address.

    For the print of that letter only. Of a protected person no address is given but to who may see it, 送付先 included.
    """
    person = await find_representative(session, addressee_no)
    if person is None:
        return None
    numbers, names = await list_same(session, addressee_no), [business, ALL]
    warnings = [_warning(row) for row in await session.fetch(_FLAGS, numbers, names)]
    if any([await is_hidden_from_reader(session, number) for number in numbers]):
        return Mailing(person.name, "", HIDDEN_TEXT, "", warnings=warnings)
    row = await session.fetchrow(_DESTINATIONS, numbers, names, on, list(PRIORITY))
    if row is not None:
        name, postcode, address, building = row["name"], row["postcode"], row["address"], row["building"]
        is_home = False
        if row["agent_no"] is not None and (agent := await find_addressee(session, row["agent_no"])):
            name, postcode, address, building = agent.name, agent.postcode, agent.address, agent.building or ""
            is_home = agent.standing == "resident"
        is_agent = row["kind"] != "mailing"
        principal = person.name if is_agent or name != person.name else ""
        role = DESTINATIONS[row["kind"]]
        return Mailing(name, postcode or "", address, building, role, principal, warnings, is_home=is_home)
    if person.standing == "resident":
        own = await find_mailing_address(session, person.addressee_no)
        if own is not None:
            return Mailing(
                person.name, own.postcode or "", own.address, own.building or "", warnings=warnings, is_home=True
            )
    return Mailing(person.name, person.postcode or "", person.address, person.building or "", warnings=warnings)


async def list_diverted(session: Reader, business: str, on: date) -> dict[int, Diverted]:
    """Everybody whose letters of the business do not simply go home on the day, by each of their numbers.

    For letters alone; where protected people live is not in it, 送付先 that were registered for them are.
    """
    return {row["addressee_no"]: _diverted(dict(row)) for row in await session.fetch(DIVERTED, business, on)}


def read_diverted(session: BulkReadSession, business: str, on: date) -> dict[int, Diverted]:
    """The same for a job."""
    rows = session.read(DIVERTED, (business, on)).iter_rows(named=True)
    return {row["addressee_no"]: _diverted(row) for row in rows}


async def list_mail_warnings(session: Reader, addressee_no: int, business: str) -> list[str]:
    """The open 返戻 and 公示送達 of an addressee, under any of its numbers: what warns before the next letter is printed."""
    rows = await session.fetch(_FLAGS, await list_same(session, addressee_no) or [addressee_no], [business, ALL])
    return [_warning(row) for row in rows]


def _diverted(row: dict[str, Any]) -> Diverted:
    values: dict[str, Any] = {name: "" if value is None else value for name, value in row.items()}
    return Diverted(**values)


def _warning(row: Record) -> str:
    return f"{MAIL_FLAGS[row['kind']]}: {row['item']} ({format_wareki(row['on'])})"


async def find_account(session: Reader, addressee_no: int, business: str, account_use: str, on: date) -> Account | None:
    """The account of a business for debit, refund or benefit on a day: its own before one for all, the number's own before that of
    a number joined with it. None where none is registered.
    """
    row = await session.fetchrow(_ACCOUNT, business, on, account_use, addressee_no)
    return Account(**dict(row)) if row else None
