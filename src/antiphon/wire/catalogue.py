"""`/antiphon/v1/models`: the catalogue, which of it is on this machine, and the pulling of the rest."""

from typing import Literal

import msgspec

from antiphon.wire.request import WireRequest


class CatalogueModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model of the catalogue. `size_bytes` is what its files take on disk; `None` where nobody knows yet.

    `context_tokens` is of models that read text. `sha256` is of the file that the engine is told of; it and `source`
    are known of a model that is here.
    """

    id: str
    object: Literal["antiphon.model"] = "antiphon.model"
    about: str
    kind: str
    licence: str
    engine: str
    context_tokens: int | None
    size_bytes: int | None
    is_default: bool
    aliases: list[str]
    state: Literal["here", "fetching", "absent"]
    sha256: str | None
    source: str | None


class CatalogueList(msgspec.Struct, frozen=True, kw_only=True):
    """All of them."""

    object: Literal["list"] = "list"
    data: list[CatalogueModel]


class PullRequest(WireRequest):
    """The body of `POST /antiphon/v1/models`: the model's own name."""

    model: str


class PullProgressed(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="progress"):
    """How far one item of a stage is. Both counts are 0 where nothing can be counted."""

    model: str
    stage: Literal["waiting", "locating", "fetching", "assembling", "making"]
    item: str
    done_bytes: int
    total_bytes: int


class PullSourceFailed(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="source_failed"):
    """A source could not give the model; the next one is tried."""

    model: str
    source: str
    reason: str


class PullDone(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="done"):
    """The model is here: the last event before `[DONE]`."""

    model: CatalogueModel


PullEvent = PullProgressed | PullSourceFailed | PullDone


class CatalogueModelDeleted(msgspec.Struct, frozen=True, kw_only=True):
    """The weights of a model are no longer on this machine."""

    id: str
    object: Literal["antiphon.model.deleted"] = "antiphon.model.deleted"
    deleted: bool = True
