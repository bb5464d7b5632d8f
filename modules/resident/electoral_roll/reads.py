"""What is read of the roll for the screens. Every registration that is opened is recorded."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from modules.resident.basic_register.facts import refuse_concealed
from modules.resident.electoral_roll.batch.plan import base_day
from modules.resident.electoral_roll.districts import division_on
from modules.resident.electoral_roll.judging import explain_one, figures_of, judge, one
from modules.resident.electoral_roll.protection import (
    HIDDEN,
    HIDDEN_NO,
    may_find_concealed,
    protected_among,
    shut_from,
    veiled_from,
)
from modules.resident.electoral_roll.reasons import reason_of
from modules.resident.electoral_roll.service import read_person
from modules.resident.electoral_roll.shapes import EntryView, Listing, PersonView
from modules.resident.electoral_roll.states import REASONS, STATE_LABELS, TRANSITIONS, Act, State, is_possible
from yoriai.audit import AuditEvent
from yoriai.clock import JAPAN
from yoriai.dates import format_wareki
from yoriai.errors import NotFound
from yoriai.japanese import fold_kana_ways, fold_name, has_only_kana
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader
from yoriai.web.explained import shown_steps

LIMIT = 200
SEX = {"1": "男", "2": "女", "9": "不明"}
BASES = {"disability": "身体障害者手帳", "war": "戦傷病者手帳", "care": "要介護5"}
MATCHES = {"prefix": "前方一致", "partial": "部分一致", "suffix": "後方一致"}
_ENTRY = """
SELECT entry_no, addressee_no, household_no, name, name_kana, birth_date, sex, postcode, address, building, district_code,
       serial_no, status, registered_on, registered_by, moved_out_on, destination, remove_on, elsewhere_on, removed_on,
       removal_reason, version
  FROM electoral_entry
"""
_FOUND = """
 WHERE ($1 = '' OR district_code = $1) AND ($2 = '' OR status = $2)
   AND ($3 = '' OR name_fold LIKE $3 OR kana_fold LIKE ANY($4::text[]) OR addressee_no::text = $5)
"""
_OPEN = f"{_FOUND} AND addressee_no <> ALL($6::bigint[])"
_LIST = f"{_ENTRY} {_OPEN} ORDER BY district_code, serial_no LIMIT 200"
_COUNT = f"SELECT count(*) FROM electoral_entry {_OPEN}"  # noqa: S608 - constants
# Of who is protected neither the choice of a district nor the order of the list tells the district.
_VEILED = f"{_ENTRY} {_FOUND} AND $1 = '' AND addressee_no = ANY($6::bigint[]) ORDER BY kana_fold, entry_no"
_ACTS = (
    'SELECT act, "on", reason, detail, recorded_at, staff_id FROM electoral_act WHERE entry_no = $1 ORDER BY id DESC'
)
_CHANGES = """
SELECT a.act, a."on", a.reason, a.detail, a.recorded_at, e.entry_no, e.addressee_no, e.name, e.district_code
  FROM electoral_act a JOIN electoral_entry e ON e.entry_no = a.entry_no
 WHERE a."on" >= $1 AND a."on" <= $2
   AND ($3 OR NOT EXISTS (SELECT 1 FROM fact_hidden_person h WHERE h.addressee_no = e.addressee_no AND h.is_concealed))
 ORDER BY a."on" DESC, a.id DESC LIMIT 200
"""
_CHANGED = """
SELECT count(*) FROM electoral_act a JOIN electoral_entry e ON e.entry_no = a.entry_no WHERE a."on" >= $1 AND a."on" <= $2
   AND ($3 OR NOT EXISTS (SELECT 1 FROM fact_hidden_person h WHERE h.addressee_no = e.addressee_no AND h.is_concealed))
