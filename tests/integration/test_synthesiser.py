"""The embedded synthesiser: audio, the times of its words, and voices that can be told apart."""

import subprocess
import sys
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt
import pytest
from bench.speech.speaking import SpokenAnswer
from tests.fixtures.speaking import MODEL, spoken_works, synthesiser, voice

from antiphon.catalogue.reading import shipped_catalogue
from antiphon.engines.speech.synthesiser import PiperSynthesiser
from antiphon.errors import EngineFailed, StartRefused
from antiphon.speech.voices import Voice
from antiphon.speech.work import SpeechWork

TEXT = "**I am in the middle** of it, and in 1889 it cost $2.5 million. 😀 Is it the end of the day?"
SENTENCE = "All of our lines are long and mellow, so we will move along."
NOTHING = "** --- 😀\n"
VOICES = sorted(shipped_catalogue().voices)


def work(text: str, name: str = "alloy", **options: float) -> SpeechWork:
    """A work of a voice of the catalogue."""
    return SpeechWork(id="work_1", organization="org-1", voice=voice(name), text=text, **options)


@pytest.fixture(scope="module")
def spoken() -> dict[str, SpokenAnswer]:
    """What one process said, by a name for each."""
    works = {
        "text": work(TEXT),
        "unfinished": work("to save energy and "),
        "nothing": work(NOTHING),
        "fast": work(SENTENCE, speed=2.0),
        **{name: work(SENTENCE, name) for name in VOICES},
    }
    return dict(zip(works, spoken_works(list(works.values())), strict=True))


