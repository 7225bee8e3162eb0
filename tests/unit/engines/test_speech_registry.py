"""Which engine hears and which speaks for which name. No process starts here: engines start theirs when used."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from antiphon.catalogue.entry import Entry
from antiphon.catalogue.pulling import StoredModel
from antiphon.catalogue.reading import SCRIPTED_MODEL, read_catalogue
from antiphon.engines.registry.speech import SpeechRegistry, open_speech
from antiphon.engines.remote.recogniser import RemoteRecogniser
from antiphon.engines.remote.synthesiser import RemoteSynthesiser
from antiphon.engines.scripted.ears import ScriptedRecogniser, ScriptedTurnJudge, ScriptedVoiceActivity
from antiphon.engines.scripted.voice import ScriptedSynthesiser
from antiphon.engines.speech.recogniser import WhisperRecogniser
from antiphon.engines.speech.synthesiser import PiperSynthesiser
from antiphon.errors import EngineUnavailable, InvalidRequest, ModelNotFound, NotFound
from antiphon.settings import read_settings

MODEL = """
[[models]]
name = "{name}"
kind = "{kind}"
engine = "{engine}"
licence = "MIT"
languages = {languages}
is_default = {is_default}
context_tokens = {context_tokens}
files = [{{ name = "{name}.bin" }}]
sources = [{{ paths = {{ "{name}.bin" = "/weights/{name}.bin" }} }}]
"""
ALIASES = """
[[voices]]
name = "alloy"
model = "joe"
pitch_semitones = 2.0

[[voices]]
name = "anna"
model = "away"
languages = ["de"]

[[aliases]]
names = ["whisper-1"]
model = "any-ears"

[[aliases]]
names = ["gpt-4o-mini-transcribe"]
model = "english-ears"

[[aliases]]
names = ["tts-1"]
model = "joe"

[[aliases]]
names = ["gpt-4o-realtime-preview"]
model = "chat"
"""


def model(name: str, kind: str, engine: str, **options: Any) -> str:
    """A model's table."""
    given = {"languages": [], "is_default": False, "context_tokens": 0} | options
    return MODEL.format(name=name, kind=kind, engine=engine, **{k: str(v).lower() for k, v in given.items()})


