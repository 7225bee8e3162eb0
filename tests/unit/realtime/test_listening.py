"""The user's audio on its way to signs of turns."""

import numpy as np
import pytest
from tests.scenarios.stage import Stage, sound

from antiphon.audio.formats import AudioFormat
from antiphon.audio.levels import rms_dbfs
from antiphon.realtime.client_events import AppendAudio, UpdateSession
from antiphon.realtime.config import NoiseReduction, SemanticVad, ServerVad, SessionChanges, SessionConfig
from antiphon.realtime.effects import ForgetVoice, JudgeTurn, JudgeVoice, Recognise
from antiphon.realtime.input import heard_samples
from antiphon.realtime.items import AudioContent, MessageItem
from antiphon.realtime.server_events import ItemAdded, SpeechStarted, SpeechStopped

RATE_HZ = AudioFormat.PCM16.rate_hz


def hum(ms: float) -> bytes:
    """Return the hum of the mains, at 50 Hz."""
    wave = np.sin(np.arange(int(ms * RATE_HZ / 1000)) * 2 * np.pi * 50 / RATE_HZ) * 3000
    return AudioFormat.PCM16.encode(wave.astype(np.int16))


def judged_dbfs(noise_reduction: NoiseReduction | None) -> float:
    """Return how loud a second of hum is to the judge of voices."""
    stage = Stage(config=SessionConfig(model="m", noise_reduction=noise_reduction))
    stage.append(hum(200))
    stage.wanted.clear()
    stage.append(hum(1000))
    return rms_dbfs(np.frombuffer(stage.effects(JudgeVoice)[0].samples, dtype=np.int16))


def test_noise_reduction_takes_hum_from_what_is_judged():
    """More of it where the microphone is far."""
    plain, near, far = judged_dbfs(None), judged_dbfs("near_field"), judged_dbfs("far_field")
    assert near < plain - 12
    assert far < near - 8


def test_noise_reduction_takes_hum_from_what_is_recognised_and_not_from_the_item():
    """The item holds what was said as it came; whether the turn is over is judged without the hum too."""
    stage = Stage(config=SessionConfig(model="m", noise_reduction="far_field", turn_detection=SemanticVad()))
    voice = np.frombuffer(sound(800), dtype=np.int16) // 2
    stage.append(AudioFormat.PCM16.encode(voice + np.frombuffer(hum(800), dtype=np.int16)))
    stage.append(hum(400))
    heard = [
        np.frombuffer(b"".join(heard_samples(it.audio, it.format, it.noise_reduction)), dtype=np.int16)
        for it in stage.effects(Recognise)
    ]
    asked = [np.frombuffer(effect.samples, dtype=np.int16) for effect in stage.effects(JudgeTurn)]
    for samples in (*heard, *asked):
        assert rms_dbfs(samples[-1000:]) < rms_dbfs(np.frombuffer(hum(400), dtype=np.int16)) - 20
    assert (len(heard), len(asked)) == (1, 1)
    stage.judges_turn(0.9)
    stage.append(hum(400))
    (item,) = (event.item for event in stage.events(ItemAdded))
    assert isinstance(item, MessageItem)
    assert isinstance(item.content[0], AudioContent)
    ending = np.frombuffer(item.content[0].audio, dtype=np.int16)[-2400:]
    assert abs(rms_dbfs(ending) - rms_dbfs(np.frombuffer(hum(400), dtype=np.int16))) < 1


def test_another_microphone_is_heard_anew():
    """From the change on."""
    stage = Stage()
    stage.step(AppendAudio(audio=sound(100, level=0)))
    stage.step(UpdateSession(changes=SessionChanges(noise_reduction="near_field")))
    assert ForgetVoice() in stage.wanted
    stage.wanted.clear()
    stage.step(UpdateSession(changes=SessionChanges(noise_reduction="near_field")))
    assert ForgetVoice() not in stage.wanted


def test_a_soft_beginning_is_in_the_item():
    """A voice is noticed some frames late; what it began with is still there, without any padding."""
    stage = Stage(config=SessionConfig(model="m", turn_detection=ServerVad(prefix_padding_ms=0)))
    for ms, level in ((1000, 0.0), (120, 0.02), (600, 0.3), (400, 0.0)):
        for _ in range(ms // 20):
            stage.append(sound(20, level=level))
    (started,) = stage.events(SpeechStarted)
    assert started.audio_start_ms <= 1024


@pytest.mark.parametrize("num_bytes", [4_800, 200_000])
def test_a_recorded_question_is_heard_to_its_end_while_we_play(num_bytes: int):
    """It comes at once while an answer plays: its quiet last word is no echo, so the judge hears the question whole."""
    stage = Stage(config=SessionConfig(model="m", turn_detection=SemanticVad()))
    played(stage, levels_dbfs=-10.0)
    question = sound(900) + sound(300, level=0.1) + bytes(48_000)
    for start in range(0, len(question), num_bytes):
        stage.append(question[start : start + num_bytes], real_time=False)
    (asked,) = stage.effects(JudgeTurn)
    assert len(asked.samples) / 32 > 1200 + 150


def test_a_microphone_beside_our_loudspeaker_hears_our_echo():
    """The same sounds as they are said may be ours where they are quiet."""
    stage = Stage(config=SessionConfig(model="m", turn_detection=SemanticVad()))
    played(stage, levels_dbfs=-10.0)
    for _ in range(12):
        stage.append(sound(100, level=0.1))
    assert stage.events(SpeechStarted) == []


def test_who_interrupts_is_heard_where_it_grows_quiet():
    """The player stops, and what may still come back of it is no reason to end the user's turn in the middle."""
    stage = Stage(config=SessionConfig(model="m", turn_detection=ServerVad(silence_duration_ms=200)))
    played(stage, levels_dbfs=-10.0)
    for level in [0.3] * 10 + [0.1] * 10:
        stage.append(sound(32, level=level))
    assert stage.events(SpeechStarted)
    assert stage.events(SpeechStopped) == []


def played(stage: Stage, levels_dbfs: float) -> None:
    """Let us play something for ten seconds, of which three have passed."""
    stage.session._parts.ears.played([levels_dbfs] * 312, 10_000, stage.now_ms)
    stage.wait(3_000)