"""
_PLACES = (Act.CORRECT, Act.MARK, Act.TRANSFER)
"""What these acts say beside is where somebody lived, went to or belongs."""
_NAME = "SELECT name FROM fact_resident_period WHERE addressee_no = $1 ORDER BY valid_to DESC LIMIT 1"
_SUSPENSIONS = """
SELECT id, article, from_on, until_on, note FROM electoral_suspension
 WHERE addressee_no = $1 AND superseded_at IS NULL ORDER BY from_on
"""
_CARES = """
SELECT is_protected, sending_postcode, sending_address, from_on, until_on FROM electoral_care
 WHERE addressee_no = $1 AND superseded_at IS NULL ORDER BY from_on
"""
_CERTIFICATES = """
SELECT certificate_no, basis, issued_on, expires_on, is_proxy, returned_on FROM postal_voting_certificate
 WHERE addressee_no = $1 ORDER BY certificate_no DESC
"""
_OPEN_ELECTIONS = """
SELECT election_no::text, name FROM election WHERE vote_on >= $1 AND status <> 'cancelled' ORDER BY vote_on
"""


def patterns(q: str, match: str = "prefix") -> tuple[str, list[str]]:
    """The LIKE patterns of a searched name against folded names, and against folded kana; empty text finds everything."""
    if not q.strip():
        return "", []
    before, after = ("%" if match != "prefix" else ""), ("%" if match != "suffix" else "")
    ways = fold_kana_ways(q) if has_only_kana(q) else []
    return f"{before}{_plain(fold_name(q))}{after}", [f"{before}{_plain(kana)}{after}" for kana in ways]


async def list_entries(
    session: Reader, config: TenantConfig, today: date, base: str, *, q: str, match: str, district: str, status: str
) -> Listing:
    """The first 200 registrations found, in the order of the roll; protected persons without their address."""
    name, kana = patterns(q, match)
    asked = (district, status, name, kana, q.strip())
    veiled, concealed = await veiled_from(session, today)
    rows = [*await session.fetch(_LIST, *asked, veiled + concealed), *await session.fetch(_VEILED, *asked, veiled)]
    total = await session.fetchval(_COUNT, *asked, veiled + concealed)
    hidden = await protected_among(session, [row["addressee_no"] for row in rows], today)
    shut = shut_from(session, hidden, "electoral_roll.district")
    session.audit(AuditEvent("electoral_roll.search", detail={"q": q, "district": district, "found": len(rows)}))
    division = division_on(config, today)
    return Listing(
        rows=[
            {
                "roll_no": HIDDEN_NO if row["addressee_no"] in shut else roll_number(config, row),
                "name": row["name"],
                "kana": row["name_kana"],
                "birth_date": row["birth_date"],
                "sex": SEX[row["sex"]],
                "address": HIDDEN if row["addressee_no"] in hidden else address_of(row),
                "status": chip(row["status"]),
                "registered_on": row["registered_on"],
                "href": f"{base}/entries/{row['entry_no']}",
            }
            for row in rows
        ],
        total=total + sum(1 for row in rows if row["addressee_no"] in set(veiled)),
        q=q,
        initial={"q": q, "district": district, "status": status, "match": match},
        options={
            "districts": [(code, item.name) for code, item in division.districts.items()],
            "statuses": [(str(state), STATE_LABELS[state][0]) for state in State],
            "matches": list(MATCHES.items()),
        },
    )


async def list_changes(
    session: Reader, config: TenantConfig, first: date, last: date, today: date, base: str
) -> Listing:
    """異動: what happened to registrations between two days, newest first."""
    rows = await session.fetch(_CHANGES, first, last, may_find_concealed(session))
    division = division_on(config, today)
    hidden = await protected_among(session, [row["addressee_no"] for row in rows], today)
    shut = shut_from(session, hidden, "electoral_roll.district")
    session.audit(AuditEvent("electoral_roll.changes", detail={"from": str(first), "until": str(last)}))
    return Listing(
        rows=[
            {
                "on": row["on"],
                "act": TRANSITIONS[Act(row["act"])].label,
                "reason": REASONS[row["reason"]],
                "name": row["name"],
                "district": HIDDEN if row["addressee_no"] in shut else division.name_of(row["district_code"]),
                "recorded_on": row["recorded_at"].astimezone(JAPAN).date(),
                "href": f"{base}/entries/{row['entry_no']}",
            }
            for row in rows
        ],
        total=await session.fetchval(_CHANGED, first, last, may_find_concealed(session)),
        initial={"first": format_wareki(first), "last": format_wareki(last)},
    )


async def get_entry(session: Reader, config: TenantConfig, entry_no: int, today: date, base: str) -> EntryView:
    """A registration with all that happened to it; raises NotFound."""
    row = await session.fetchrow(f"{_ENTRY} WHERE entry_no = $1", entry_no)
    if row is None:
        raise NotFound("この登録はありません。")
    await refuse_concealed(session, [row["addressee_no"]], "この登録はありません。")
    session.audit(AuditEvent("electoral_roll.view", f"addressee:{row['addressee_no']}", detail={"entry_no": entry_no}))
    hidden = await protected_among(session, [row["addressee_no"]], today)
    shut = shut_from(session, hidden, "electoral_roll.district")
    acts = await session.fetch(_ACTS, entry_no)
    state = State(row["status"])
    return EntryView(
        entry_no=entry_no,
        version=row["version"],
        addressee_no=row["addressee_no"],
        name=row["name"],
        is_listed=is_possible(state, Act.REMOVE),
        is_marked=is_possible(state, Act.ELSEWHERE),
        facts=_facts(row, config, today, is_hidden=bool(hidden), is_shut=bool(shut)),
        acts=[
            {
                "on": act["on"],
                "act": TRANSITIONS[Act(act["act"])].label,
                "reason": REASONS[act["reason"]],
                "detail": _detail(act, is_hidden=bool(hidden)),
                "staff": act["staff_id"],
                "recorded_on": act["recorded_at"].astimezone(JAPAN).date(),
            }
            for act in acts
        ],
    )


async def get_person(
    session: Reader, config: TenantConfig, addressee_no: int, base_on: date | None, today: date, base: str
) -> PersonView:
    """Whether somebody is registrable as of a base day (the last of a 定時登録), and all that is recorded; raises NotFound."""
    day = base_on or base_day(today)
    name = await session.fetchval(_NAME, addressee_no)
    if name is None:
        raise NotFound("この宛名番号の人はいません。")
    await refuse_concealed(session, [addressee_no], "この宛名番号の人はいません。")
    session.audit(AuditEvent("electoral_roll.view", f"addressee:{addressee_no}"))
    person = await read_person(session, addressee_no, day)
    entry = await session.fetchrow(
        f"{_ENTRY} WHERE addressee_no = $1 ORDER BY status = 'removed', entry_no DESC LIMIT 1", addressee_no
    )
    figures = figures_of(config, day)
    row = judge(one(person), day, day, figures).row(0, named=True) if person else None
    elections = await session.fetch(_OPEN_ELECTIONS, today)
    cares = await session.fetch(_CARES, addressee_no)
    hidden = await protected_among(session, [addressee_no], today)
    shut = shut_from(session, hidden, "electoral_roll.care")
    return PersonView(
        addressee_no=addressee_no,
        name=name,
        is_known=person is not None,
        is_registrable=bool(row and row["is_registrable"]),
        base_on=day,
        reason=reason_of(row) if row else "基準日に住民基本台帳に記録されていない",
        entry_no=entry["entry_no"] if entry else None,
        facts=_facts(entry, config, today, is_hidden=bool(hidden), is_shut=bool(shut)) if entry else [],
        steps=shown_steps(explain_one(person, day, day, figures)) if person else [],
        suspensions=[
            {**dict(item), "article": ARTICLES[item["article"]]}
            for item in await session.fetch(_SUSPENSIONS, addressee_no)
        ],
        cares=[
            {
                **dict(item),
                "what": "支援措置" if item["is_protected"] else "送付先",
                **({"sending_postcode": None, "sending_address": HIDDEN} if shut and item["sending_address"] else {}),
            }
            for item in cares
        ],
        certificates=[
            {**dict(item), "basis": BASES[item["basis"]], "proxy": "あり" if item["is_proxy"] else ""}
            for item in await session.fetch(_CERTIFICATES, addressee_no)
        ],
        elections=[(item["election_no"], item["name"]) for item in elections],
        initial=_kept_care(cares, today, is_shut=bool(shut)),
    )


def _kept_care(cares: Sequence[Mapping[str, Any]], today: date, *, is_shut: bool) -> dict[str, Any]:
    """What stands is in the form already: a new record takes its place."""
    kept = next((item for item in reversed(cares) if item["until_on"] is None or item["until_on"] >= today), None)
    if kept is None:
        return {}
    where = {} if is_shut else {name: kept[name] or "" for name in ("sending_postcode", "sending_address")}
    return {"is_protected": "true" if kept["is_protected"] else "", **where}


ARTICLES = {"11": "公職選挙法11条", "252": "公職選挙法252条", "28": "政治資金規正法28条"}


def roll_number(config: TenantConfig, row: Mapping[str, Any]) -> str:
    """名簿番号 of a row with district and running number: district, page and line, by the lines a page of this municipality has."""
    lines = int(config.settings("electoral_roll").get("lines_per_page") or 20)
    page, line = divmod(row["serial_no"] - 1, lines)
    return f"{row['district_code']}-{page + 1}-{line + 1}"


def address_of(row: Mapping[str, Any]) -> str:
    """The address with its building."""
    return f"{row['address']} {row['building']}" if row["building"] else str(row["address"])


def chip(status: str) -> dict[str, str]:
    """A registration's state as a chip."""
    label, kind = STATE_LABELS[status]
    return {"label": label, "kind": kind}


