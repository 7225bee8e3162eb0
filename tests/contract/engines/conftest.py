"""Each test of the contract runs once over each engine."""

from collections.abc import AsyncIterator

import pytest
from tests.contract.engines import subjects
from tests.contract.engines.subjects import Subject

SUBJECTS = {"scripted": subjects.scripted, "remote": subjects.remote}


@pytest.fixture(params=SUBJECTS)
async def subject(request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    """One engine, ready."""
    async with SUBJECTS[request.param]() as one:
        yield one


@pytest.fixture(params=[False, True], ids=["whole", "streamed"])
def streams(request: pytest.FixtureRequest) -> bool:
    """Whether the caller's answer is streamed."""
    return request.param
