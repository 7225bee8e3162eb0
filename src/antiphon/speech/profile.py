"""What a speech engine can do. A difference between engines is a field here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecogniserProfile:
    """`languages` are ISO 639-1 codes, empty where any may be tried."""

    fingerprint: str
    languages: tuple[str, ...] = ()
    times_words: bool = True
    translates: bool = False


@dataclass(frozen=True, slots=True)
class SynthesiserProfile:
    """`times_words` is False where times are estimated from the audio's length and the words' letters."""

    fingerprint: str
    rate_hz: int
    times_words: bool = True
