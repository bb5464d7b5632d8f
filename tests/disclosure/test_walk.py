"""JUKI-047, INKAN-022, SENKYO-013, SHUGAKU-022: a clerk without the right reads nowhere where a protected person lives.

Every GET route of the application is walked with the family's numbers before and after the protection. Before it each business
shows the address somewhere, else the walk would prove nothing. A route that is new and answers nothing fails the test until
`world` holds something for it, or it stands below with the reason.
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping

import httpx

from tests.disclosure.routes import addresses_of, numbers_of, text_of
from tests.disclosure.world import ENTRANT, MOTHER, NAMES, PUPIL, SECRETS, World

_NIGHT = "no night has been planned; what its errors say is asked in test_rights, its pages in tests/batch"
_LISTS = "no list has been composed; tests/extraction/test_protected composes them"
_UNANSWERED: Mapping[str, str] = {
    "/{code}/batch/gantt": _NIGHT,
    "/{code}/batch/jobs/{job_id}": _NIGHT,
    "/{code}/batch/jobs/{job_id}/errors": _NIGHT,
    "/{code}/batch/jobs/{job_id}/errors/csv": _NIGHT,
    "/{code}/batch/nets/{net}": _NIGHT,
    "/{code}/batch/report": _NIGHT,
    "/{code}/extraction/templates/{template_no}": _LISTS,
    "/{code}/extraction/templates/{template_no}/file": _LISTS,
    "/{code}/extraction/runs/{run_no}": _LISTS,
    "/{code}/onboarding/{run_no}": "no data were taken over; the page shows counts alone, see tests/onboarding",
    "/{code}/exchange/data/{data_set}": "for system accounts with a scope; tests/exchange/test_pull has the protected",
    "/{code}/exchange/rows/{row_no}": "nothing was received; a row shows what another system sent, see tests/exchange",
}
"""Routes that answer nothing to this clerk, each with the reason."""
_SHUT: Mapping[str, str] = {
    "/{code}/certificate/requests/{request_no}/preview": "what would be printed, of who may not be printed",
    "/{code}/electoral_roll/elections/{election_no}/cards/{part_no}.pdf": "made before: each has somebody protected on it now",
    "/{code}/electoral_roll/elections/{election_no}/polling-list.pdf": "it would lack who is protected, or tell their 投票区",
    "/{code}/nhi/notices/{fiscal_year}/letters": "protected people are in no bulk run",
    "/{code}/nhi/households/{household_no}/levies/{fiscal_year}/notice": "a letter needs the address",
    "/{code}/nhi/debits/slips": "protected people are in no bulk run",
    "/{code}/nhi/debits/differences/{household_no}/{fiscal_year}/{instalment_no}/slip": "a letter needs the address",
    "/{code}/child_allowance/payments/letters": "protected people are in no bulk run",
    "/{code}/child_allowance/cases/{case_no}/notices/{act_id}": "a letter needs the address",
    "/{code}/school_age/entrants/{entry_year}/letters": "protected children are in no bulk run",
    "/{code}/school_age/notices/{notice_id}/pdf": "a letter tells the school",
    "/{code}/school_age/transfers/{addressee_no}/pdf": "a letter tells the school",
    "/{code}/seal_registration/registrations/{registration_no}/inquiry": "a letter needs the address",
    "/{code}/seal_registration/registrations/{registration_no}/preview": "what would be printed, of who may not be printed",
    "/{code}/seal_registration/certificates/{serial_no}/document": "certificates that are stopped now",
}
"""Routes that answer before the protection and refuse after it."""
_CARRY_IT = {
    "resident", "seal_registration", "certificate", "electoral_roll", "non_resident", "school_age", "income", "child_allowance",
    "nhi",
}  # fmt: skip
"""The businesses that show addresses at all."""
_NAMED = ("/resident/protections",)
"""Where somebody concealed is named: the list of the protections, for who keeps it."""
_DISTRICTS = re.compile(r"第7投票区|^07(-\d+-\d+)?$|大原集会所|大古小学校|^E06$|第一小学校")
"""Of the hidden 町字: its 投票区 and 名簿番号, its 投票所 and its school; and the school of the 区域外就学."""
_HER_PAGE = re.compile(f"/(persons|people|children|transfers)/({MOTHER}|{PUPIL}|{ENTRANT})(/|$)")
HERS = ("花子", "さくら", "もみじ")
_OF_THE_SCHOOL = ("/own-school", "/notes")
"""What a school sees of its own children says nothing new to it, nor does the name of one's own section, which is a school here."""


