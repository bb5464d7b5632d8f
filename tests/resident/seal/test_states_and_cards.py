"""停止, 抹消, 復活 and the card: who is told what, and that nothing is overwritten."""

from typing import Any

import pytest
import pytest_asyncio

from modules.resident.basic_register.movements.inputs import MovementResult
from modules.resident.seal_registration import service
from modules.resident.seal_registration.cards import change_card
from modules.resident.seal_registration.figures import figures_of
from modules.resident.seal_registration.inputs import CardAct, RegistrationAct, RegistrationResult
from tests.resident.people import NOW
from tests.resident.seal.seals import register
from yoriai.errors import Conflict, Invalid
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import WriteSession


@pytest_asyncio.fixture(loop_scope="session")
async def registered(session: WriteSession, config: TenantConfig, family: MovementResult) -> RegistrationResult:
    return await register(session, config, family.addressee_nos[0])


async def act(session: WriteSession, config: TenantConfig, to: RegistrationResult, name: str, **values: Any) -> Any:
    body = {"version": to.version, "act": name, "on": "2026-11-20", "reason": "届出", **values}
    figures = figures_of(config, NOW.date())
    return await service.act_on_registration(
        session, to.registration_no, RegistrationAct.model_validate(body), figures, NOW
    )


async def card(session: WriteSession, config: TenantConfig, to: RegistrationResult, name: str, **values: Any) -> Any:
    body = {"version": to.version, "card_act": name, "card_on": "2026-11-20", "card_applicant": "渡邉 太郎", **values}
    figures = figures_of(config, NOW.date())
    return await change_card(session, to.registration_no, CardAct.model_validate(body), figures, NOW)


async def test_inkan_020_a_stop_and_its_release_are_recorded_with_time_and_operator(
    session: WriteSession, config: TenantConfig, registered: RegistrationResult
) -> None:
    stopped = await act(session, config, registered, "suspend", reason="盗難の届出")
    assert stopped.status == "suspended"
    freed = await act(session, config, stopped, "resume", reason="発見")
    assert freed.status == "active"
    rows = await session.fetch("SELECT act, reason, staff_id, recorded_at FROM seal_act ORDER BY id")
    assert [(row["act"], row["reason"], row["staff_id"]) for row in rows[1:]] == [
        ("suspend", "盗難の届出", "clerk"),
        ("resume", "発見", "clerk"),
    ]
    assert all(row["recorded_at"] == NOW for row in rows)


async def test_inkan_017_an_end_needs_its_reason_and_is_final(
    session: WriteSession, config: TenantConfig, registered: RegistrationResult
) -> None:
    with pytest.raises(Invalid) as missing:
        await act(session, config, registered, "end")
    assert missing.value.fields[0].field == "end_reason"
    with pytest.raises(Invalid) as silent:
        await act(session, config, registered, "end", end_reason="application", reason="")
    assert silent.value.fields[0].field == "reason"
    ended = await act(session, config, registered, "end", end_reason="application", reason="不要になった")
    assert ended.status == "ended"
    with pytest.raises(Invalid) as final:
        await act(session, config, ended, "restore")
    assert final.value.fields[0].rule == "final"
    with pytest.raises(Conflict):
        await act(session, config, ended, "suspend")


async def test_days_must_be_in_order(
    session: WriteSession, config: TenantConfig, registered: RegistrationResult
) -> None:
    for day in ("2026-11-17", "2026-11-21"):
        with pytest.raises(Invalid) as wrong:
            await act(session, config, registered, "suspend", on=day)
        assert [(error.field, error.rule) for error in wrong.value.fields] == [("on", "order")]


async def test_who_looked_at_an_older_state_is_told(
    session: WriteSession, config: TenantConfig, registered: RegistrationResult
) -> None:
    await act(session, config, registered, "suspend")
    with pytest.raises(Conflict):
        await act(session, config, registered, "end", end_reason="application")
    with pytest.raises(Conflict):
        await card(session, config, registered, "returned")


async def test_inkan_012_loss_reissue_exchange_and_return_of_the_card(
    session: WriteSession, config: TenantConfig, registered: RegistrationResult
) -> None:
    with pytest.raises(Invalid) as silent:
        await card(session, config, registered, "lost")
    assert silent.value.fields[0].field == "card_reason"
    lost = await card(session, config, registered, "lost", card_reason="駅で落とした")
    assert lost.status == "suspended"
    again = await card(session, config, lost, "reissued")
    assert (again.status, again.card_fee) == ("active", 300)
    exchanged = await card(session, config, again, "exchanged", card_reason="汚損")
    returned = await card(session, config, exchanged, "returned")
    with pytest.raises(Invalid) as none:
        await card(session, config, returned, "returned")
    assert none.value.fields[0].rule == "no_card"
    rows = await session.fetch("SELECT card_no, end_reason FROM seal_card ORDER BY card_no")
    assert [tuple(row.values()) for row in rows] == [
        (registered.card_no, "lost"),
        (again.card_no, "exchanged"),
        (exchanged.card_no, "returned"),
    ]


async def test_com_042_every_act_is_audited_with_person_and_staff(
    session: WriteSession, config: TenantConfig, registered: RegistrationResult, family: MovementResult
) -> None:
    await act(session, config, registered, "suspend", reason="盗難")
    event = session.audit_events[-1]
    assert (event.action, event.subject, event.reason) == (
        "seal_registration.act",
        f"addressee:{family.addressee_nos[0]}",
        "盗難",
    )


async def test_inkan_012_a_new_card_lifts_the_stop_of_its_loss_and_none_that_was_decided(
    session: WriteSession, config: TenantConfig, registered: RegistrationResult
) -> None:
    stopped = await act(session, config, registered, "suspend", reason="警察からの照会")
    with pytest.raises(Conflict, match="停止を解除"):
        await card(session, config, stopped, "reissued")
    lost = await card(session, config, stopped, "lost", card_reason="財布ごと紛失")
    with pytest.raises(Conflict, match="停止を解除"):
        await card(session, config, lost, "reissued")
    freed = await act(session, config, lost, "resume", reason="照会の終わり")
    given = await card(session, config, freed, "reissued")
    again = await card(session, config, given, "lost", card_reason="紛失")
    assert again.status == "suspended"
    assert (await card(session, config, again, "reissued")).status == "active"
