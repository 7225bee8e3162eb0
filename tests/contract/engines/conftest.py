"""Each test of the contract runs once over each engine, which lives as long as the session: a model takes its time."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.contract.engines import subjects
from tests.contract.engines.subjects import Subject

SUBJECTS = {"scripted": subjects.scripted, "remote": subjects.remote, "llama": subjects.llama}
EMBEDDERS = {"scripted": subjects.scripted, "remote": subjects.remote, "llama": subjects.llama_embedding}


@pytest_asyncio.fixture(params=SUBJECTS, scope="session", loop_scope="session")
async def subject(request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    """One engine, ready."""
    async with SUBJECTS[request.param]() as one:
        yield one


@pytest_asyncio.fixture(params=EMBEDDERS, scope="session", loop_scope="session")
async def embedder(request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    """One engine that embeds, ready."""
    async with EMBEDDERS[request.param]() as one:
        yield one


@pytest.fixture(params=[False, True], ids=["whole", "streamed"])
def streams(request: pytest.FixtureRequest) -> bool:
    """Whether the caller's answer is streamed."""
    return request.param