def leaks(answer: httpx.Response, secrets: tuple[str, ...] = SECRETS) -> list[str]:
    """The secrets in an answer; a picture is one, but for impressions, which hold no text."""
    if answer.headers.get("content-type", "").startswith("image/"):
        return [] if answer.request.url.path.endswith("/image") else ["picture"]
    text = text_of(answer)
    return [secret for secret in secrets if secret in text]


def districts_in(answer: httpx.Response) -> list[str]:
    """What an answer in JSON tells of the 投票区 and schools of the mother and her children, in whatever is said of them."""
    if answer.headers.get("content-type", "") != "application/json":
        return []
    return list(_districts_in(answer.json(), is_hers=bool(_HER_PAGE.search(answer.request.url.path))))


def _districts_in(told: object, *, is_hers: bool) -> Iterator[str]:
    if isinstance(told, Mapping):
        is_hers = is_hers or any(isinstance(text, str) and any(name in text for name in HERS) for text in told.values())
        for key, part in told.items():
            if key not in ("schools", "districts", "places", "options"):
                yield from _districts_in(part, is_hers=is_hers)
    elif isinstance(told, list):
        for part in told:
            yield from _districts_in(part, is_hers=is_hers)
    elif is_hers and isinstance(told, str) and _DISTRICTS.search(told):
        yield told


async def walk(
    clerk: httpx.AsyncClient, world: World, *, is_plain: bool = False
) -> AsyncIterator[tuple[str, str, httpx.Response]]:
    """Every GET route with every number: route, address, answer. Files are asked for as a browser does, with queries as data."""
    app = clerk._transport.app  # type: ignore[attr-defined]
    numbers = await numbers_of(world)
    # The start page is the one page that is no resource of a business.
    for path, methods in {"/{code}/": {"get": {}}, **app.openapi()["paths"]}.items():
        if "get" not in methods or not path.startswith("/{code}"):
            continue
        is_file = "$ref" not in str(methods["get"])
        for address in addresses_of(path, methods["get"], world.config.code, numbers, is_plain=is_plain):
            for accept in (
                ("application/json",) if "?" in address and not is_file else ("application/json", "text/html")
            ):
                answer = await clerk.get(address, headers={"accept": accept})
                assert answer.status_code < 500, f"{address}: {answer.text}"
                yield path, address, answer


async def test_juki_047_no_get_route_shows_it(world: World, chief: httpx.AsyncClient, clerk: httpx.AsyncClient) -> None:
    paths, answered, placed, carrying = set[str](), set[str](), set[str](), dict[str, httpx.Request]()
    async for path, _, answer in walk(clerk, world, is_plain=True):
        paths.add(path)
        if answer.status_code == 200:
            answered.add(path)
        if leaks(answer):
            carrying[path] = answer.request
        if districts_in(answer):
            placed.add(path.split("/")[2])
    assert placed >= {"electoral_roll", "school_age", "resident"}, "投票区 and schools stand there before"
    assert {path.split("/")[2] for path in carrying} >= _CARRY_IT, "the address stands there before"
    async with world.protection():
        found, still = list[tuple[str, list[str]]](), set[str]()
        async for path, address, answer in walk(clerk, world):
            if answer.status_code == 200:
                still.add(path)
            secrets = leaks(answer)
            if not any(part in path for part in _OF_THE_SCHOOL):
                secrets += districts_in(answer)
            if secrets:
                found.append((address, secrets))
        assert not found, "\n".join(map(str, found))
        assert sorted(paths - answered - set(_UNANSWERED)) == [], "the walk reaches every route"
        assert answered - still == set(_SHUT)
    for path, request in carrying.items():
        assert leaks(await clerk.send(request)), f"{path} shows it again after the release"


async def test_com_008_who_is_concealed_is_named_nowhere(
    world: World, chief: httpx.AsyncClient, clerk: httpx.AsyncClient
) -> None:
    async with world.protection(hides_from_search=True):
        found = [
            (address, names)
            async for path, address, answer in walk(clerk, world)
            if not any(part in path for part in _NAMED) and "q=" not in address and (names := leaks(answer, NAMES))
        ]
        assert not found, "\n".join(map(str, found))
