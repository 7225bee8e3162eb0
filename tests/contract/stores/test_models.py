"""What every store of models does."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from antiphon.catalogue.entry import Entry
from antiphon.catalogue.pulling import Presence, PullProgress
from antiphon.errors import UpstreamFailed
from antiphon.ports import ModelStore
from antiphon.stores.models.folder import ModelFolder
from antiphon.testing.models import ModelsInMemory

WEIGHTS = b"weights" * 1000


class Subject:
    """A store, a model that it can pull, and the breaking of its source."""

    def __init__(self, store: ModelStore, source: Path) -> None:
        self.store = store
        self._source = source
        source.write_bytes(WEIGHTS)
        self.entry = Entry.model_validate(
            {
                "name": "small",
                "kind": "chat",
                "licence": "MIT",
                "context_tokens": 2048,
                "files": [
                    {
                        "name": "model.gguf",
                        "size_bytes": len(WEIGHTS),
                        "sha256": hashlib.sha256(WEIGHTS).hexdigest(),
                    }
                ],
                "sources": [{"paths": {"model.gguf": str(source)}}],
            }
        )

    def break_source(self) -> None:
        """Make the next pull fail."""
        self._source.unlink()

    def mend_source(self) -> None:
        """Make the pulls after it succeed."""
        self._source.write_bytes(WEIGHTS)


class SubjectInMemory(Subject):
    """The fake fails when it is told to."""

    def break_source(self) -> None:
        """Make the next pull fail."""
        self.store = ModelsInMemory([UpstreamFailed("It is gone.")])


@pytest.fixture(params=["memory", "folder"])
async def subject(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Subject]:
    if request.param == "memory":
        yield SubjectInMemory(ModelsInMemory(), tmp_path / "source.gguf")
    else:
        yield Subject(ModelFolder(tmp_path / "models"), tmp_path / "source.gguf")


async def test_a_pulled_model_is_here(subject: Subject):
    """With the size and checksum that the catalogue gives."""
    assert subject.store.presence(subject.entry) is Presence.ABSENT
    assert subject.store.stored(subject.entry) is None
    async for _ in subject.store.pull(subject.entry):
        pass
    assert subject.store.presence(subject.entry) is Presence.HERE
    stored = subject.store.stored(subject.entry)
    assert stored is not None
    assert (stored.model, stored.size_bytes) == ("small", len(WEIGHTS))
    assert stored.sha256 == subject.entry.weights.sha256


async def test_a_pull_tells_how_far_it_is(subject: Subject):
    """To its end."""
    facts = [fact async for fact in subject.store.pull(subject.entry)]
    progress = [fact for fact in facts if isinstance(fact, PullProgress)]
    assert progress[-1].done_bytes == progress[-1].total_bytes == len(WEIGHTS)


async def test_a_second_pull_tells_nothing(subject: Subject):
    """There is nothing to do."""
    async for _ in subject.store.pull(subject.entry):
        pass
    assert [fact async for fact in subject.store.pull(subject.entry)] == []


async def test_a_pull_that_failed_can_be_repeated(subject: Subject):
    """The model is not here before it succeeded."""
    subject.break_source()
    with pytest.raises(UpstreamFailed):
        async for _ in subject.store.pull(subject.entry):
            pass
    assert subject.store.stored(subject.entry) is None
    subject.mend_source()
    async for _ in subject.store.pull(subject.entry):
        pass
    assert subject.store.stored(subject.entry) is not None


async def test_a_deleted_model_is_gone(subject: Subject):
    """A second time there is nothing to delete."""
    async for _ in subject.store.pull(subject.entry):
        pass
    assert await subject.store.delete(subject.entry)
    assert subject.store.stored(subject.entry) is None
    assert not await subject.store.delete(subject.entry)
