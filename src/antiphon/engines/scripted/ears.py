"""The ears of the scripted model: it hears what is said in tones, and nothing in any other sound."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress

import numpy as np

from antiphon.audio.formats import Samples
from antiphon.engines.scripted.failures import error_of
from antiphon.engines.scripted.script import Hearing, is_script, read_script
from antiphon.engines.scripted.tokens import count
from antiphon.engines.scripted.tones import HeardText, heard_texts, text_of_tones
from antiphon.errors import EngineFailed, InvalidRequest
from antiphon.speech.facts import RecognitionEnded, RecognitionFact, SegmentHeard
from antiphon.speech.profile import RecogniserProfile
from antiphon.speech.words import TimedWord
from antiphon.speech.work import RECOGNITION_RATE_HZ, RecognitionWork

FRAME_SAMPLES = 512
# -44 dB of full scale: well above the noise of G.711's silence, well below the quietest tone that is understood.
VOICE_LEVEL = 200.0
# The language that is told where the caller does not say one.
LANGUAGE = "en"
# How likely it is that a speaker is done whose words end so, and otherwise.
_UNFINISHED = re.compile(r"(,|\.\.\.|…|\band|\bor|\bbut)\s*$")
DONE, NOT_DONE = 1.0, 0.0
# A minute, which takes some 0.1 s.
_LONG_BYTES = 60 * 2 * RECOGNITION_RATE_HZ

_WORD = re.compile(r"^\s*\S+\s*|\S+\s*|\s+$")


class ScriptedRecogniser:
    """Reads tones back to the text that they are of; a script among it says how its recognition goes."""

    def __init__(self, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._sleep = sleep
        self._profile = RecogniserProfile("fp_scripted1", translates=True)

    @property
    def profile(self) -> RecogniserProfile:
        """Any language is understood, and a translation is what was said."""
        return self._profile

    async def recognise(self, work: RecognitionWork) -> AsyncGenerator[RecognitionFact, None]:
        """Tell what is said; see `Recogniser.recognise`. Raises what the script in it says."""
        heard = await _heard(work.samples)
        await self._obey(_hearing_in("".join(one.text for one in heard)))
        for one in heard:
            yield SegmentHeard(
                text=one.text,
                start_ms=one.start_ms,
                end_ms=one.byte_ends_ms[-1],
                words=timed_words(one) if work.wants_words else (),
            )
        yield RecognitionEnded(work.language or LANGUAGE, sum(count(one.text) for one in heard))

    async def _obey(self, hearing: Hearing) -> None:
        if hearing.wait_ms:
            await self._sleep(hearing.wait_ms / 1000)
        if hearing.fail is not None:
            raise error_of(hearing.fail)
        if hearing.crash is not None:
            raise EngineFailed(hearing.crash)


class ScriptedVoiceActivity:
    """Takes every frame that is not silent for a voice."""

    def __init__(self) -> None:
        self._rest = b""

    def judge(self, samples: bytes) -> tuple[float, ...]:
        """Return 1 for each frame with a sound and 0 for each without; see `VoiceActivity.judge`."""
        data = self._rest + samples
        num_frames = len(data) // (2 * FRAME_SAMPLES)
        whole, self._rest = data[: num_frames * 2 * FRAME_SAMPLES], data[num_frames * 2 * FRAME_SAMPLES :]
        frames = _samples_of(whole).reshape(num_frames, FRAME_SAMPLES).astype(np.float64)
        return tuple(map(float, np.sqrt((frames**2).mean(axis=1)) >= VOICE_LEVEL))

    def forget(self) -> None:
        """Begin anew."""
        self._rest = b""


class ScriptedTurnJudge:
    """Takes a speaker to be done unless the words end in a comma, three dots, or 'and', 'or' or 'but'."""

    async def judge(self, samples: bytes) -> float:
        """Return 1 or 0; see `TurnJudge.judge`."""
        text = text_of_tones(_samples_of(samples), RECOGNITION_RATE_HZ)
        return NOT_DONE if _UNFINISHED.search(text) else DONE


async def _heard(samples: bytes) -> list[HeardText]:
    """Return the texts in samples; a long recording is listened to beside the event loop."""
    if len(samples) <= _LONG_BYTES:
        return heard_texts(_samples_of(samples), RECOGNITION_RATE_HZ)
    return await asyncio.to_thread(heard_texts, _samples_of(samples), RECOGNITION_RATE_HZ)


def timed_words(heard: HeardText) -> tuple[TimedWord, ...]:
    """Return the words of a text with the times of their tones; the white space after a word is not part of those."""
    words: list[TimedWord] = []
    num_bytes, start_ms = 0, heard.start_ms
    for word in _WORD.findall(heard.text):
        sounding = num_bytes + len(word.rstrip().encode())
        num_bytes += len(word.encode())
        end_ms = heard.byte_ends_ms[sounding - 1] if sounding else start_ms
        words.append(TimedWord(word, start_ms, end_ms))
        start_ms = heard.byte_ends_ms[num_bytes - 1]
    return tuple(words)


def _hearing_in(text: str) -> Hearing:
    """Return what a script says of its recognition; of a malformed one the model itself is to tell."""
    with suppress(InvalidRequest):
        return read_script(text).hear if is_script(text) else Hearing()
    return Hearing()


def _samples_of(data: bytes) -> Samples:
    return np.frombuffer(data, dtype="<i2").astype(np.int16)