CATALOGUE = "".join(
    (
        model("chat", "chat", "llama", context_tokens=64),
        model("english-ears", "recognition", "whisper", languages=["en"], is_default=True).replace("'", '"'),
        model("german-ears", "recognition", "whisper", languages=["de"]).replace("'", '"'),
        model("any-ears", "recognition", "whisper", is_default=True),
        model("joe", "speech", "piper", languages=["en"]).replace("'", '"'),
        model("away", "speech", "piper"),
        model("voices", "voice_activity", "onnx"),
        model("turns", "turns", "onnx"),
        ALIASES,
    )
)
HERE = ("chat", "english-ears", "german-ears", "any-ears", "joe")
EARS = {"name": "far", "base_url": "http://127.0.0.1:9/v1", "models": {"far-ears": "org/ears"}, "recognises": True}
MOUTH = {
    "name": "loud",
    "base_url": "http://127.0.0.1:9/v1",
    "models": {"far-voice": "org/voice"},
    "speaks": True,
    "voices": {"alloy": "af_heart", "far-anna": "anna"},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the weights are; a voice has its description beside it."""
    (tmp_path / "joe.bin.json").write_text('{"audio": {"sample_rate": 22050}}')
    return tmp_path


def registry(folder: Path, *engines: dict[str, Any], here: tuple[str, ...] = HERE, **options: Any) -> SpeechRegistry:
    """Return the speech engines over the catalogue."""

    def stored(entry: Entry) -> StoredModel | None:
        digest = hashlib.sha256(entry.name.encode()).hexdigest()
        return (
            StoredModel(entry.name, folder / f"{entry.name}.bin", 1, digest, "a test") if entry.name in here else None
        )

    settings = read_settings(given={"engines": engines, **options})
    others = [name for engine in engines for name in engine["models"]]
    catalogue = read_catalogue(CATALOGUE, "test").with_operator({}, [*others, SCRIPTED_MODEL])
    return open_speech(settings, catalogue, stored)


@pytest.mark.parametrize(
    ("model", "language", "found"),
    [
        ("whisper-1", None, "any-ears"),
        ("any-ears", "fr", "any-ears"),
        ("gpt-4o-mini-transcribe", None, "english-ears"),
        ("gpt-4o-mini-transcribe", "en", "english-ears"),
        ("gpt-4o-mini-transcribe", "fr", "any-ears"),
        ("gpt-4o-mini-transcribe", "de", "any-ears"),
        ("german-ears", "en", "english-ears"),
    ],
)
def test_a_model_that_lacks_the_language_is_replaced(folder: Path, model: str, language: str | None, found: str):
    """By the first that knows it, those of every installation before others."""
    engine, name = registry(folder).recogniser(model, language)
    assert isinstance(engine, WhisperRecogniser)
    assert name == found


@pytest.mark.parametrize(
    ("name", "is_recogniser"),
    [
        *(("whisper-1", True), ("english-ears", True), ("far-ears", True), (SCRIPTED_MODEL, True)),
        *(("chat", False), ("gpt-4o-realtime-preview", False), ("tts-1", False), ("far-voice", False)),
        *(("nobody", False), ("", False)),
    ],
)
def test_a_name_is_a_recognisers_or_not(folder: Path, name: str, is_recogniser: bool):
    """An alias is too, and one whose weights are not here."""
    assert registry(folder, EARS, MOUTH).recognises(name) is is_recogniser
    assert registry(folder, EARS, MOUTH, here=()).recognises(name) is is_recogniser


def test_where_nobody_knows_the_language_the_model_stays(folder: Path):
    """It refuses in its own words."""
    engines = registry(folder, here=("english-ears", "german-ears"))
    assert engines.recogniser("english-ears", "fr")[1] == "english-ears"


def test_a_recogniser_tells_what_it_can_do(folder: Path):
    """A model of one language translates nothing."""
    profiles = [registry(folder).recogniser(name)[0].profile for name in ("english-ears", "any-ears")]
    assert [(one.languages, one.translates) for one in profiles] == [(("en",), False), ((), True)]
    assert profiles[0].fingerprint != profiles[1].fingerprint


def test_a_catalogued_voice_decides_who_speaks(folder: Path):
    """For the name of a speech model, and in a conversation for that of the model that the words are of."""
    engines = registry(folder)
    for name in ("tts-1", "joe", "chat", "gpt-4o-realtime-preview"):
        engine, voice = engines.synthesiser(name, "alloy")
        assert isinstance(engine, PiperSynthesiser)
        assert (voice.name, voice.model, voice.pitch_semitones) == ("alloy", "joe", 2.0)
    assert engines.synthesiser("tts-1", "alloy")[0] is engines.synthesiser("chat", "alloy")[0]


def test_a_voice_that_nobody_has_is_refused_with_those_that_there_are(folder: Path):
    """Only voices whose model is here are named."""
    with pytest.raises(InvalidRequest, match=r"no voice `nobody` here\. There are: alloy\.") as refusal:
        registry(folder).synthesiser("tts-1", "nobody")
    assert refusal.value.param == "voice"


def test_a_voice_whose_model_is_not_here_says_how_to_get_it(folder: Path):
    """As models do."""
    with pytest.raises(NotFound, match="antiphon pull away"):
        registry(folder).synthesiser("tts-1", "anna")


@pytest.mark.parametrize(
    ("ask", "endpoint"),
    [
        (lambda engines: engines.recogniser("chat"), "/v1/chat/completions"),
        (lambda engines: engines.recogniser("joe"), "/v1/audio/speech"),
        (lambda engines: engines.recogniser("far-voice"), "/v1/audio/speech"),
        (lambda engines: engines.synthesiser("any-ears", "alloy"), "/v1/audio/transcriptions"),
        (lambda engines: engines.synthesiser("far-ears", "alloy"), "/v1/audio/transcriptions"),
    ],
)
def test_a_model_of_another_kind_is_refused_with_what_it_is_for(folder: Path, ask: Any, endpoint: str):
    """So that the caller finds the right door."""
    with pytest.raises(InvalidRequest, match=endpoint):
        ask(registry(folder, EARS, MOUTH))


def test_a_name_that_means_nothing_is_not_found(folder: Path):
    """For whatever it is asked."""
    engines = registry(folder)
    for ask in (engines.recogniser, engines.voice_activity, engines.turn_judge):
        with pytest.raises(ModelNotFound):
            ask("nonsense")
    with pytest.raises(ModelNotFound):
        engines.synthesiser("nonsense", "alloy")


def test_a_recogniser_that_is_not_here_says_how_to_get_it(folder: Path):
    """Also where nothing embedded runs."""
    for engines in (registry(folder, here=()), registry(folder, embedded_engines=False)):
        with pytest.raises(NotFound, match="antiphon pull any-ears"):
            engines.recogniser("whisper-1")


def test_the_judge_of_turns_says_how_to_get_it(folder: Path):
    """By the name of its model."""
    with pytest.raises(NotFound, match="antiphon pull turns"):
        registry(folder).turn_judge("chat")


def test_the_model_of_voices_says_how_to_get_it(folder: Path):
    """By its name, when a conversation is opened."""
    with pytest.raises(NotFound, match="antiphon pull voices"):
        registry(folder).voice_activity("chat")


def test_the_scripted_model_has_ears_and_a_voice_of_its_own(folder: Path):
    """With any voice that has a name here, and no other."""
    engines = registry(folder, MOUTH, embedded_engines=False)
    assert isinstance(engines.recogniser(SCRIPTED_MODEL, "fr")[0], ScriptedRecogniser)
    engine, voice = engines.synthesiser(SCRIPTED_MODEL, "anna")
    assert isinstance(engine, ScriptedSynthesiser)
    assert (voice.name, voice.model, voice.rate) == ("anna", SCRIPTED_MODEL, 1.0)
    assert isinstance(engines.voice_activity(SCRIPTED_MODEL), ScriptedVoiceActivity)
    assert isinstance(engines.turn_judge(SCRIPTED_MODEL), ScriptedTurnJudge)
    with pytest.raises(InvalidRequest, match="alloy, anna, far-anna"):
        engines.synthesiser(SCRIPTED_MODEL, "nobody")


def test_a_remote_recogniser_goes_by_its_own_name_there(folder: Path):
    """The caller's name for it is ours, and the language is its affair."""
    engine, name = registry(folder, EARS).recogniser("far-ears", "fr")
    assert isinstance(engine, RemoteRecogniser)
    assert name == "org/ears"


def test_an_operators_remote_voice_comes_before_ours(folder: Path):
    """In a conversation, and by its model's name; the name of another of our models does not matter."""
    engines = registry(folder, MOUTH)
    for name in ("far-voice", "chat"):
        engine, voice = engines.synthesiser(name, "alloy")
        assert isinstance(engine, RemoteSynthesiser)
        assert (voice.name, voice.model, voice.speaker) == ("alloy", "org/voice", "af_heart")


def test_a_remote_speech_model_has_its_own_voices_only(folder: Path):
    """Whoever names it does not mean ours."""
    with pytest.raises(InvalidRequest, match=r"There are: alloy, far-anna\."):
        registry(folder, MOUTH).synthesiser("far-voice", "anna")


def test_voices_are_listed_once_each(folder: Path):
    """Those whose models are here, and those of other servers."""
    found = {voice.name: voice.model for voice in registry(folder, MOUTH).voices()}
    assert found == {"alloy": "org/voice", "far-anna": "org/voice"}
    assert {voice.name: voice.model for voice in registry(folder).voices()} == {"alloy": "joe"}
    assert registry(folder, embedded_engines=False).voices() == []


async def test_without_embedded_engines_nobody_hears_voices(folder: Path):
    """Which is said, and nothing else is affected."""
    engines = registry(folder, EARS, embedded_engines=False)
    with pytest.raises(EngineUnavailable, match="embedded_engines"):
        engines.voice_activity("far-ears")
    engines.start()
    assert (engines.statuses(), engines.waiting_for()) == ([], ())
    await engines.drain(0)


def test_processes_are_listed_once_they_are_wanted(folder: Path):
    """A voice that nobody asked for takes no memory."""
    engines = registry(folder)
    assert list(engines.statuses()) == []
    engines.synthesiser("tts-1", "alloy")
    (status,) = engines.statuses()
    assert (status.model, status.urgency, status.state.value, status.aliases) == (
        "joe",
        "spoken",
        "stopped",
        ("tts-1",),
    )


def test_an_engine_that_speaks_needs_voices():
    """An operator reads so at the start."""
    with pytest.raises(Exception, match="speaks, and has no `voices`"):
        read_settings(given={"engines": [{**MOUTH, "voices": {}}]})
