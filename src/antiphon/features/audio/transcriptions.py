"""`/v1/audio/transcriptions` and `/v1/audio/translations`: the words of a file, whole or as they are heard."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from antiphon.callers import Caller
from antiphon.errors import InvalidRequest, UnsupportedRequest
from antiphon.features.audio.hearing import samples_of, seconds_of
from antiphon.ids import Ids
from antiphon.ports import AudioFiles, Recogniser, SpeechEngines
from antiphon.speech.answers import Told, plain, token_usage, verbose, whole
from antiphon.speech.facts import SegmentHeard
from antiphon.speech.languages import LANGUAGE_NAMES
from antiphon.speech.transcript import GrowingText, Transcript
from antiphon.speech.work import RecognitionWork
from antiphon.wire.audio.transcriptions import (
    TranscriptEvent,
    TranscriptionAnswer,
    TranscriptionForm,
    TranscriptTextDelta,
    TranscriptTextDone,
    TranslationForm,
)

Form = TranscriptionForm | TranslationForm


@dataclass(frozen=True, slots=True)
class _Hearing:
    """A form that was checked, and all that its answer needs."""

    engine: Recogniser
    work: RecognitionWork

    def told(self, form: Form, transcript: Transcript) -> Told:
        return Told(form, transcript, seconds_of(self.work.samples))


class Transcriptions:
    """Hears files."""

    def __init__(self, engines: SpeechEngines, files: AudioFiles, make_id: Ids) -> None:
        self._engines = engines
        self._files = files
        self._make_id = make_id

    async def answer(self, caller: Caller, form: Form) -> TranscriptionAnswer:
        """Return all the words, in the form that was asked for. Raises `RequestError` or `EngineError`."""
        hearing = await self._prepare(caller, form)
        transcript = Transcript()
        async with aclosing(hearing.engine.recognise(hearing.work)) as facts:
            async for fact in facts:
                transcript.add(fact)
        told = hearing.told(form, transcript)
        match form.response_format:
            case "text" | "srt" | "vtt":
                return plain(told)
            case "verbose_json":
                return verbose(told)
            case _:
                return whole(told)

    async def stream(self, caller: Caller, form: TranscriptionForm) -> AsyncGenerator[TranscriptEvent, None]:
        """Yield the words as they are heard. Raises as `answer` does, also in the middle."""
        if form.response_format not in {"json", "text"}:
            raise UnsupportedRequest(
                f"A transcription in the format '{form.response_format}' is not streamed: leave 'stream' out, or ask "
                "for 'json'.",
                param="response_format",
            )
        hearing = await self._prepare(caller, form)
        transcript, growing = Transcript(), GrowingText()
        async with aclosing(hearing.engine.recognise(hearing.work)) as facts:
            async for fact in facts:
                transcript.add(fact)
                if isinstance(fact, SegmentHeard) and (delta := growing.feed(fact.text)):
                    yield TranscriptTextDelta(delta=delta)
        told = hearing.told(form, transcript)
        yield TranscriptTextDone(text=transcript.text, languages=told.languages, usage=token_usage(told))

    async def _prepare(self, caller: Caller, form: Form) -> _Hearing:
        is_translation = isinstance(form, TranslationForm)
        wants_words = False
        language = prompt = None
        if isinstance(form, TranscriptionForm):
            _check(form)
            wants_words = "word" in (form.timestamp_granularities or ())
            language = _language(form)
            prompt = ", ".join(form.keywords or ())
        engine, model = self._engines.recogniser(form.model, language)
        if is_translation and not engine.profile.translates:
            raise UnsupportedRequest(f"The model `{form.model}` does not translate.", param="model")
        if wants_words and not engine.profile.times_words:
            raise UnsupportedRequest(
                f"The model `{form.model}` does not tell the times of words.", param="timestamp_granularities"
            )
        work = RecognitionWork(
            id=self._make_id("transcription_"),
            organization=caller.organization,
            model=model,
            samples=await samples_of(self._files, form.file, "file"),
            language=language,
            prompt=" ".join(filter(None, (form.prompt, prompt))) or None,
            temperature=form.temperature,
            task="translate" if is_translation else "transcribe",
            wants_words=wants_words,
        )
        return _Hearing(engine, work)


def _check(form: TranscriptionForm) -> None:
    """Refuse what no recogniser here can do. Raises `InvalidRequest`."""
    if form.response_format == "diarized_json" or form.known_speaker_names or form.known_speaker_references:
        param = "response_format" if form.response_format == "diarized_json" else "known_speaker_names"
        raise UnsupportedRequest("Speakers are not told apart by this server: ask for 'verbose_json'.", param=param)
    if form.include:
        raise UnsupportedRequest(
            "Log-probabilities of tokens are not told by this server: the segments of 'verbose_json' carry their mean.",
            param="include",
        )
    if form.timestamp_granularities and form.response_format != "verbose_json":
        raise InvalidRequest(
            "'timestamp_granularities' is only allowed when 'response_format' is 'verbose_json'.",
            param="timestamp_granularities",
        )


def _language(form: TranscriptionForm) -> str | None:
    """Return the one language that the audio may be in; of several the engine finds out which."""
    if form.language and form.languages:
        raise InvalidRequest("'language' and 'languages' cannot be given together.", param="languages")
    named = [form.language] if form.language else form.languages or []
    for language in named:
        if language.lower() not in LANGUAGE_NAMES:
            raise InvalidRequest(
                f"Invalid language '{language[:40]}'. Language parameter must be specified in ISO-639-1 format.",
                param="language" if form.language else "languages",
                code="invalid_language_format",
            )
    return named[0].lower() if len(named) == 1 else None
