"""A file is heard whole or as it goes, in the form that was asked for."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.fixtures.spoken import CALLER, ScriptedSpeech, SpokenServer, spoken_wav, wav

from antiphon.audio.files import FILE_RATE_HZ
from antiphon.engines.scripted.ears import ScriptedRecogniser
from antiphon.engines.scripted.tones import tones_of
from antiphon.errors import EngineFailed, InvalidRequest, ModelNotFound
from antiphon.features.audio import hearing
from antiphon.features.audio.transcriptions import Transcriptions
from antiphon.testing.ids import CountingIds
from antiphon.wire.audio.transcriptions import (
    PlainTranscript,
    TranscriptionForm,
    TranscriptTextDelta,
    TranscriptTextDone,
    TranslationForm,
    VerboseTranscription,
)

TEXT = "Hello there, friend."


def form(text: str = TEXT, **fields: Any) -> TranscriptionForm:
    return TranscriptionForm.model_validate({"file": spoken_wav(text), "model": "whisper-1", **fields})


class Listening(ScriptedRecogniser):
    """Ears that remember what they were asked, and cannot do everything."""

    def __init__(self, **abilities: bool) -> None:
        super().__init__()
        self._profile = replace(self._profile, **abilities)
        self.works = []

    def recognise(self, work):
        self.works.append(work)
        return super().recognise(work)


async def test_a_file_is_heard(server: SpokenServer):
    """Its words are told."""
    answer = await server.hearing.answer(CALLER, form())
    assert answer.text == TEXT


async def test_each_part_is_told_as_soon_as_it_is_heard(server: SpokenServer):
    """The parts joined are the text that the last event tells."""
    pause = np.zeros(FILE_RATE_HZ, np.int16)
    sound = np.concatenate([tones_of("One. ", FILE_RATE_HZ), pause, tones_of("Two.", FILE_RATE_HZ)])
    events = [event async for event in server.hearing.stream(CALLER, form(file=wav(sound)))]
    deltas = [event.delta for event in events if isinstance(event, TranscriptTextDelta)]
    done = events[-1]
    assert isinstance(done, TranscriptTextDone)
    assert (deltas, done.text) == (["One.", " Two."], "One. Two.")
    assert done.usage.input_token_details.audio_tokens > 10


@pytest.mark.parametrize("response_format", ["text", "srt", "vtt"])
async def test_plain_forms_are_text(server: SpokenServer, response_format: str):
    """And hold the words."""
    answer = await server.hearing.answer(CALLER, form(response_format=response_format))
    assert isinstance(answer, PlainTranscript)
    assert TEXT in answer.text


async def test_words_are_timed_where_they_are_asked_for(server: SpokenServer):
    """In seconds of the file."""
    answer = await server.hearing.answer(CALLER, form(response_format="verbose_json", timestamp_granularities=["word"]))
    assert isinstance(answer, VerboseTranscription)
    assert [word.word for word in answer.words or ()] == ["Hello", "there", "friend"]
    assert answer.duration == pytest.approx(0.5, abs=0.01)


async def test_the_recogniser_is_told_all_that_helps(server: SpokenServer):
    """Language, prompt and keywords, temperature, and whether words want times."""
    ears = Listening()
    transcriptions = Transcriptions(ScriptedSpeech(ears), server.files, CountingIds())
    asked = form(
        language="EN", prompt="A talk.", keywords=["Zoë", "Ümit"], temperature=0.5, response_format="verbose_json",
        timestamp_granularities=["word"],
    )  # fmt: skip
    await transcriptions.answer(CALLER, asked)
    (work,) = ears.works
    assert (work.language, work.prompt, work.temperature) == ("en", "A talk. Zoë, Ümit", 0.5)
    assert (work.wants_words, work.task, work.organization, work.model) == (True, "transcribe", "acme", "scripted")


@pytest.mark.parametrize(("languages", "language"), [(["de"], "de"), (["de", "en"], None), ([], None)])
async def test_one_possible_language_is_the_language(server: SpokenServer, languages: list[str], language: str | None):
    """Of several the recogniser finds out which."""
    await server.hearing.answer(CALLER, form(languages=languages))
    assert server.speech.asked == [("whisper-1", language)]


async def test_a_translation_is_asked_for_as_such(server: SpokenServer):
    """From an engine that translates."""
    ears = Listening()
    transcriptions = Transcriptions(ScriptedSpeech(ears), server.files, CountingIds())
    answer = await transcriptions.answer(CALLER, TranslationForm(file=spoken_wav(TEXT), model="whisper-1"))
    assert (answer.text, ears.works[0].task) == (TEXT, "translate")


@pytest.mark.parametrize(
    ("fields", "param", "says"),
    [
        ({"response_format": "diarized_json"}, "response_format", "Speakers are not told apart"),
        ({"known_speaker_names": ["Ann"]}, "known_speaker_names", "Speakers are not told apart"),
        ({"include": ["logprobs"]}, "include", "Log-probabilities"),
        ({"timestamp_granularities": ["word"]}, "timestamp_granularities", "verbose_json"),
        ({"language": "english"}, "language", "ISO-639-1"),
        ({"languages": ["en", "xx"]}, "languages", "ISO-639-1"),
        ({"language": "en", "languages": ["en"]}, "languages", "together"),
        ({"file": b""}, "file", "Invalid file format"),
        ({"file": b"A letter."}, "file", "Invalid file format"),
    ],
)
async def test_what_cannot_be_met_is_refused_in_words(server: SpokenServer, fields: dict, param: str, says: str):
    """Before the recogniser is asked."""
    with pytest.raises(InvalidRequest, match=says) as refusal:
        await server.hearing.answer(CALLER, form(**fields))
    assert refusal.value.param == param


async def test_what_cannot_be_streamed_is_refused(server: SpokenServer):
    """Subtitles have no events."""
    with pytest.raises(InvalidRequest, match="not streamed"):
        await anext(server.hearing.stream(CALLER, form(response_format="srt", stream=True)))


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        (TranslationForm(file=spoken_wav(TEXT), model="m"), "model"),
        (form(response_format="verbose_json", timestamp_granularities=["word"]), "timestamp_granularities"),
    ],
)
async def test_what_the_engine_cannot_do_is_refused(server: SpokenServer, asked: Any, param: str):
    """By its profile."""
    ears = Listening(translates=False, times_words=False)
    with pytest.raises(InvalidRequest) as refusal:
        await Transcriptions(ScriptedSpeech(ears), server.files, CountingIds()).answer(CALLER, asked)
    assert (refusal.value.param, ears.works) == (param, [])


async def test_an_unknown_model_is_told_before_the_file_is_decoded(server: SpokenServer):
    """Which may take a while."""
    with pytest.raises(ModelNotFound):
        await server.hearing.answer(CALLER, form(model="no-such-model", file=b"A letter."))


async def test_a_file_that_is_too_large_is_refused(server: SpokenServer, monkeypatch: pytest.MonkeyPatch):
    """Wherever it came from."""
    monkeypatch.setattr(hearing, "MAX_FILE_BYTES", 10)
    with pytest.raises(InvalidRequest, match=r"Maximum content size limit \(10\) exceeded"):
        await server.hearing.answer(CALLER, form())


async def test_what_breaks_in_the_engine_is_its_error(server: SpokenServer):
    """Not the caller's."""
    script = '{"script": [{"say": "Yes."}], "hear": {"crash": "Deaf."}}'
    with pytest.raises(EngineFailed, match="Deaf"):
        await server.hearing.answer(CALLER, form(script))
