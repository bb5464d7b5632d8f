"""Two clerks at once: one seal, one person, one card, one serial number."""

import asyncio

from modules.resident.basic_register.movements.inputs import MovementResult
from modules.resident.seal_registration import issuing, service
from modules.resident.seal_registration.figures import figures_of
from modules.resident.seal_registration.inputs import (
    CertificateRequest,
    IssueResult,
    RegistrationAct,
    RegistrationResult,
)
from tests.resident.people import NOW
from tests.resident.seal.seals import register
from yoriai.audit import SYSTEM
from yoriai.errors import Conflict, Invalid
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Database


async def _register(database: Database, config: TenantConfig, number: int) -> RegistrationResult:
    async with database.write(config.tenant, SYSTEM) as session:
        return await register(session, config, number)


async def test_of_two_clerks_registering_one_seal_for_two_people_the_second_is_told(
    database: Database, config: TenantConfig, settled: MovementResult
) -> None:
    numbers = settled.addressee_nos[:2]
    outcomes = await asyncio.gather(*(_register(database, config, n) for n in numbers), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Invalid)]
    assert sum(isinstance(outcome, RegistrationResult) for outcome in outcomes) == 1
    assert [(error.field, error.rule) for error in refused[0].fields] == [("image", "taken")]


async def test_of_two_clerks_registering_one_person_the_second_is_told(
    database: Database, config: TenantConfig, settled: MovementResult
) -> None:
    number = settled.addressee_nos[0]
    outcomes = await asyncio.gather(*(_register(database, config, number) for _ in range(4)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Invalid)]
    assert len(refused) == 3
    assert {(error.field, error.rule) for each in refused for error in each.fields} == {("addressee_no", "duplicate")}


async def test_of_two_clerks_ending_one_registration_the_second_is_told(
    database: Database, config: TenantConfig, settled: MovementResult
) -> None:
    registered = await _register(database, config, settled.addressee_nos[0])
    figures = figures_of(config, NOW.date())

    async def end(reason: str) -> RegistrationResult:
        body = {"version": 1, "act": "end", "on": "2026-11-20", "end_reason": reason, "reason": "申請"}
        async with database.write(config.tenant, SYSTEM) as session:
            act = RegistrationAct.model_validate(body)
            return await service.act_on_registration(session, registered.registration_no, act, figures, NOW)

    outcomes = await asyncio.gather(end("application"), end("lost_seal"), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {RegistrationResult, Conflict}


async def test_serial_numbers_are_neither_doubled_nor_skipped(
    database: Database, config: TenantConfig, settled: MovementResult
) -> None:
    registered = await _register(database, config, settled.addressee_nos[0])
    body = {"card_no": registered.card_no, "birth_date": "S60.4.1", "copies": 3}
    figures = figures_of(config, NOW.date())

    async def issue() -> IssueResult:
        async with database.write(config.tenant, SYSTEM) as session:
            request = CertificateRequest.model_validate(body)
            return await issuing.issue(session, request, config, figures, NOW)

    issued = await asyncio.gather(*(issue() for _ in range(6)))
    numbers = sorted(number for result in issued for number in result.serial_nos)
    assert numbers == list(range(1, 19))
