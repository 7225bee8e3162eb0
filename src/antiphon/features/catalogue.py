"""The catalogue as callers see it: what there is, what is here, pulling and deleting."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from antiphon.catalogue.entry import Entry
from antiphon.catalogue.pulling import PullFact, PullProgress
from antiphon.catalogue.reading import Catalogue
from antiphon.errors import Conflict, NotFound
from antiphon.ports import ModelStore
from antiphon.wire.catalogue import (
    CatalogueList,
    CatalogueModel,
    CatalogueModelDeleted,
    PullDone,
    PullEvent,
    PullProgressed,
    PullSourceFailed,
)


class ModelCatalogue:
    """Answers `/antiphon/v1/models`. `is_in_use` says whether an engine runs the model of that name."""

    def __init__(self, catalogue: Catalogue, store: ModelStore, is_in_use: Callable[[str], bool]) -> None:
        self._catalogue = catalogue
        self._store = store
        self._is_in_use = is_in_use

    def list(self) -> CatalogueList:
        """Return every model of the catalogue."""
        return CatalogueList(data=[self._described(entry) for entry in self._catalogue.entries.values()])

    def retrieve(self, name: str) -> CatalogueModel:
        """Return one by its own name. Raises `NotFound`."""
        return self._described(self._catalogue.entry(name))

    async def pull(self, name: str) -> AsyncGenerator[PullEvent, None]:
        """Bring a model here, telling how far it is; what is here already is told at once.

        Raises `NotFound`, and what `ModelStore.pull` raises.
        """
        entry = self._catalogue.entry(name)
        async with aclosing(self._store.pull(entry)) as facts:
            async for fact in facts:
                yield _told(fact)
        yield PullDone(model=self._described(entry))

    async def delete(self, name: str) -> CatalogueModelDeleted:
        """Remove a model's weights. Raises `NotFound`, and `Conflict` while an engine runs them or they are pulled."""
        entry = self._catalogue.entry(name)
        if self._is_in_use(name):
            raise Conflict(
                f"An engine runs the model '{name}': stop the server, or take its engine away, and delete it then.",
                code="model_in_use",
            )
        if not await self._store.delete(entry):
            raise NotFound(f"The model '{name}' is not on this machine.", param="model")
        return CatalogueModelDeleted(id=name)

    def _described(self, entry: Entry) -> CatalogueModel:
        stored = self._store.stored(entry)
        return CatalogueModel(
            id=entry.name,
            about=entry.about,
            kind=entry.kind,
            licence=entry.licence,
            engine=entry.engine,
            context_tokens=entry.context_tokens or None,
            size_bytes=stored.size_bytes if stored else entry.kept_bytes,
            is_default=entry.is_default,
            aliases=list(self._catalogue.aliases_of(entry.name)),
            state=self._store.presence(entry).value,
            sha256=stored.sha256 if stored else entry.weights.sha256,
            source=stored.source if stored else None,
        )


def _told(fact: PullFact) -> PullEvent:
    if isinstance(fact, PullProgress):
        return PullProgressed(
            model=fact.model,
            stage=fact.stage.value,
            item=fact.item,
            done_bytes=fact.done_bytes,
            total_bytes=fact.total_bytes,
        )
    return PullSourceFailed(model=fact.model, source=fact.source, reason=fact.reason)
