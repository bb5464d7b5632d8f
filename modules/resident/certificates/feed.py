"""コンビニ交付: whose certificates may be issued elsewhere now, and what they say.

Asked at each issue, answered from the register and the stops as they are at that moment: a stop holds with its commit.
"""

from datetime import datetime

from modules.resident.basic_register.facts import find_certificate_stops
from modules.resident.certificates.fitting import fit
from modules.resident.certificates.kinds import Item, Kind
from modules.resident.certificates.service import place_of
from modules.resident.certificates.sources import Target, content_of_resident, take_snapshot
from modules.resident.certificates.views import Feed, FeedContent, FeedItem
from yoriai.audit import AuditEvent
from yoriai.errors import Forbidden
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader

PAGE = 1_000
_RESIDENTS = "SELECT addressee_no FROM fact_resident WHERE addressee_no > $1 ORDER BY addressee_no LIMIT $2"
_KINDS = (Kind.HOUSEHOLD, Kind.INDIVIDUAL, Kind.ENTRIES)


def is_enabled(config: TenantConfig) -> bool:
    """Whether the municipality takes part."""
    return bool(config.settings("certificate").get("convenience", False))


async def list_feed(session: Reader, config: TenantConfig, after: int, limit: int, now: datetime) -> Feed:
    """A page of residents in the order of their numbers, from the one after `after`."""
    if not is_enabled(config):
        return Feed(as_of=now, enabled=False, items=[], next_after=None)
    size = min(max(limit, 1), PAGE)
    numbers = [row["addressee_no"] for row in await session.fetch(_RESIDENTS, after, size)]
    stopped = await find_certificate_stops(session, numbers, now.date())
    session.audit(AuditEvent("certificate.feed", detail={"after": after, "persons": len(numbers)}))
    items = [FeedItem(addressee_no=number, issuable=number not in stopped) for number in numbers]
    return Feed(as_of=now, enabled=True, items=items, next_after=numbers[-1] if len(numbers) == size else None)


async def get_feed_content(session: Reader, config: TenantConfig, addressee_no: int, now: datetime) -> FeedContent:
    """The contents for one person, with all items but the numbers; nothing for who is stopped or lives with somebody who is."""
    if not is_enabled(config):
        raise Forbidden("この市町村はコンビニ交付へのデータの提供を行っていません（設定 certificate.convenience）。")
    snapshot = await take_snapshot(session, [addressee_no], now.date())
    items = frozenset({Item.RELATIONSHIP, Item.DOMICILE})
    found = [
        content
        for kind in _KINDS
        if (content := content_of_resident(snapshot, Target(kind, items, addressee_no), place_of(config)))
    ]
    numbers = {number for content in found for number in content["addressee_nos"]} | {addressee_no}
    stopped = set(await find_certificate_stops(session, sorted(numbers), now.date()))
    contents = [] if addressee_no in stopped else [one for one in found if not stopped & set(one["addressee_nos"])]
    for content in contents:
        fit(content)
    session.audit(AuditEvent("person.view", f"addressee:{addressee_no}", detail={"part": "certificate.feed"}))
    return FeedContent(as_of=now, addressee_no=addressee_no, issuable=bool(contents), contents=contents)
