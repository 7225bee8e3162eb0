"""A voice: a catalogued model's speaker, and how it is bent so that voices can be told apart."""

import msgspec


class Voice(msgspec.Struct, frozen=True):
    """What a synthesiser needs to know of a voice.

    `rate` of 1 is the model's own speed. `pitch_semitones` moves the whole spectrum. `languages` are ISO 639-1 codes.
    """

    name: str
    model: str
    speaker: str | None = None
    rate: float = 1.0
    pitch_semitones: float = 0.0
    languages: tuple[str, ...] = ("en",)
