"""How loud our echo may be."""

import numpy as np

from antiphon.realtime.turns.echo import EchoPath

SYLLABLES = np.random.default_rng(5).uniform(-45, -18, size=400)


def follow(path: EchoPath, played: list[float | None], heard: list[float]) -> list[float | None]:
    """Tell a path frame after frame what was played and heard; return what it expected."""
    expected = list[float | None]()
    for ours, theirs in zip(played, heard, strict=True):
        expected.append(path.expect(ours))
        path.hear(theirs)
        path.learn()
    return expected


def echo_of(played: np.ndarray, delay: int, loss_db: float) -> list[float]:
    """What comes back after `delay` frames, in a room of -70 dBFS."""
    late = np.concatenate([np.full(delay, -100.0), played])[: len(played)] - loss_db
    return [float(level) for level in np.maximum(late, -70.0)]


def test_no_echo_is_expected_where_nothing_plays():
    """A frame is then the user's alone."""
    assert EchoPath().expect(None) is None


def test_before_anything_was_learned_the_echo_may_be_nearly_as_loud_as_we_are():
    """Six decibels below is the loudest loudspeaker that anybody can talk beside."""
    assert EchoPath().expect(-20.0) == -26.0


def test_an_echo_is_expected_as_long_as_a_late_player_sounds():
    """What ended a third of a second ago may be playing still."""
    path = EchoPath()
    expected = follow(path, [-20.0] * 10 + [None] * 30, [-60.0] * 40)
    assert all(level is not None for level in expected[:21])
    assert expected[-1] is None


def test_an_echo_at_any_delay_is_learned():
    """Two seconds later it never exceeds what is expected, and what is expected follows it closely."""
    for delay in range(13):
        for loss_db in (10.0, 20.0):
            heard = echo_of(SYLLABLES, delay, loss_db)
            expected = follow(EchoPath(), list(SYLLABLES), heard)
            excess = [level - echo for level, echo in zip(expected, heard, strict=True) if level is not None]
            assert min(excess[64:]) > 0
            assert np.median(excess[64:]) < 14


def test_with_headphones_the_room_is_the_bound():
    """Nothing follows what we play, so that a soft voice is heard."""
    rng = np.random.default_rng(6)
    expected = follow(EchoPath(), list(SYLLABLES), [float(level) for level in rng.normal(-65, 1, size=400)])
    assert max(level for level in expected[64:] if level is not None) < -50


def test_a_voice_over_the_echo_does_not_teach():
    """What is forgotten leaves no trace."""
    path, other = EchoPath(), EchoPath()
    heard = echo_of(SYLLABLES[:200], 3, 20.0)
    assert follow(path, list(SYLLABLES[:200]), heard) == follow(other, list(SYLLABLES[:200]), heard)
    for ours in SYLLABLES[200:216]:
        path.expect(ours)
        path.hear(-10.0)
        other.expect(ours)
    path.forget()
    path.learn()
    assert path.expect(-20.0) == other.expect(-20.0)


def test_an_echo_path_is_remembered_between_answers():
    """The second answer begins with the loss that the first one taught."""
    path = EchoPath()
    follow(path, list(SYLLABLES[:200]), echo_of(SYLLABLES[:200], 3, 30.0))
    follow(path, [None] * 60, [-70.0] * 60)
    expected = path.expect(-20.0)
    assert expected is not None
    assert -50 < expected < -40


def test_nothing_comes_back_of_a_player_that_has_stopped():
    """It is expected again as soon as something plays again."""
    path = EchoPath()
    follow(path, [-20.0] * 10, [-60.0] * 10)
    path.fall_silent()
    assert path.expect(None) is None
    assert path.expect(-20.0) is not None
