"""Incomes: conversion in bulk, registering and correcting, what others are told."""

from datetime import date
from typing import Any

import httpx
import polars as pl

from modules.resident.basic_register.movements.inputs import MovementResult
from modules.tax.income.calc import PARAMETERS
from modules.tax.income.conversion import convert
from modules.tax.income.facts import list_incomes
from yoriai.audit import SYSTEM
from yoriai.rules import Moment
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Database

HTML = {"accept": "text/html"}


def _path(config: TenantConfig, number: int, rest: str = "") -> str:
    return f"/{config.code}/income/persons/{number}{rest}"


def test_conversion_keeps_the_order_and_the_other_columns(config: TenantConfig) -> None:
    frame = pl.DataFrame(
        {
            "addressee_no": [3, 1, 2],
            "birth_date": [date(1990, 1, 1), date(1950, 1, 1), date(1961, 1, 1)],
            "salary_revenue": [5_000_000, 0, 1_000_000],
            "pension_revenue": [0, 2_000_000, 1_500_000],
        }
    )
    figures = config.figures(PARAMETERS, Moment.of_income_year(2025))
    converted = convert(frame, figures)
    assert converted["addressee_no"].to_list() == [3, 1, 2]
    assert converted["salary_income"].to_list() == [3_560_000, 0, 250_000]
    assert converted["pension_income"].to_list() == [0, 900_000, 400_000]
    assert converted["sum_income_amount"].to_list() == [3_560_000, 900_000, 650_000]
    assert converted["total_income_amount"].to_list() == [3_560_000, 900_000, 650_000]


async def test_income_is_converted_explained_and_published(
    clerk: httpx.AsyncClient, config: TenantConfig, settled: MovementResult, database: Database
) -> None:
    father = settled.addressee_nos[0]
    body: dict[str, Any] = {"source": "reported", "salary_revenue": "5,000,000"}
    saved = await clerk.post(_path(config, father, "/years/2024"), data=body | {"action": "submit"}, headers=HTML)
    assert saved.status_code == 303, saved.text
    page = (await clerk.get(saved.headers["location"], headers=HTML)).text
    assert "3,560,000円" in page
    assert "所得税法28条" in page
    assert "合計所得金額" in page
    async with database.read(config.tenant, SYSTEM) as session:
        known = await list_incomes(session, 2024, settled.addressee_nos)
        event = await session.fetchrow("SELECT topic, key, payload FROM outbox_event WHERE topic = 'income.changed'")
    assert known[father].sum_income_amount == 3_560_000
    assert event is not None
    assert event["key"] == f"addressee:{father}"


async def test_a_correction_keeps_the_old_record_and_refuses_a_stale_form(
    clerk: httpx.AsyncClient, config: TenantConfig, settled: MovementResult
) -> None:
    path = _path(config, settled.addressee_nos[0], "/years/2024")
    first = (await clerk.post(path, json={"source": "reported", "salary_revenue": 5_000_000})).json()
    stale = await clerk.post(path, json={"source": "declared", "salary_revenue": 6_000_000})
    assert stale.status_code == 409
    corrected = {"source": "declared", "salary_revenue": 6_000_000, "replaces": first["id"]}
    assert (await clerk.post(path, json=corrected)).status_code == 200
    rows = (await clerk.get(_path(config, settled.addressee_nos[0]))).json()["rows"]
    of_year = [row for row in rows if row["income_year"] == 2024]
    assert [row["superseded_at"] is None for row in of_year] == [True, False]


async def test_amounts_of_somebody_undeclared_are_refused(
    clerk: httpx.AsyncClient, config: TenantConfig, settled: MovementResult
) -> None:
    path = _path(config, settled.addressee_nos[0], "/years/2024")
    body = {"source": "inquiry", "is_declared": "false", "salary_revenue": "1"}
    refused = await clerk.post(path, data=body, headers=HTML)
    assert refused.status_code == 422
    assert "未申告の人に金額は登録できません" in refused.text
    assert (await clerk.post(path, json={"source": "inquiry", "is_declared": False})).status_code == 200


async def test_the_form_starts_with_what_is_known(
    clerk: httpx.AsyncClient, config: TenantConfig, settled: MovementResult
) -> None:
    path = _path(config, settled.addressee_nos[0], "/years/2024")
    await clerk.post(path, json={"source": "reported", "salary_revenue": 5_000_000})
    page = (await clerk.get(f"{path}/edit", headers=HTML)).text
    assert 'value="5000000"' in page
    assert 'name="replaces"' in page
    assert "年別の所得" in (await clerk.get(_path(config, settled.addressee_nos[0]), headers=HTML)).text
