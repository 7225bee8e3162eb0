"""`/v1/audio`: speech, transcriptions and translations."""

from collections.abc import AsyncGenerator

from fastapi import APIRouter, Request, Response

from antiphon.audio.files import MEDIA_TYPES
from antiphon.errors import InternalError
from antiphon.features.audio.speech import Speech
from antiphon.features.audio.transcriptions import Transcriptions
from antiphon.server.exchange import caller_of
from antiphon.server.forms import Fields, read_fields
from antiphon.server.openapi import operation
from antiphon.server.presence import answer_or_stop
from antiphon.server.rates import RateLimits, estimated_tokens
from antiphon.server.routes.answering import encoded, streamed
from antiphon.server.streams import ByteStream
from antiphon.wire.audio.speech import SpeechAudioDelta, SpeechRequest
from antiphon.wire.audio.transcriptions import (
    PlainTranscript,
    Transcription,
    TranscriptionAnswer,
    TranscriptionForm,
    TranscriptTextDelta,
    TranslationForm,
)
from antiphon.wire.forms import read_form
from antiphon.wire.reading import read

# Ten tokens a second, of audio that is taken to be of 128 kbit/s: before it is decoded nobody knows better.
_FILE_BYTES_PER_TOKEN = 1600


def audio_routes(speech: Speech, transcriptions: Transcriptions, rates: RateLimits) -> APIRouter:
    """Return the routes of audio files."""
    router = APIRouter(tags=["Audio"])

    spoken = operation(request=SpeechRequest, event=SpeechAudioDelta, media=tuple(MEDIA_TYPES.values()))
    transcribed = operation(Transcription, form=TranscriptionForm, event=TranscriptTextDelta, media=("text/plain",))
    translated = operation(Transcription, form=TranslationForm, media=("text/plain",))

    @router.post("/v1/audio/speech", openapi_extra=spoken)
    async def create_speech(request: Request) -> Response:
        """Speak a text; the file is sent while it is made."""
        body = await request.body()
        asked = read(SpeechRequest, body)
        caller = caller_of(request)
        rates.admit(request, asked.model, estimated_tokens(body, 0))
        if asked.stream_format == "sse":
            return await streamed(request, speech.events(caller, asked))
        return await _bytes(request, speech.audio(caller, asked), MEDIA_TYPES[asked.response_format])

    @router.post("/v1/audio/transcriptions", openapi_extra=transcribed)
    async def create_transcription(request: Request) -> Response:
        """Tell the words of a file, whole or as they are heard."""
        fields = await read_fields(request)
        form = read_form(TranscriptionForm, fields)
        caller = caller_of(request)
        rates.admit(request, form.model, _estimated_tokens(fields))
        if form.stream:
            return await streamed(request, transcriptions.stream(caller, form))
        return _written(await answer_or_stop(request, transcriptions.answer(caller, form)))

    @router.post("/v1/audio/translations", openapi_extra=translated)
    async def create_translation(request: Request) -> Response:
        """Tell the words of a file in English."""
        fields = await read_fields(request)
        form = read_form(TranslationForm, fields)
        rates.admit(request, form.model, _estimated_tokens(fields))
        return _written(await answer_or_stop(request, transcriptions.answer(caller_of(request), form)))

    return router


def _written(answer: TranscriptionAnswer) -> Response:
    if isinstance(answer, PlainTranscript):
        return Response(answer.text, media_type="text/plain")
    return encoded(answer)


async def _bytes(request: Request, pieces: AsyncGenerator[bytes, None], media_type: str) -> Response:
    """Return a stream of bytes. What fails before the first of them fails with a status of its own."""
    try:
        first = await answer_or_stop(request, anext(pieces))
    except StopAsyncIteration:
        raise InternalError("An engine told nothing, not even that it had finished.") from None
    except BaseException:
        await pieces.aclose()
        raise
    return ByteStream(first, pieces, media_type)


def _estimated_tokens(fields: Fields) -> int:
    return sum(len(value) for _, value in fields) // _FILE_BYTES_PER_TOKEN
