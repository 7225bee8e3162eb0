"""A text that is spoken clause by clause."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from antiphon.audio.files import FILE_RATE_HZ, FILE_SAMPLE_BYTES
from antiphon.audio.formats import AudioFormat
from antiphon.audio.resampling import Resampler
from antiphon.ports import Synthesiser
from antiphon.speech.work import SpeechWork


class Utterance:
    """One text in one voice, as samples: signed 16-bit little-endian, one channel, `FILE_RATE_HZ`.

    `work` is what each clause is asked as, but for its text.
    """

    def __init__(self, engine: Synthesiser, work: SpeechWork) -> None:
        self._engine = engine
        self._work = work
        self._resampler = Resampler(engine.profile.rate_hz, FILE_RATE_HZ)
        self._num_bytes = 0

    @property
    def seconds(self) -> float:
        """How long it is so far."""
        return self._num_bytes / (FILE_RATE_HZ * FILE_SAMPLE_BYTES)

    async def say(self, clause: str) -> AsyncGenerator[bytes, None]:
        """Yield the samples of the next clause as they are made. Raises as `Synthesiser.speak` does."""
        if not clause.strip():
            return
        async with aclosing(self._engine.speak(msgspec.structs.replace(self._work, text=clause))) as facts:
            async for fact in facts:
                samples = self._resampler.feed(AudioFormat.PCM16.decode(fact.samples))
                if len(samples):
                    yield self._counted(AudioFormat.PCM16.encode(samples))

    def finish(self) -> bytes:
        """Return the last samples; the text is over."""
        return self._counted(AudioFormat.PCM16.encode(self._resampler.finish()))

    def _counted(self, data: bytes) -> bytes:
        self._num_bytes += len(data)
        return data
