"""The synthesiser over an OpenAI-compatible server's `/audio/speech`."""

from collections.abc import AsyncGenerator, Sequence

import msgspec

from antiphon.engines.remote.calls import Call, World
from antiphon.engines.remote.engine import connected, fingerprint_of
from antiphon.engines.remote.estimates import EstimatedWords, Pace
from antiphon.errors import UpstreamFailed
from antiphon.settings import RemoteEngine as RemoteEngineSettings
from antiphon.speech.facts import AudioSpoken, SpeechFact
from antiphon.speech.profile import SynthesiserProfile
from antiphon.speech.work import SpeechWork

# What OpenAI's `pcm` is: signed 16-bit little-endian samples, one channel.
RATE_HZ = 24_000


class RemoteSynthesiser:
    """One upstream. A voice's `model` and `speaker` are the upstream's names; times of words are estimated."""

    def __init__(self, settings: RemoteEngineSettings, *, world: World | None = None) -> None:
        self._upstream, self._calls = connected(settings, world)
        self._profile = SynthesiserProfile(fingerprint_of(settings), rate_hz=RATE_HZ, times_words=False)
        self._pace = Pace()

    @property
    def profile(self) -> SynthesiserProfile:
        """24 kHz, and no times of words."""
        return self._profile

    def speak(self, work: SpeechWork) -> AsyncGenerator[SpeechFact, None]:
        """Send a text on and tell its audio as it comes."""
        body: dict[str, object] = {
            "model": work.voice.model,
            "voice": work.voice.speaker or work.voice.name,
            "input": work.text,
            "response_format": "pcm",
        }
        speed = work.speed * work.voice.rate
        if speed != 1:
            body["speed"] = speed
        call = Call("/audio/speech", work.voice.model, msgspec.json.encode(body), streams=True, is_raw=True)
        return self._calls.told(call, lambda: SpeechReader(work.text, speed, self._pace))

    async def close(self) -> None:
        """Close all connections."""
        await self._upstream.close()


class SpeechReader:
    """Reads the audio of one text, spoken at `speed`."""

    def __init__(self, text: str, speed: float, pace: Pace) -> None:
        self._words = EstimatedWords(text, pace.ms_per_letter / speed)
        self._speed = speed
        self._pace = pace
        self._half_sample = b""
        self._num_bytes = 0

    def read(self, data: bytes) -> Sequence[SpeechFact]:
        """Return the whole samples of what came, with the words that are thought to end in it."""
        samples = self._half_sample + data
        whole = len(samples) // 2 * 2
        samples, self._half_sample = samples[:whole], samples[whole:]
        self._num_bytes += whole
        return [AudioSpoken(samples=samples, words=self._words.until(self._audio_ms))] if whole else []

    @property
    def is_counted(self) -> bool:
        """Speech is charged by its length, which is known."""
        return True

    def end(self) -> SpeechFact:
        """Return the rest of the words. Raises `UpstreamFailed` where a text with words gave no audio."""
        if self._num_bytes == 0 and self._words.num_letters:
            raise UpstreamFailed("The engine answered without a sound.")
        self._pace.learn(self._words.num_letters, self._audio_ms, self._speed)
        return AudioSpoken(samples=b"", words=self._words.finish(self._audio_ms))

    @property
    def _audio_ms(self) -> float:
        return self._num_bytes / 2 * 1000 / RATE_HZ
