"""Which model a name means, and what is said where none can do the work."""

from collections.abc import Iterable

from antiphon.catalogue.entry import Kind
from antiphon.catalogue.reading import Catalogue
from antiphon.errors import InvalidRequest, ModelNotFound, NotFound
from antiphon.speech.voices import Voice

_ENDPOINTS: dict[Kind, str] = {
    "chat": "/v1/chat/completions",
    "embedding": "/v1/embeddings",
    "recognition": "/v1/audio/transcriptions",
    "speech": "/v1/audio/speech",
    "voice_activity": "/v1/realtime",
    "turns": "/v1/realtime",
}


def meant_by(catalogue: Catalogue, name: str) -> str:
    """Return the model that a name means. Raises `ModelNotFound`."""
    meant = catalogue.resolve(name)
    if meant is None:
        raise ModelNotFound(name, likely=catalogue.likely_meant(name))
    return meant


def not_here(asked: str, name: str) -> NotFound:
    """The model is catalogued, and its weights were not fetched yet."""
    known_as = f"`{asked}`" if asked == name else f"`{asked}` means `{name}`, which"
    return NotFound(
        f"The model {known_as} is not on this machine yet: `antiphon pull {name}` brings it.",
        param="model",
        code=ModelNotFound.default_code,
    )


def wrong_kind(model: str, what: str, kind: Kind) -> InvalidRequest:
    """The model is of the other kind `kind`; `what` it does not do."""
    instead = _ENDPOINTS[kind]
    return InvalidRequest(f"The model `{model}` {what}. Did you mean to use {instead}?", param="model")


def no_such_voice(voice: str, voices: Iterable[Voice]) -> InvalidRequest:
    """Nobody here speaks with that voice."""
    known = ", ".join(one.name for one in voices) or "none: `antiphon pull --defaults` brings some"
    return InvalidRequest(f"There is no voice `{voice}` here. There are: {known}.", param="voice")
