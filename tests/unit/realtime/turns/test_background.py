"""Other people's voices behind the user's."""

import pytest

from antiphon.realtime.turns.background import Background


def heard(*frames: tuple[float, float], times: int = 1) -> Background:
    """A background of these levels and probabilities of a voice, over and over."""
    background = Background()
    for level_dbfs, probability in frames * times:
        background.hear(level_dbfs, probability, is_turn=False)
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
        background.hear(-70.0, 0.02, is_turn=False)
    assert background.crowd_dbfs == -100.0
    assert background.quietest_dbfs == pytest.approx(-70.0, abs=0.1)


def test_a_user_who_pauses_within_a_turn_is_no_crowd():
    """In a steady noise a sentence is as flat as a crowd, but it pauses."""
    background = heard((-60.0, 0.02), times=94)
    for _ in range(5):
        for _ in range(60):
            background.hear(-30.0, 0.9, is_turn=True)
        background.forget_turn()
    assert background.crowd_dbfs == -100.0


def test_a_turn_that_never_pauses_is_a_crowds():
    """After three seconds it is known, so that the turn can end."""
    background = heard((-70.0, 0.02), times=94)
    for _ in range(94):
        background.hear(-30.0, 0.9, is_turn=True)
    assert background.crowd_dbfs == pytest.approx(-22.0, abs=0.5)
