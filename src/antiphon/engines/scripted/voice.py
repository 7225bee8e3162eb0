"""The voice of the scripted model: any text as tones, word by word, and scripts performed."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator

from antiphon.engines.scripted.failures import error_of
from antiphon.engines.scripted.planning import chosen
from antiphon.engines.scripted.script import Crash, Fail, Say, Step, WaitFor, read_script, script_begins
from antiphon.engines.scripted.tokens import count
from antiphon.engines.scripted.tones import MS_PER_BYTE, SHORTEST_MS_PER_BYTE, num_samples, tones_of_bytes
from antiphon.errors import EngineFailed, InvalidRequest
from antiphon.speech.facts import AudioSpoken, SpeechFact
from antiphon.speech.profile import SynthesiserProfile
from antiphon.speech.words import TimedWord
from antiphon.speech.work import SpeechWork

RATE_HZ = 24_000
# A few letters may say that a text is to be spoken for hours, and all of it would be in memory.
MAX_SECONDS = 600
# What is told at once of a long word.
_PIECE_MS = 2000.0
# A word with the white space around it: joined, they are the text.
_WORD = re.compile(r"^\s*\S+\s*|\S+\s*|\s+$")


class ScriptedSynthesiser:
    """Speaks at once and the same each time, in tones that `tones` reads back; each fact is a word, or part of one.

    A script at the end of a text is performed in its place: `say`, `wait_ms`, `fail` and `crash`.
    """

    def __init__(self, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._sleep = sleep
        self._profile = SynthesiserProfile("fp_scripted1", rate_hz=RATE_HZ)

    @property
    def profile(self) -> SynthesiserProfile:
        """Words have exact times."""
        return self._profile

    async def speak(self, work: SpeechWork) -> AsyncGenerator[SpeechFact, None]:
        """Speak a text; see `Synthesiser.speak`.

        Raises what its script says, and `InvalidRequest` for a malformed one or where it takes too long to say.
        """
        utterance = _Utterance(work.speed * work.voice.rate)
        for step in _steps(work.text):
            match step:
                case Say():
                    text = chosen(step, seed=0, index=0)
                    for word in _WORD.findall(text):
                        await self._sleep(step.ms_per_token * count(word) / 1000)
                        for piece in utterance.speak(word, step.ms_per_character or MS_PER_BYTE):
                            yield piece
                case WaitFor():
                    await self._sleep(step.wait_ms / 1000)
                case Fail():
                    raise error_of(step.fail)
                case Crash():
                    raise EngineFailed(step.crash)
                case _:
                    raise InvalidRequest("A script that is spoken can 'say', 'wait_ms', 'fail' and 'crash'.")


class _Utterance:
    """How far an utterance is, in samples."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._num_samples = 0

    def speak(self, word: str, ms_per_character: float) -> Iterator[AudioSpoken]:
        ms_per_byte = max(ms_per_character / self._speed, SHORTEST_MS_PER_BYTE)
        data = word.encode()
        if self._num_samples + num_samples(len(data), RATE_HZ, ms_per_byte) > MAX_SECONDS * RATE_HZ:
            raise InvalidRequest(f"The scripted model speaks for {MAX_SECONDS} seconds at most.")
        sounding = self._num_samples + num_samples(len(word.rstrip().encode()), RATE_HZ, ms_per_byte)
        start_ms, end_ms = (1000 * place / RATE_HZ for place in (self._num_samples, sounding))
        num_at_once = max(1, int(_PIECE_MS / ms_per_byte))
        for begin in range(0, len(data), num_at_once):
            samples = tones_of_bytes(data[begin : begin + num_at_once], RATE_HZ, ms_per_byte)
            self._num_samples += len(samples)
            words = (TimedWord(word, start_ms, end_ms),) if begin + num_at_once >= len(data) else ()
            yield AudioSpoken(samples=samples.astype("<i2").tobytes(), words=words)


def _steps(text: str) -> Iterator[Step]:
    begins = script_begins(text)
    if begins is None:
        yield Say(text)
        return
    if text[:begins].strip():
        yield Say(text[:begins])
    yield from read_script(text[begins:]).answers[0]
