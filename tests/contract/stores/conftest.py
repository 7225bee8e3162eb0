"""A database for each test that asks for one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.contract.stores.databases import KINDS, open_database

from antiphon.stores.database.database import Database


@pytest.fixture(params=KINDS)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database with today's tables."""
    async with open_database(request.param, tmp_path) as database:
        yield database
