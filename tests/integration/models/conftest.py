"""A loopback index that pip is pointed to, and a folder of models beside it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.models.loopback import Loopback, on_loopback

from antiphon.stores.models.folder import ModelFolder


@pytest.fixture
async def loopback(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Loopback]:
    """An index and a hub; pip knows no other index."""
    async with on_loopback() as loopback:
        monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
        monkeypatch.setenv("PIP_INDEX_URL", f"{loopback.url}/simple/")
        for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX", "PIP_CONSTRAINT"):
            monkeypatch.delenv(name, raising=False)
        yield loopback


@pytest.fixture
def folder(loopback: Loopback, tmp_path: Path) -> ModelFolder:
    """An empty folder, which takes the loopback server for the hub and does not pause after failures."""
    return ModelFolder(tmp_path / "models", hub_url=loopback.url, first_delay_s=0)
