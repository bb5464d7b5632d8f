"""計画の確定: frozen once, started by hand or taken back, each with who and why."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from batch.night import NightRequest
from batch.queue import QueueLink
from batch.request import CapacityStep
from batch.run import prepare_plan
from batch.tonight import cancel_night, confirm_night, start_night
from tests.batch import toy
from tests.batch.nights import OPERATOR, Queue
from yoriai.clock import now
from yoriai.errors import Conflict, Invalid
from yoriai.tenancy.ref import TenantRef

REQUEST = NightRequest(toy.DAY, {"cpu": 2, "io": 4, "connections": 16}, ("20:00", "32:30"), now())


def test_a_plan_is_confirmed_once_kept_with_its_parameters_and_started(
    dsn: str, link: QueueLink, queue: Queue, toy_tenants: Sequence[TenantRef]
) -> None:
    plan = prepare_plan(dsn, toy.CATALOGUE, REQUEST)
    night = confirm_night(dsn, plan, by=OPERATOR, parameters={"note": "月例"})
    assert queue.one("SELECT status, confirmed_by, parameters->>'note' FROM batch_night") == (
        "planned",
        "operator",
        "月例",
    )
    assert queue.one("SELECT parameters->'capacity'->>'cpu' FROM batch_night") == ("2",)
    with pytest.raises(Conflict, match="実行済み"):
        confirm_night(dsn, plan, by=OPERATOR)
    with link.transaction() as connection:
        start_night(connection, night, by=OPERATOR)
    assert queue.statuses()["toy.a"] == "ready"
    with pytest.raises(Conflict), link.transaction() as connection:
        cancel_night(connection, night, by=OPERATOR, reason="遅い")


def test_a_confirmed_plan_is_taken_back_with_a_reason_and_another_takes_its_place(
    dsn: str, link: QueueLink, queue: Queue, toy_tenants: Sequence[TenantRef]
) -> None:
    plan = prepare_plan(dsn, toy.CATALOGUE, REQUEST)
    night = confirm_night(dsn, plan, by=OPERATOR)
    with pytest.raises(Invalid), link.transaction() as connection:
        cancel_night(connection, night, by=OPERATOR, reason="")
    with link.transaction() as connection:
        cancel_night(connection, night, by=OPERATOR, reason="容量を見直す")
    assert queue.one("SELECT status FROM batch_night") == ("cancelled",)
    assert confirm_night(dsn, plan, by=OPERATOR) != night


def test_a_plan_that_does_not_fit_is_not_confirmed(dsn: str, queue: Queue, toy_tenants: Sequence[TenantRef]) -> None:
    tight = replace(REQUEST, window=("20:00", "20:00"), is_immediate=False)
    with pytest.raises(Invalid) as refusal:
        confirm_night(dsn, prepare_plan(dsn, toy.CATALOGUE, tight), by=OPERATOR)
    assert refusal.value.fields


def test_the_capacity_of_the_night_comes_in_steps_as_moments(
    dsn: str, queue: Queue, toy_tenants: Sequence[TenantRef]
) -> None:
    steps = (CapacityStep("22:00", {"cpu": 3}),)
    plan = prepare_plan(dsn, toy.CATALOGUE, replace(REQUEST, steps=steps, is_immediate=False))
    confirm_night(dsn, plan, by=OPERATOR)
    at, cpu = queue.one("SELECT (steps->0->>'at')::timestamptz - origin, steps->0->'capacity'->>'cpu' FROM batch_night")
    assert (str(at), cpu) == ("2:00:00", "3")
