"""Models whose weights are nowhere: a store that only remembers which ones were pulled."""

from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

from antiphon.catalogue.entry import Entry
from antiphon.catalogue.pulling import Presence, PullFact, PullProgress, Stage, StoredModel
from antiphon.errors import AntiphonError


class ModelsInMemory:
    """Pulls anything at once; `failures` are raised by the next pulls, one each."""

    def __init__(self, failures: Sequence[AntiphonError] = ()) -> None:
        self._failures = list(failures)
        self._here: dict[str, StoredModel] = {}

    def stored(self, entry: Entry) -> StoredModel | None:
        """Return the weights, where they were pulled."""
        return self._here.get(entry.name)

    def presence(self, entry: Entry) -> Presence:
        """Return whether they were."""
        return Presence.HERE if entry.name in self._here else Presence.ABSENT

    async def pull(self, entry: Entry) -> AsyncGenerator[PullFact, None]:
        """Tell of one part, halfway and whole, or fail halfway."""
        if entry.name in self._here:
            return
        weights = entry.weights
        size_bytes = entry.kept_bytes or 0
        yield PullProgress(entry.name, Stage.FETCHING, weights.name, size_bytes // 2, size_bytes)
        if self._failures:
            raise self._failures.pop(0)
        yield PullProgress(entry.name, Stage.FETCHING, weights.name, size_bytes, size_bytes)
        path = Path("/nowhere") / entry.name / weights.name
        self._here[entry.name] = StoredModel(entry.name, path, size_bytes, weights.sha256 or "", "memory")

    async def delete(self, entry: Entry) -> bool:
        """Forget a model; return whether it was there."""
        return self._here.pop(entry.name, None) is not None
