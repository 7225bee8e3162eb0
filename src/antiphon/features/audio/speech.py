"""`/v1/audio/speech`: a text becomes a file while it is still being spoken."""

from base64 import b64encode
from collections.abc import AsyncGenerator
from contextlib import aclosing

from antiphon.callers import Caller
from antiphon.errors import InvalidRequest
from antiphon.features.audio.speaking import Utterance
from antiphon.ids import Ids
from antiphon.ports import AudioFiles, SpeechEngines
from antiphon.speech.clauses import ClauseSplitter
from antiphon.speech.metering import spoken_tokens, text_tokens
from antiphon.speech.work import SpeechWork
from antiphon.wire.audio.speech import (
    SpeechAudioDelta,
    SpeechAudioDone,
    SpeechEvent,
    SpeechRequest,
    SpeechUsage,
    voice_name,
)


class Speech:
    """Speaks texts. `instructions` are taken, and no catalogued voice follows any."""

    def __init__(self, engines: SpeechEngines, files: AudioFiles, make_id: Ids) -> None:
        self._engines = engines
        self._files = files
        self._make_id = make_id

    async def audio(self, caller: Caller, request: SpeechRequest) -> AsyncGenerator[bytes, None]:
        """Yield the file's bytes as they are made. Raises `RequestError` or `EngineError`, also in the middle."""
        async with aclosing(self._file(self._utterance(caller, request), request)) as pieces:
            async for data in pieces:
                yield data

    async def events(self, caller: Caller, request: SpeechRequest) -> AsyncGenerator[SpeechEvent, None]:
        """Yield the same as events, and the usage at the end. Raises as `audio` does."""
        utterance = self._utterance(caller, request)
        async with aclosing(self._file(utterance, request)) as pieces:
            async for data in pieces:
                yield SpeechAudioDelta(audio=b64encode(data).decode())
        num_in, num_out = text_tokens(request.input), spoken_tokens(utterance.seconds)
        yield SpeechAudioDone(
            usage=SpeechUsage(input_tokens=num_in, output_tokens=num_out, total_tokens=num_in + num_out)
        )

    def _utterance(self, caller: Caller, request: SpeechRequest) -> Utterance:
        engine, voice = self._engines.synthesiser(request.model, voice_name(request.voice))
        work = SpeechWork(
            id=self._make_id("speech_"),
            organization=caller.organization,
            voice=voice,
            text="",
            speed=request.speed,
        )
        return Utterance(engine, work)

    async def _file(self, utterance: Utterance, request: SpeechRequest) -> AsyncGenerator[bytes, None]:
        encoder = self._files.encoder(request.response_format)
        splitter = ClauseSplitter()
        for clause in (*splitter.feed(request.input), *splitter.finish()):
            async with aclosing(utterance.say(clause)) as pieces:
                async for samples in pieces:
                    if data := await encoder.feed(samples):
                        yield data
        last = utterance.finish()
        if utterance.seconds == 0:
            raise InvalidRequest("There is nothing in 'input' that can be spoken.", param="input")
        if data := await encoder.feed(last) + await encoder.finish():
            yield data