def _detail(act: Mapping[str, Any], *, is_hidden: bool) -> str:
    """What an act says beside; a registration by night has the key of its run there, which tells a clerk nothing."""
    if act["act"] == Act.REGISTER and act["staff_id"].startswith("batch:"):
        return ""
    return HIDDEN if is_hidden and act["detail"] and act["act"] in _PLACES else str(act["detail"])


def _facts(
    row: Mapping[str, Any], config: TenantConfig, today: date, *, is_hidden: bool, is_shut: bool
) -> list[dict[str, Any]]:
    district, number = division_on(config, today).name_of(row["district_code"]), roll_number(config, row)
    facts: list[dict[str, Any]] = [
        {"label": "状態", "value": chip(row["status"]), "kind": "chip"},
        {"label": "名簿番号", "value": HIDDEN_NO if is_shut else number, "kind": "code"},
        {"label": "投票区", "value": HIDDEN if is_shut else district},
        {"label": "登録日", "value": row["registered_on"], "kind": "date"},
        {"label": "登録の事由", "value": REASONS[row["registered_by"]]},
        {"label": "氏名", "value": row["name"], "kind": "name"},
        {"label": "フリガナ", "value": row["name_kana"]},
        {"label": "生年月日", "value": row["birth_date"], "kind": "date"},
        {"label": "性別", "value": SEX[row["sex"]]},
        {"label": "住所", "value": HIDDEN if is_hidden else address_of(row)},
        {"label": "転出日", "value": row["moved_out_on"], "kind": "date"},
        {"label": "転出先", "value": HIDDEN if is_hidden and row["destination"] else row["destination"]},
        {"label": "抹消予定日", "value": row["remove_on"], "kind": "date"},
        {"label": "転出先での登録", "value": row["elsewhere_on"], "kind": "date"},
        {"label": "抹消日", "value": row["removed_on"], "kind": "date"},
        {"label": "抹消の事由", "value": REASONS.get(row["removal_reason"] or "")},
    ]
    return [fact for fact in facts if fact["value"]]


def _plain(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
