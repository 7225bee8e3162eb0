"""The ears of the server's process on their real models."""

import asyncio
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor
from tests.fixtures.weights import weights_of

from antiphon.engines.hearing.mel import log_mel
from antiphon.engines.hearing.sessions import OnnxSession, open_session
from antiphon.engines.hearing.silero import SileroVoiceActivity
from antiphon.engines.hearing.smart_turn import SmartTurnJudge
from antiphon.errors import EngineUnavailable

RATE_HZ = 16_000
FRAME_BYTES = 1_024


@pytest.fixture(scope="module")
def silero() -> OnnxSession:
    """The voice activity model, shared as a server shares it."""
    return open_session(weights_of("silero-vad-v6.2")[1].path)


def vowel(seconds: float, pitch_hz: float = 120.0) -> bytes:
    """An 'ah' that wavers, which is a voice to the model."""
    at = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    phase = 2 * np.pi * pitch_hz * (at + 0.002 * np.sin(2 * np.pi * 5 * at))
    source = sum(np.sin(k * phase) / k for k in range(1, 40))
    hz = np.fft.rfftfreq(len(at), 1 / RATE_HZ)
    gain = sum(1 / (1 + ((hz - formant_hz) / 90) ** 2) for formant_hz in (730, 1_090, 2_440))
    shaped = np.fft.irfft(np.fft.rfft(source) * gain, len(at)) * np.hanning(len(at)) ** 0.2
    return (8_000 * shaped / np.abs(shaped).max()).astype("<i2").tobytes()


def silence(seconds: float) -> bytes:
    """Nothing."""
    return bytes(int(seconds * RATE_HZ) * 2)


def whole_frames(samples: bytes) -> bytes:
    """The samples without what fills no frame."""
    return samples[: len(samples) // FRAME_BYTES * FRAME_BYTES]


def test_a_voice_is_told_from_silence(silero: OnnxSession):
    """The model says so within a frame or two of its beginning and of its end."""
    ears = SileroVoiceActivity(silero)
    heard = ears.judge(whole_frames(silence(0.512) + vowel(1.024) + silence(0.512)))
    assert max(heard[:14]) < 0.2
    assert max(heard[16:19]) > 0.5
    assert max(heard[-8:]) < 0.2


def test_frames_one_by_one_give_what_they_give_together(silero: OnnxSession):
    """What was heard is remembered between calls, and a call of no frames is none."""
    samples = whole_frames(silence(0.3) + vowel(0.6) + silence(0.3))
    together = SileroVoiceActivity(silero).judge(samples)
    ears = SileroVoiceActivity(silero)
    one_by_one = [ears.judge(samples[at : at + FRAME_BYTES]) for at in range(0, len(samples), FRAME_BYTES)]
    assert ears.judge(b"") == ()
    assert [probability for (probability,) in one_by_one] == pytest.approx(together, abs=1e-5)


def test_streams_do_not_hear_each_other(silero: OnnxSession):
    """Two ears on one session hear their own streams only."""
    speech, quiet = whole_frames(vowel(0.64)), silence(0.64)
    alone = SileroVoiceActivity(silero).judge(quiet)
    speaking, listening = SileroVoiceActivity(silero), SileroVoiceActivity(silero)
    beside = list[float]()
    for at in range(0, len(quiet), FRAME_BYTES):
        speaking.judge(speech[at : at + FRAME_BYTES])
        beside += listening.judge(quiet[at : at + FRAME_BYTES])
    assert beside == pytest.approx(alone, abs=1e-5)


def test_ears_that_forget_begin_anew(silero: OnnxSession):
    """After `forget` the same audio gives the same answer."""
    samples = whole_frames(vowel(0.64))
    ears = SileroVoiceActivity(silero)
    first = ears.judge(samples)
    ears.forget()
    assert ears.judge(samples) == first


def test_half_a_frame_is_refused(silero: OnnxSession):
    """It could not be told from the beginning of the next one."""
    with pytest.raises(ValueError, match="reshape"):
        SileroVoiceActivity(silero).judge(bytes(FRAME_BYTES // 2))


def test_the_spectrogram_is_whispers():
    """It equals that of another implementation, on noise and on silence after it."""
    rng = np.random.default_rng(7)
    samples = np.concatenate([0.1 * rng.normal(size=100_000), np.zeros(28_000)]).astype(np.float32)
    theirs = FeatureExtractor()(samples, padding=0)
    ours = log_mel(samples)
    assert ours.shape == (80, 800)
    assert np.abs(ours - theirs[:, :800]).max() < 1e-3


def test_the_server_does_not_load_the_engine_to_find_the_ears():
    """Before a model is opened, neither onnxruntime nor faster-whisper is imported."""
    program = (
        "import sys, antiphon.engines.hearing.smart_turn, antiphon.engines.hearing.silero;"
        "print(sorted({'onnxruntime', 'faster_whisper', 'ctranslate2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_a_judge_of_turns_lets_the_event_loop_run():
    """The loop goes on while the model computes."""
    ran = asyncio.Event()

    class SlowSession:
        def run(self, output_names: None, input_feed: dict) -> list:
            assert output_names is None
            assert input_feed["input_features"].shape == (1, 80, 800)
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0, ran.set()), loop).result(10)
            return [np.asarray([[0.75]], dtype=np.float32)]

    loop = asyncio.get_running_loop()
    assert await SmartTurnJudge(SlowSession()).judge(vowel(0.5)) == pytest.approx(0.75)
    assert ran.is_set()


def test_a_file_that_is_no_model_is_an_engine_that_is_not_there(tmp_path: Path):
    """Whether it is absent or holds something else, the error names it."""
    other = tmp_path / "other.onnx"
    other.write_bytes(b"no model")
    for path in (other, tmp_path / "absent.onnx"):
        with pytest.raises(EngineUnavailable, match=path.name):
            open_session(path)


async def test_a_judge_of_turns_hears_the_last_8_seconds():
    """What was before them changes nothing, and what is in them does."""
    judge = SmartTurnJudge(open_session(weights_of("smart-turn-v3.2")[1].path))
    spoken = await judge.judge(vowel(1.0) + silence(0.3))
    assert 0.0 <= spoken <= 1.0
    assert await judge.judge(silence(8.0) + vowel(8.0)) == pytest.approx(await judge.judge(vowel(8.0)), abs=1e-6)
    assert await judge.judge(silence(3.0)) != pytest.approx(spoken, abs=1e-3)
