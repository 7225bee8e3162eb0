"""The features over the scripted voice and ears."""

from collections.abc import Iterator

import pytest
from tests.fixtures.spoken import SpokenServer, spoken_server


@pytest.fixture
def server() -> Iterator[SpokenServer]:
    with spoken_server() as server:
        yield server
