"""What the model and the server can do, and how far a session may go."""

from collections.abc import Callable
from dataclasses import dataclass

_MIB = 1024 * 1024

# What a client set up or created is told back to it in one frame, which clients of old take up to 1 MiB. Both are
# counted as the JSON of that frame, without pictures and audio.
MOST_SETUP_BYTES = 512 * 1024
MOST_ITEM_BYTES = 512 * 1024
# The words of a spoken answer: at 30 letters a second, which is faster than voices are, as long as one may be. What
# would come after them would be heard by nobody.
MOST_SPOKEN_CHARS = 5400


def _any_name(_name: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the model of a session can do, and the voices that there are (none named: any will do).

    `recognises` tells whether a name is a transcription model's.
    """

    takes_images: bool = False
    takes_audio: bool = False
    calls_tools: bool = True
    voices: frozenset[str] = frozenset()
    recognises: Callable[[str], bool] = _any_name


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session may be and how much it may hold; None is no limit.

    `expires_at` (seconds since 1970) is what the client is told, `max_session_ms` what is held to. `max_ahead_ms` is
    how far audio may run ahead of its playback, `max_spoken_ms` how long a response may be: small models are known to
    repeat themselves without end, and the 4,096 tokens of the hosted service's longest answer, 20 of audio and about 3
    of text a second, are as long. `max_item_chars` is for the words and pictures of all items together,
    `max_audio_bytes` for their audio, of which the oldest is given up.
    """

    expires_at: int | None = None
    max_session_ms: float | None = None
    max_ahead_ms: float | None = None
    max_spoken_ms: float = 180_000
    max_items: int = 10_000
    max_buffer_bytes: int = 32 * _MIB
    max_item_chars: int = 64 * _MIB
    max_audio_bytes: int = 64 * _MIB
    max_parallel_responses: int = 8
