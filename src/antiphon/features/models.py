"""The names that a request may give as its model."""

from antiphon.ports import Engines
from antiphon.wire.models import Model, ModelList


class Models:
    """Answers `/v1/models`."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def list(self) -> ModelList:
        """Return every model and every alias."""
        return ModelList(data=list(self._engines.models()))

    def retrieve(self, name: str) -> Model:
        """Return one. Raises `ModelNotFound`."""
        return self._engines.model(name)
