"""印鑑登録証明書: card, refusals, serial numbers, fee, reissue, コンビニ交付, and what is printed."""

import io
import json
import re
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pypdf
import pytest
import pytest_asyncio

from modules.resident.basic_register.movements.inputs import MovementResult, MoveWithin
from modules.resident.basic_register.service import record_move_within
from modules.resident.seal_registration import issuing, service
from modules.resident.seal_registration.cards import change_card
from modules.resident.seal_registration.certificates import count_month, get_certificate, list_certificates
from modules.resident.seal_registration.figures import figures_of
from modules.resident.seal_registration.inputs import (
    CardAct,
    CertificateRequest,
    ConvenienceRequest,
    IssueResult,
    RegistrationAct,
    RegistrationResult,
    Reissue,
)
from modules.resident.seal_registration.printing import (
    preview_certificate,
    print_certificate,
    print_end_notice,
    print_inquiry,
)
from tests.resident.people import NOW, TOWN
from tests.resident.seal.seals import LATER, register, stamp
from yoriai.clock import JAPAN
from yoriai.errors import Conflict, Invalid
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import WriteSession


@pytest_asyncio.fixture(loop_scope="session")
async def registered(session: WriteSession, config: TenantConfig, family: MovementResult) -> RegistrationResult:
    return await register(session, config, family.addressee_nos[0])


def request(card_no: int | None, **values: Any) -> CertificateRequest:
    return CertificateRequest.model_validate({"card_no": card_no, "birth_date": "S60.4.1", **values})


async def issue(session: WriteSession, config: TenantConfig, card_no: int | None, **values: Any) -> IssueResult:
    return await issuing.issue(session, request(card_no, **values), config, figures_of(config, NOW.date()), NOW)


