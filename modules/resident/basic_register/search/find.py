"""Answering the search box: at most a page of people, how many there are, and an audit event."""

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode

from modules.resident.basic_register.chips import Chip, status_chip
from modules.resident.basic_register.labels import NATIONALITY_JAPAN, SEX_LABELS
from modules.resident.basic_register.protections.kinds import SEE
from modules.resident.basic_register.protections.masking import Veil, find_veil
from modules.resident.basic_register.search.criteria import CAP, Criteria, PersonHit, SearchResult
from modules.resident.basic_register.search.places import locate
from modules.resident.basic_register.search.statement import Statement
from modules.resident.basic_register.search.terms import read_terms
from yoriai.audit import AuditEvent
from yoriai.dates import OPEN_END, age_at_end_of
from yoriai.tenancy.session import Reader, Record


async def search_persons(session: Reader, criteria: Criteria, as_of: date, base: str = "") -> SearchResult:
    """Find people; audited with the number of hits. `as_of` is the day of their ages, `base` the address of the business."""
    total, rows = (0, []) if criteria.is_empty else await _answer(session, criteria)
    if not criteria.is_empty:
        asked = criteria.model_dump(exclude_defaults=True)
        session.audit(AuditEvent("person.search", detail={"criteria": asked, "hits": total}))
    veil = await find_veil(session, [row["addressee_no"] for row in rows], "search")
    counted = min(total, CAP)
    return SearchResult(
        criteria=criteria,
        total=counted,
        is_capped=total > CAP,
        pages=max(1, -(-counted // criteria.limit)),
        persons=[_hit(row, as_of, base, veil) for row in rows],
        href=f"{base}/persons?{_query(criteria, {'page', 'sort', 'order'})}",
        sort_query=f"&sort={criteria.sort}&order={criteria.order}" if criteria.sort else "",
    )


def _query(criteria: Criteria, without: set[str]) -> str:
    asked = criteria.model_dump(exclude_defaults=True, exclude=without)
    return urlencode({key: "true" if value is True else value for key, value in asked.items()})


async def _answer(session: Reader, criteria: Criteria) -> tuple[int, Sequence[Record]]:
    """Names come first: 大野 is a family to a clerk, and a place only when no name fits all words."""
    sees_hidden = session.principal.may(SEE)
    words = read_terms(criteria.q)
    located = await locate(session, [*words, *read_terms(criteria.address)])
    terms, places = located[: len(words)], located[len(words) :]
    if all(term.is_only_block for term in located):
        return 0, []
    total, rows = await _run(session, Statement(criteria, terms, places, with_places=False, sees_hidden=sees_hidden))
    if not total and any(term.text and term.towns for term in terms):
        return await _run(session, Statement(criteria, terms, places, with_places=True, sees_hidden=sees_hidden))
    return total, rows


async def _run(session: Reader, statement: Statement) -> tuple[int, Sequence[Record]]:
    text, arguments = statement.count()
    total: int = await session.fetchval(text, *arguments)
    if not total:
        return 0, []
    text, arguments = statement.page()
    return total, await session.fetch(text, *arguments)


def _hit(row: Record, as_of: date, base: str, veil: Veil) -> PersonHit:
    birth_date = None if row["birth_date_unknown"] else row["birth_date"]
    status = status_chip(row)
    is_former, is_foreign = row["valid_to"] != OPEN_END, row["nationality"] != NATIONALITY_JAPAN
    covered = [Chip(label="支援措置", kind="danger")] * veil.covers(row["addressee_no"])
    badges = (
        covered + [Chip(label="外国人", kind="info")] * is_foreign + [Chip(label="以前の記載", kind="warn")] * is_former
    )
    return PersonHit(
        addressee_no=row["addressee_no"],
        household_no=row["household_no"],
        name=row["name"],
        kana=row["name_kana"],
        birth_date=birth_date,
        age=age_at_end_of(row["removed_on"] or as_of, birth_date) if birth_date else None,
        sex=SEX_LABELS[row["sex"]],
        address=veil.text(row["addressee_no"], " ".join(filter(None, (row["address"], row["building"])))),
        relationship=row["relationship_text"],
        household_head=row["head"] or "",
        status=status,
        badges=badges if row["status"] == "resident" else [status, *badges],
        is_ended=row["status"] == "removed",
        is_former=is_former,
        href=f"{base}/persons/{row['addressee_no']}",
    )
