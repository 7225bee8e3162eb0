"""The catalogue that ships, held against the names in the official SDK."""

from itertools import combinations
from typing import Any, get_args, get_type_hints

import pytest
from openai.types import AudioModel, ChatModel, EmbeddingModel, ImageModel, ModerationModel, VideoModel
from openai.types.audio import SpeechCreateParams, SpeechModel
from openai.types.realtime import AudioTranscription, RealtimeSessionCreateRequest
from openai.types.shared import AllModels

from antiphon.catalogue.entry import Kind
from antiphon.catalogue.reading import shipped_catalogue

CATALOGUE = shipped_catalogue()


def literals(kind: Any) -> set[str]:
    """The names in a type of the SDK: a literal, or a union with literals in it."""
    inner = get_args(kind)
    return {kind} if isinstance(kind, str) else set[str]().union(*map(literals, inner))


def kinds(names: set[str]) -> dict[str, Kind | None]:
    """Each name with the kind of the model that it means."""
    models = {name: CATALOGUE.resolve(name) for name in names}
    return {name: CATALOGUE.entry(model).kind if model else None for name, model in models.items()}


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (literals(ChatModel), "chat"),
        (literals(AllModels), "chat"),
        (literals(RealtimeSessionCreateRequest.model_fields["model"].annotation), "chat"),
        (literals(EmbeddingModel), "embedding"),
        (literals(AudioModel), "recognition"),
        (literals(AudioTranscription.model_fields["model"].annotation), "recognition"),
    ],
    ids=["chat", "all", "realtime", "embedding", "transcription", "realtime transcription"],
)
def test_every_name_of_the_sdk_means_a_model_of_its_kind(names: set[str], kind: Kind):
    """A Realtime session talks with a chat model."""
    found = kinds(names)
    assert names
    assert {name: meant for name, meant in found.items() if meant != kind} == {}


@pytest.mark.parametrize("kind", [ImageModel, ModerationModel, VideoModel])
def test_names_of_kinds_that_are_not_here_mean_nothing(kind: Any):
    """Otherwise gpt-image-1 would chat."""
    names = literals(kind)
    assert names
    assert set(kinds(names).values()) == {None}


@pytest.mark.parametrize(
    "name",
    [
        *("gpt-4o", "gpt-4o-2024-08-06", "gpt-4o-mini", "gpt-4o-mini-2024-07-18", "gpt-4o-realtime-preview"),
        *("gpt-4o-realtime-preview-2024-10-01", "gpt-realtime", "gpt-4o-audio-preview", "o1-preview", "o1-mini"),
        *("text-embedding-3-small", "whisper-1", "gpt-4o-transcribe"),
    ],
)
def test_the_names_of_the_contract_are_listed(name: str):
    """Whoever lists the models sees the names that everybody uses."""
    assert name in CATALOGUE.aliases()


def test_a_fine_tuned_name_means_nothing():
    """It names weights that are not here, so another model must not answer for it."""
    assert CATALOGUE.resolve("ft:gpt-4o-mini-2024-07-18:somebody::abc") is None


@pytest.mark.parametrize("entry", CATALOGUE.entries.values(), ids=lambda entry: entry.name)
def test_everything_that_is_fetched_or_made_is_pinned(entry):
    """Two sources each that share no package and no repository, every file and every result with a checksum."""
    pinned = [*entry.files, *entry.kept]
    assert all(file.sha256 and file.size_bytes for file in pinned)
    places = [
        frozenset(part.package for part in source.wheels) if source.hub is None else frozenset({source.hub.repo})
        for source in entry.sources
    ]
    assert len(places) >= 2
    assert all(places)
    assert len(frozenset().union(*places)) == sum(map(len, places))


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("whisper-1", "whisper-base"),
        ("gpt-4o-transcribe", "whisper-base"),
        ("gpt-4o-transcribe-2030-01-01", "whisper-base"),
        ("gpt-4o-mini-transcribe", "whisper-tiny.en"),
        ("gpt-4o-mini-transcribe-2030-01-01", "whisper-tiny.en"),
        ("gpt-realtime-whisper", "whisper-tiny.en"),
        ("gpt-live-transcribe", "whisper-tiny.en"),
    ],
)
def test_small_transcription_models_mean_the_small_recogniser(name: str, model: str):
    """Those chosen for speed, and those that hear while one speaks; dates that are to come too."""
    assert CATALOGUE.resolve(name) == model


@pytest.mark.parametrize(
    "name", ["gpt-4o", "gpt-4o-mini", "text-embedding-3-small", "whisper-1", "gpt-4o-mini-transcribe"]
)
def test_an_installation_gets_a_model_of_every_kind_that_is_often_asked_for(name: str):
    """What everybody's code asks for is fetched by default."""
    assert CATALOGUE.resolve(name) in {entry.name for entry in CATALOGUE.defaults()}


def test_every_speech_name_speaks():
    """Each speech name of the newest SDK means a model that speaks."""
    assert set(kinds(literals(SpeechModel)).values()) == {"speech"}


def test_every_voice_of_the_sdk_is_there():
    """Each voice that the newest SDK names, the older ones too, has a model that speaks English."""
    hints = get_type_hints(SpeechCreateParams)["voice"]
    names = {name for name in literals(hints) if isinstance(name, str)}
    assert {"alloy", "cedar", "fable"} <= names <= set(CATALOGUE.voices)
    assert all("en" in voice.languages for voice in CATALOGUE.voices.values())


def test_any_two_voices_of_a_speaker_can_be_told_apart():
    """They differ by a semitone, or by a sixth in speed."""
    for one, other in combinations(CATALOGUE.voices.values(), 2):
        is_same = (one.model, one.speaker) == (other.model, other.speaker)
        is_pitched = abs(one.pitch_semitones - other.pitch_semitones) >= 1
        assert not is_same or is_pitched or max(one.rate, other.rate) / min(one.rate, other.rate) >= 1.15