async def refusal(session: WriteSession, config: TenantConfig, card_no: int | None, **values: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        await issue(session, config, card_no, **values)
    return {error.field: error.rule for error in caught.value.fields}


async def act(session: WriteSession, config: TenantConfig, to: RegistrationResult, name: str, **values: Any) -> Any:
    body = {"version": to.version, "act": name, "on": "2026-11-20", "reason": "届出", **values}
    figures = figures_of(config, NOW.date())
    return await service.act_on_registration(
        session, to.registration_no, RegistrationAct.model_validate(body), figures, NOW
    )


def text_of(pdf: bytes) -> str:
    return "".join("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def printed_width(page: pypdf.PageObject, impression: Any) -> float:
    """How wide the ink of the picture is on the paper, in millimetres."""
    content = page.get_contents()
    assert content is not None
    placed = re.search(rb"([\d.]+) 0 0 -?[\d.]+ [-\d.]+ [-\d.]+ cm\s*/\w+ Do", content.get_data())
    assert placed is not None
    assert impression.image is not None
    picture = impression.image.convert("L")
    ink = picture.point(lambda value: 255 if value < 160 else 0).getbbox()
    assert ink is not None
    return float(placed[1]) / 72 * 25.4 * (ink[2] - ink[0]) / picture.width


async def test_inkan_021_copies_have_consecutive_numbers_the_seal_and_the_official_seal(
    session: WriteSession, config: TenantConfig, registered: RegistrationResult
) -> None:
    issued = await issue(session, config, registered.card_no, copies=2, purpose="登記")
    assert issued.serial_nos == [issued.serial_no, issued.serial_no + 1]
    assert issued.fee == 600
    for number in issued.serial_nos:
        pdf = await print_certificate(session, number, config, NOW, practice=True)
        text = text_of(pdf)
        assert f"証明番号{number:08d}" in text
        assert "渡邉太郎" in text
        assert "昭和60年4月1日" in text
        assert "ためし町1番2号" in text
        assert "令和8年11月20日" in text
        assert "練習環境・架空データ" in text
        (page,) = pypdf.PdfReader(io.BytesIO(pdf)).pages
        (impression,) = page.images
        assert abs(printed_width(page, impression) - 12) < 0.3, "INKAN-009: the seal of 12 mm is 12 mm on the paper"


async def test_the_card_and_the_birth_date_must_belong_together(
    session: WriteSession, config: TenantConfig, registered: RegistrationResult
) -> None:
    assert await refusal(session, config, 999) == {"card_no": "unknown"}
    assert await refusal(session, config, registered.card_no, birth_date="S60.4.2") == {"birth_date": "mismatch"}
    assert await refusal(session, config, registered.card_no, applicant="agent") == {"agent_name": "required"}
    assert (await issue(session, config, registered.card_no, applicant="agent", agent_name="乙 次郎")).fee == 300
    exempt = await issue(session, config, registered.card_no, fee_exempt_reason="公用")
    assert exempt.fee == 0


async def test_inkan_012_a_replaced_card_issues_nothing(
    session: WriteSession, config: TenantConfig, registered: RegistrationResult
) -> None:
    body = {"version": 1, "card_act": "exchanged", "card_on": "2026-11-20", "card_applicant": "渡邉 太郎"}
    figures = figures_of(config, NOW.date())
    given = await change_card(session, registered.registration_no, CardAct.model_validate(body), figures, NOW)
    assert await refusal(session, config, registered.card_no) == {"card_no": "card_ended"}
    assert (await issue(session, config, given.card_no)).serial_no


async def test_inkan_019_and_020_a_stop_or_an_end_is_refused_at_once_at_counter_and_store(
    session: WriteSession, config: TenantConfig, registered: RegistrationResult, family: MovementResult
) -> None:
    father, figures = family.addressee_nos[0], figures_of(config, NOW.date())
    store = ConvenienceRequest(addressee_no=father, terminal="KM-01")
    assert (await issuing.find_issuable(session, father, figures, NOW)).is_issuable
    assert (await issuing.issue_by_convenience(session, store, config, figures, NOW)).fee == 300

    async def both_refuse(rule: str) -> None:
        assert await refusal(session, config, registered.card_no) == {"card_no": rule}
        asked = await issuing.find_issuable(session, father, figures, NOW)
        assert (asked.is_issuable, asked.rule) == (False, rule)
        with pytest.raises(Invalid) as caught:
            await issuing.issue_by_convenience(session, store, config, figures, NOW)
        assert caught.value.fields[0].rule == rule

    stopped = await act(session, config, registered, "suspend")
    await both_refuse("suspended")
    freed = await act(session, config, stopped, "resume")
    assert (await issue(session, config, registered.card_no)).serial_no
    await act(session, config, freed, "end", end_reason="application")
    asked = await issuing.find_issuable(session, father, figures, NOW)
    assert (asked.is_issuable, asked.rule) == (False, "ended")
    nobody = await issuing.find_issuable(session, family.addressee_nos[1], figures, NOW)
    assert (nobody.is_issuable, nobody.rule) == (False, "unknown")


async def test_inkan_013_the_next_certificate_has_the_new_address_without_an_act_here(
    session: WriteSession, config: TenantConfig, registered: RegistrationResult, family: MovementResult
) -> None:
    members = [
        {"addressee_no": n, "relationship": r} for n, r in zip(family.addressee_nos, ("02", "12", "20"), strict=True)
    ]
    body = {
        "event_date": "2026-11-19",
        "notified_on": "2026-11-20",
        "household": {"household_no": family.household_no, "version": 1},
        "address": {"town_code": TOWN, "block": "77番8号"},
        "members": members,
    }
    await record_move_within(session, MoveWithin.model_validate(body), NOW)
    issued = await issue(session, config, registered.card_no)
    assert "77番8号" in text_of(await print_certificate(session, issued.serial_no, config, NOW, practice=False))


async def test_a_reissue_is_visible_on_both_papers_and_costs_nothing(
    session: WriteSession, config: TenantConfig, registered: RegistrationResult
) -> None:
    issued = await issue(session, config, registered.card_no)
    again = await issuing.void(session, issued.serial_no, Reissue(void_reason="紙詰まり"), NOW)
    assert (again.serial_nos, again.fee) == ([issued.serial_no + 1], 0)
    first = await get_certificate(session, issued.serial_no, NOW.date())
    assert (first.row.void_reason, first.row.reissued_as, first.can_reissue) == ("紙詰まり", again.serial_no, False)
    assert "無効" in text_of(await print_certificate(session, issued.serial_no, config, NOW, practice=False))
    second = text_of(await print_certificate(session, again.serial_no, config, NOW, practice=False))
    assert f"（証明番号{issued.serial_no:08d}の代わりに交付）" in second
    counted = await count_month(session, date(2026, 11, 1))
    fees = [row.fee for row in counted.rows if row.label == "証明書の交付"]
    assert ((await list_certificates(session, NOW.date(), NOW.date(), 1)).fees, fees) == (300, [300]), "what was paid"
    with pytest.raises(Conflict):
        await issuing.void(session, issued.serial_no, Reissue(void_reason="もう一度"), NOW)
    with pytest.raises(Invalid) as late:
        await issuing.void(session, again.serial_no, Reissue(void_reason="翌月"), LATER)
    assert late.value.fields[0].rule == "day"
    await issuing.void(session, again.serial_no, Reissue(void_reason="申請の取下げ", again=False), NOW)
    given_back = await count_month(session, date(2026, 11, 1))
    assert [row.fee for row in given_back.rows if row.label == "証明書の交付"] == [0]


async def test_com_019_a_preview_equals_the_print_but_has_no_number(
    session: WriteSession, config: TenantConfig, registered: RegistrationResult
) -> None:
    figures = figures_of(config, NOW.date())
    number = registered.registration_no
    preview = text_of(await preview_certificate(session, number, config, figures, NOW, practice=False))
    issued = await issue(session, config, registered.card_no)
    printed = text_of(await print_certificate(session, issued.serial_no, config, NOW, practice=False))
    assert preview.replace("見本", "", 1) == printed.replace(f"証明番号{issued.serial_no:08d}", "")


async def test_com_023_a_new_mayor_signs_from_the_first_day(
    session: WriteSession, config: TenantConfig, registered: RegistrationResult
) -> None:
    document = json.loads(json.dumps(config.document, default=str))
    document["office"]["acting"] = [{"from": "2026-11-21", "title": "市長職務代理者 副市長", "name": "寄合 次郎"}]
    changed = replace(config, document=document)
    today = await issue(session, changed, registered.card_no)
    tomorrow = datetime(2026, 11, 21, 9, tzinfo=JAPAN)
    figures = figures_of(changed, tomorrow.date())
    later = await issuing.issue(session, request(registered.card_no), changed, figures, tomorrow)
    names = [
        (await get_certificate(session, n, NOW.date())).content["issuer"] for n in (today.serial_no, later.serial_no)
    ]
    assert names[0].endswith("見本　一郎")
    assert names[1] == "市長職務代理者 副市長　寄合 次郎"


async def test_letters_name_the_person_and_the_last_day(
    session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    values: dict[str, Any] = {"applicant": "agent", "agent_name": "乙 次郎", "identity_kind": "inquiry"}
    pending = await register(session, config, family.addressee_nos[0], **values)
    letter = text_of(await print_inquiry(session, pending.registration_no, config, NOW, practice=False))
    for part in ("渡邉太郎様", "令和8年12月18日", "乙次郎", "回答書"):
        assert part in letter
    with pytest.raises(Conflict):
        await print_end_notice(session, pending.registration_no, config, NOW, practice=False)
    done = await register(session, config, family.addressee_nos[1], seal_text="花子", image=stamp(pattern=2))
    await act(session, config, done, "end", end_reason="lost_seal", reason="紛失")
    notice = text_of(await print_end_notice(session, done.registration_no, config, NOW, practice=False))
    for part in ("渡邉花子様", "令和8年11月20日", "印鑑の亡失・き損"):
        assert part in notice
    for number in family.addressee_nos[:2]:
        await session.fetchval(_GUARDIAN, number)
    followed = text_of(await print_end_notice(session, done.registration_no, config, NOW, practice=False))
    assert "代理人様" in followed
    assert "渡邉花子様の成年後見人" in followed.replace("　", "")
    assert "白島1番" in followed
    home = text_of(await print_inquiry(session, pending.registration_no, config, NOW, practice=False))
    assert "白島" not in home, "that the 照会書 arrives at the registered home is the proof"


_GUARDIAN = """
INSERT INTO mailing_destination (addressee_no, kind, business, name, postcode, address, reason, valid_from, valid_to, staff_id)
VALUES ($1, 'guardian', 'all', '代理 人', '7300001', '広島市中区白島1番', '届出', '2026-04-01', '2099-03-31', 'clerk') RETURNING 1
"""


async def test_inkan_024_the_counts_of_the_month_equal_the_log(
    session: WriteSession, config: TenantConfig, registered: RegistrationResult, family: MovementResult
) -> None:
    figures = figures_of(config, NOW.date())
    await issue(session, config, registered.card_no, copies=3, office="本庁")
    store = ConvenienceRequest(addressee_no=family.addressee_nos[0], terminal="KM-01")
    await issuing.issue_by_convenience(session, store, config, figures, NOW)
    await act(session, config, registered, "end", end_reason="application")
    counted = await count_month(session, date(2026, 11, 1))
    rows = {(row.label, row.office, row.channel): (row.count, row.fee) for row in counted.rows}
    assert rows == {
        ("登録", "", ""): (1, 0),
        ("抹消（廃止の申請）", "", ""): (1, 0),
        ("証明書の交付", "本庁", "窓口"): (3, 900),
        ("証明書の交付", "", "コンビニ交付"): (1, 300),
    }
    assert counted.registered == 0


async def test_com_042_who_issued_what_for_whom_is_audited(
    session: WriteSession, config: TenantConfig, registered: RegistrationResult, family: MovementResult
) -> None:
    issued = await issue(session, config, registered.card_no, purpose="登記")
    event = session.audit_events[-1]
    assert event.action == "seal_registration.issue"
    assert event.subject == f"addressee:{family.addressee_nos[0]}"
    assert event.detail["serial_nos"] == issued.serial_nos


async def test_screens_tell_the_day_in_japan(
    session: WriteSession, config: TenantConfig, registered: RegistrationResult
) -> None:
    """An hour after midnight in Japan the database's clock still shows the day before."""
    early = datetime(2026, 11, 21, 1, 0, tzinfo=JAPAN)
    figures = figures_of(config, early.date())
    issued = await issuing.issue(session, request(registered.card_no), config, figures, early)
    shown = await get_certificate(session, issued.serial_no, early.date())
    assert shown.row.issued_at.date() == early.date()
