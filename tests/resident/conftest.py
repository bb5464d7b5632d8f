"""A small register: one 町字 and a family of three."""

from typing import Any

import pytest
import pytest_asyncio

from modules.resident.basic_register.movements.inputs import MovementResult
from tests.resident.people import CHILD, FATHER, MOTHER, MoveInFactory, add_town, record_move_in
from yoriai.tenancy.session import WriteSession


@pytest_asyncio.fixture(loop_scope="session")
async def session(write_session: WriteSession) -> WriteSession:
    """A writing transaction with a 町字 to live in."""
    await add_town(write_session)
    return write_session


@pytest.fixture
def move_in(session: WriteSession) -> MoveInFactory:
    """Record a 転入 of the members given."""

    async def record(*members: dict[str, Any], **values: Any) -> MovementResult:
        return await record_move_in(session, *members, **values)

    return record


@pytest_asyncio.fixture(loop_scope="session")
async def family(move_in: MoveInFactory) -> MovementResult:
    """Father, mother and child, moved in on 10 November 2026."""
    return await move_in(FATHER, MOTHER, CHILD)