def levels(samples: npt.NDArray[np.int16], rate_hz: int) -> npt.NDArray[np.float64]:
    """The level of each 10 ms, as a share of the loudest."""
    window = rate_hz // 100
    frames = samples[: len(samples) // window * window].reshape(-1, window).astype(np.float64)
    level = np.sqrt((frames**2).mean(axis=1))
    return level / level.max()


def pitch_hz(answer: SpokenAnswer) -> float:
    """The median pitch of the loud parts, by autocorrelation."""
    size, hop = answer.rate_hz // 12, answer.rate_hz // 50
    shortest, longest = answer.rate_hz // 350, answer.rate_hz // 55
    samples = answer.samples.astype(np.float64)
    found: list[float] = []
    for start in range(0, len(samples) - size, hop):
        frame = samples[start : start + size]
        if np.sqrt((frame**2).mean()) < 0.3 * np.sqrt((samples**2).mean()):
            continue
        spectrum = np.fft.rfft(frame * np.hanning(size), 4 * size)
        likeness = np.fft.irfft(np.abs(spectrum) ** 2)
        lag = shortest + int(np.argmax(likeness[shortest:longest]))
        if likeness[lag] > 0.5 * likeness[0]:
            found.append(answer.rate_hz / lag)
    return float(np.median(found))


@pytest.mark.parametrize("name", ["text", "unfinished", "nothing", "fast", "shimmer", "onyx"])
def test_words_joined_are_the_text_and_lie_in_the_audio(spoken: dict[str, SpokenAnswer], name: str):
    """Their times never go back, in bent voices neither."""
    answer = spoken[name]
    assert "".join(word.text for word in answer.words) == answer.text
    assert all(0 <= word.start_ms <= word.end_ms <= answer.duration_ms for word in answer.words)
    assert all(one.end_ms <= other.start_ms for one, other in pairwise(answer.words))


@pytest.mark.parametrize("name", ["text", "fast", "shimmer", "onyx", "alloy"])
def test_the_last_word_ends_where_the_sound_ends(spoken: dict[str, SpokenAnswer], name: str):
    """Resampling for a voice's pitch moves times and samples alike."""
    answer = spoken[name]
    last_sound_ms = (np.flatnonzero(levels(answer.samples, answer.rate_hz) > 0.05)[-1] + 1) * 10
    assert answer.words[-1].end_ms == pytest.approx(last_sound_ms, abs=70)


def test_the_first_sound_comes_at_once(spoken: dict[str, SpokenAnswer]):
    """A model's leading silence would be silence of ours."""
    answer = spoken["text"]
    assert np.flatnonzero(levels(answer.samples, answer.rate_hz) > 0.05)[0] <= 3


def test_words_that_run_together_have_times_of_their_own(spoken: dict[str, SpokenAnswer]):
    """The phonemizer writes `I am`, `in the` and `of it` without a gap."""
    words = {word.text: word for word in spoken["text"].words}
    for text in ("**I ", "am ", "in ", "the ", "of ", "it, "):
        assert 25 <= words[text].end_ms - words[text].start_ms <= 400, text


def test_a_number_is_one_word_that_takes_its_time(spoken: dict[str, SpokenAnswer]):
    """A year of three words takes as long as they do; an emoji takes none."""
    words = {word.text: word for word in spoken["text"].words}
    assert words["1889 "].end_ms - words["1889 "].start_ms > 500
    assert words["😀 "].end_ms == words["😀 "].start_ms == words["million. "].end_ms


def test_a_sentence_ends_with_a_pause_and_an_unfinished_one_does_not(spoken: dict[str, SpokenAnswer]):
    """Between clauses of one sentence the voice goes on."""
    whole, part = spoken["alloy"], spoken["unfinished"]
    assert whole.duration_ms - whole.words[-1].end_ms >= 200
    assert part.duration_ms - part.words[-1].end_ms <= 60


def test_nothing_said_is_no_audio(spoken: dict[str, SpokenAnswer]):
    """A text of marks alone has its words, which take no time."""
    assert len(spoken["nothing"].samples) == 0
    assert {word.end_ms for word in spoken["nothing"].words} == {0}


def test_speed_multiplies_the_voices_rate(spoken: dict[str, SpokenAnswer]):
    """Twice as fast takes about half the time; pauses and the model's grid of 12 ms keep it from being exact."""
    ratio = spoken["alloy"].words[-1].end_ms / spoken["fast"].words[-1].end_ms
    assert 1.75 <= ratio <= 2.15


def test_pitch_changes_no_speed(spoken: dict[str, SpokenAnswer]):
    """A voice five semitones higher at the same rate takes about the same time."""
    assert spoken["shimmer"].words[-1].end_ms == pytest.approx(spoken["alloy"].words[-1].end_ms, rel=0.12)


def test_any_two_voices_sound_different(spoken: dict[str, SpokenAnswer]):
    """They differ in pitch by half a semitone at least as measured, or in speed by a thirteenth."""
    pitches = {name: 12 * np.log2(pitch_hz(spoken[name])) for name in VOICES}
    lengths = {name: spoken[name].words[-1].end_ms for name in VOICES}
    for one, other in combinations(VOICES, 2):
        is_pitched = abs(pitches[one] - pitches[other]) >= 0.5
        ratio = max(lengths[one], lengths[other]) / min(lengths[one], lengths[other])
        assert is_pitched or ratio >= 14 / 13, (one, other, pitches[one] - pitches[other], ratio)


async def test_a_fault_in_one_work_is_told_and_the_next_goes_on():
    """A speaker whom the model does not have."""
    one = synthesiser()
    nobody = Voice("nobody", MODEL, speaker="17")
    try:
        with pytest.raises(EngineFailed, match="no speaker '17'"):
            await anext(one.speak(SpeechWork(id="work_1", organization="org-1", voice=nobody, text="Hello.")))
        assert (await anext(one.speak(work("Hello.")))).samples
    finally:
        await one.link.drain(0)


def test_a_model_without_its_description_is_refused(tmp_path):
    """The JSON beside the weights says at which rate the model speaks."""
    with pytest.raises(StartRefused, match="no readable description"):
        PiperSynthesiser.of_model("mute", tmp_path / "mute.onnx", digest="", num_threads=1)


def test_the_server_loads_no_piper():
    """Piper is GPL and stays in its own process; onnxruntime waits until it is needed."""
    program = (
        "import sys, antiphon.engines.speech.synthesiser; print(sorted({'piper', 'onnxruntime'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
