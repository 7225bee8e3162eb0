"""What the user hears of us, and when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.realtime.turns.playback import Playback


def test_a_chunk_plays_from_when_it_was_sent():
    """Before and after it there is nothing."""
    playback = Playback()
    playback.sent((-20.0, -30.0), 64.0, at_ms=100.0)
    levels = [playback.level_at(at_ms) for at_ms in (99.0, 100.0, 131.9, 132.0, 163.9, 164.0)]
    assert levels == [None, -20.0, -20.0, -30.0, -30.0, None]


def test_chunks_that_come_early_wait_for_each_other():
    """Audio is made faster than it plays."""
    playback = Playback()
    playback.sent((-20.0,), 32.0, at_ms=0.0)
    playback.sent((-30.0,), 32.0, at_ms=1.0)
    assert (playback.level_at(31.0), playback.level_at(33.0), playback.end_ms) == (-20.0, -30.0, 64.0)


def test_a_gap_between_chunks_is_silent():
    """A player that ran dry begins when the next chunk comes."""
    playback = Playback()
    playback.sent((-20.0,), 32.0, at_ms=0.0)
    playback.sent((-30.0,), 32.0, at_ms=100.0)
    assert [playback.level_at(at_ms) for at_ms in (16.0, 50.0, 110.0)] == [-20.0, None, -30.0]


def test_what_is_cut_plays_no_more():
    """What was played before stays heard."""
    playback = Playback()
    playback.sent((-20.0,) * 10, 320.0, at_ms=0.0)
    assert playback.cut(100.0) == pytest.approx(220.0)
    assert (playback.level_at(99.0), playback.level_at(101.0), playback.unplayed_ms(50.0)) == (-20.0, None, 50.0)


def test_after_a_cut_the_next_chunk_plays_at_once():
    """Nothing is left that it would wait for."""
    playback = Playback()
    playback.sent((-20.0,) * 10, 320.0, at_ms=0.0)
    playback.cut(100.0)
    playback.sent((-40.0,), 32.0, at_ms=110.0)
    assert playback.level_at(120.0) == -40.0


def test_a_cut_of_nothing_is_nothing():
    """An interruption may come when all was played."""
    playback = Playback()
    playback.sent((-20.0,), 32.0, at_ms=0.0)
    assert playback.cut(500.0) == 0.0
    assert playback.end_ms == 32.0


def test_what_played_long_ago_is_forgotten():
    """Memory does not grow with the length of a conversation."""
    playback = Playback()
    for second in range(600):
        playback.sent((-20.0,) * 31, 992.0, at_ms=second * 1_000.0)
    assert len(playback._starts_ms) < 200


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(0, 400)), min_size=1, max_size=20))
def test_all_that_was_sent_is_played_once(chunks: list[tuple[int, int]]):
    """What is left to play is what was sent less the time since, and never negative."""
    playback, now_ms, left_ms = Playback(), 0.0, 0.0
    for duration_ms, pause_ms in chunks:
        playback.sent((-20.0,) * -(-duration_ms // 32), float(duration_ms), now_ms)
        left_ms += duration_ms
        assert playback.unplayed_ms(now_ms) == pytest.approx(left_ms)
        now_ms, left_ms = now_ms + pause_ms, max(0.0, left_ms - pause_ms)
        assert playback.unplayed_ms(now_ms) == pytest.approx(left_ms)
