"""The recogniser over an OpenAI-compatible server's `/audio/transcriptions` and `/audio/translations`."""

from collections.abc import AsyncGenerator, Iterator
from secrets import token_hex

from antiphon.audio.files import wav_head
from antiphon.engines.remote.calls import Call, World
from antiphon.engines.remote.engine import connected, fingerprint_of
from antiphon.engines.remote.transcripts import TranscriptReader
from antiphon.settings import RemoteEngine as RemoteEngineSettings
from antiphon.speech.facts import RecognitionFact
from antiphon.speech.profile import RecogniserProfile
from antiphon.speech.work import RECOGNITION_RATE_HZ, RecognitionWork


class RemoteRecogniser:
    """One upstream; all its models share the connections, the circuit breaker and the bound.

    The answer comes whole: `first_token_timeout_s` covers it all.
    """

    def __init__(self, settings: RemoteEngineSettings, *, world: World | None = None) -> None:
        self._upstream, self._calls = connected(settings, world)
        self._profile = RecogniserProfile(fingerprint_of(settings), times_words=settings.times_words, translates=True)

    @property
    def profile(self) -> RecogniserProfile:
        """What the settings say that the upstream can do."""
        return self._profile

    def recognise(self, work: RecognitionWork) -> AsyncGenerator[RecognitionFact, None]:
        """Send the audio on and tell what the answer says."""
        boundary = token_hex(16)
        call = Call(
            "/audio/translations" if work.task == "translate" else "/audio/transcriptions",
            work.model,
            _form(boundary, _fields(work, is_verbose=self._profile.times_words), wav_of(work.samples)),
            streams=False,
            headers={"content-type": f"multipart/form-data; boundary={boundary}"},
        )
        length_ms = len(work.samples) / 2 * 1000 / RECOGNITION_RATE_HZ
        language = "en" if work.task == "translate" else work.language
        return self._calls.told(call, lambda: TranscriptReader(language, length_ms))

    async def close(self) -> None:
        """Close all connections."""
        await self._upstream.close()


def wav_of(samples: bytes) -> bytes:
    """Return samples (signed 16-bit, `RECOGNITION_RATE_HZ`, one channel) as a WAV file."""
    return wav_head(len(samples), RECOGNITION_RATE_HZ) + samples


def _fields(work: RecognitionWork, *, is_verbose: bool) -> Iterator[tuple[str, str]]:
    yield "model", work.model
    yield "response_format", "verbose_json" if is_verbose else "json"
    if work.temperature:
        yield "temperature", str(work.temperature)
    if work.prompt:
        yield "prompt", work.prompt
    if work.task == "translate":
        return
    if work.language:
        yield "language", work.language
    if is_verbose and work.wants_words:
        yield "timestamp_granularities[]", "segment"
        yield "timestamp_granularities[]", "word"


def _form(boundary: str, fields: Iterator[tuple[str, str]], file: bytes) -> bytes:
    """Return the body of a form (RFC 7578) whose names need no quoting; `boundary` is in none of its values."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="audio.wav"\r\n'
    parts += [f"{head}Content-Type: audio/wav\r\n\r\n".encode(), file, f"\r\n--{boundary}--\r\n".encode()]
    return b"".join(parts)
