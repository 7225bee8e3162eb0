"""Other people's voices behind the user's."""

import pytest

from antiphon.realtime.turns.background import Background


def heard(*frames: tuple[float, float], times: int = 1) -> Background:
    """A background of these levels and probabilities of a voice, over and over."""
    background = Background()
    for level_dbfs, probability in frames * times:
        background.learn(level_dbfs, probability)
    return background


def test_a_sentence_that_begins_at_once_is_no_crowd():
    """In the first second everything is taken for the user's."""
    assert heard((-20.0, 0.95), times=31).crowd_dbfs == -100.0


def test_voices_without_a_pause_are_a_crowd():
    """The user must stand out of them."""
    assert heard((-40.0, 0.9), times=60).crowd_dbfs == pytest.approx(-32.0, abs=0.1)


def test_one_voice_that_pauses_is_no_crowd():
    """In its pauses there is only the room."""
    assert heard(*[(-20.0, 0.95)] * 20, *[(-70.0, 0.2)] * 10, times=4).crowd_dbfs == -100.0


def test_a_noise_without_voices_is_no_crowd():
    """The model of voices tells a fan from a voice by itself."""
    assert heard((-30.0, 0.05), times=60).crowd_dbfs == -100.0


def test_a_crowd_that_left_is_forgotten():
    """Three seconds later the user may speak as softly as before."""
    background = heard((-40.0, 0.9), times=60)
    for _ in range(94):
        background.learn(-70.0, 0.02)
    assert background.crowd_dbfs == -100.0
    assert background.quietest_dbfs == pytest.approx(-70.0, abs=0.1)
