"""登録証: 亡失届 stops the registration, 再交付 and 引替え give a new number, 返納 takes the card back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from modules.resident.seal_registration.inputs import CardAct, RegistrationResult
from modules.resident.seal_registration.models import SealAct
from modules.resident.seal_registration.states import STATE_LABELS, Act, State
from modules.resident.seal_registration.writer import (
    Opened,
    end_card,
    enter_state,
    find_card,
    give_card,
    open_registration,
    record_act,
)
from yoriai.errors import Conflict
from yoriai.findings import Findings
from yoriai.rules import ParameterSet, Use
from yoriai.tenancy.session import WriteSession


@dataclass(frozen=True)
class CardChange:
    """What may be done with a card: in which states of the registration, and which state follows."""

    label: str
    sources: frozenset[State]
    target: State | None = None
    gives_new: bool = False
    needs_card: bool = True
    fee: str = ""


_LIVE = frozenset({State.ACTIVE, State.SUSPENDED})
CARD_ACTS: Mapping[str, CardChange] = {
    "lost": CardChange("亡失届（登録も一時停止）", frozenset({State.ACTIVE, State.SUSPENDED}), State.SUSPENDED),
    "reissued": CardChange(
        "再交付（一時停止を解く）", _LIVE, State.ACTIVE, gives_new=True, needs_card=False, fee="fee.card_reissue"
    ),
    "exchanged": CardChange("引替え（汚損など）", frozenset({State.ACTIVE}), gives_new=True),
    "returned": CardChange("返納", frozenset(State), None),
}


async def change_card(
    session: WriteSession, registration_no: int, body: CardAct, figures: ParameterSet, now: datetime
) -> RegistrationResult:
    """亡失届, 再交付, 引替え or 返納; the number of an ended card is never good again. Raises Conflict or Invalid.

    A new card lifts the stop that its loss brought, not one that somebody decided on.
    """
    opened = await open_registration(session, registration_no, body.version)
    change, before = CARD_ACTS[body.card_act], opened.status
    if before not in change.sources:
        raise Conflict(f"「{STATE_LABELS[before][0]}」の状態では「{change.label}」はできません。")
    if change.target is State.ACTIVE and await _is_stopped_by_decision(session, opened):
        raise Conflict("登録証の亡失によらない一時停止です。先に、判断の権限のある職員が停止を解除してください。")
    card = await find_card(session, registration_no)
    findings = Findings()
    if body.card_on > now.date():
        findings.refuse("card_on", "届出の日が今日より後です。", rule="order")
    if body.card_on < (card.issued_on if card else opened.state.valid_from):
        findings.refuse("card_on", "登録証の交付より前の日付です。", rule="order")
    if card is None and change.needs_card:
        findings.refuse("card_act", "有効な登録証がありません。", rule="no_card")
    if body.card_act == "lost" and not body.card_reason.strip():
        findings.refuse("card_reason", "亡失の事情を入力してください。", rule="required")
    findings.settle()
    after = change.target or before
    fee = Use(figures).yen(change.fee) if change.fee else 0
    act = await record_act(
        session, opened.registration, f"card_{body.card_act}", before, after, body.card_on, now,
        reason=body.card_reason, applicant=body.card_applicant, office=body.office, fee=fee,
    )  # fmt: skip
    if card is not None:
        await end_card(session, card, body.card_act, body.card_on, now)
    if after is not before:
        await enter_state(session, opened, after, act, now)
    else:
        opened.registration.version += 1
        await session.flush()
    given = await give_card(session, registration_no, body.card_no, body.card_on, now) if change.gives_new else None
    return RegistrationResult(
        registration_no=registration_no,
        status=after,
        version=opened.registration.version,
        card_no=given.card_no if given else None,
        card_fee=fee,
    )


async def _is_stopped_by_decision(session: WriteSession, opened: Opened) -> bool:
    if opened.status is not State.SUSPENDED or opened.state.act_id is None:
        return False
    act = await session.get(SealAct, opened.state.act_id)
    return act is not None and act.act == Act.SUSPEND
