"""Positions in the user's audio, held against the clock."""

import pytest

from antiphon.realtime.arrivals import Arrivals


def test_audio_that_comes_as_it_is_said_lies_where_it_came():
    """Here it began when the clock stood at ten seconds."""
    arrivals = Arrivals()
    for place in range(1, 50):
        arrivals.came(place * 20, 10_000 + place * 20)
    assert arrivals.said_at_ms(500) == 10_500


def test_what_the_network_held_up_was_said_all_the_same():
    """Some pieces are late, and none was early."""
    arrivals = Arrivals()
    for place in range(1, 50):
        arrivals.came(place * 20, 10_000 + place * 20 + place * 37 % 90)
    assert abs(arrivals.said_at_ms(960) - 10_960) < 10


def test_a_burst_corrects_what_a_stall_made_believe():
    """Three seconds come at once; the last of them was said just now."""
    arrivals = Arrivals()
    arrivals.came(20, 1_000)
    for place in range(2, 152):
        arrivals.came(place * 20, 4_000)
    assert arrivals.said_at_ms(3_020) == 4_000


def test_after_a_pause_without_audio_it_goes_on_from_then():
    """The microphone was off for a minute."""
    arrivals = Arrivals()
    arrivals.came(1_000, 1_000)
    arrivals.came(1_020, 61_020)
    assert arrivals.said_at_ms(1_020) == 61_020


def test_clocks_that_drift_are_followed():
    """A lag that grows slowly, by moments that were not sent, is known a few seconds later."""
    arrivals = Arrivals()
    for place in range(1, 1000):
        arrivals.came(place * 20, place * 21)
    assert arrivals.said_at_ms(19_980) > 19_980 + 999 - 110


def test_little_is_remembered_of_many_pieces():
    """However small they are, and whatever their lag."""
    arrivals = Arrivals()
    for place in range(20_000):
        arrivals.came(place, place + (place % 7) / 10)
    assert len(arrivals._lags) <= 10
    assert len(arrivals._holds) <= 10


@pytest.mark.parametrize("piece_ms", [20, 100, 2_800])
def test_what_comes_faster_than_it_is_said_is_a_recording(piece_ms: int):
    """A question from a file comes at once, whole or in pieces."""
    arrivals = Arrivals()
    for end_ms in range(piece_ms, 2_801, piece_ms):
        arrivals.came(end_ms, 60_000)
    assert arrivals.is_recording


def test_a_recording_in_pieces_is_known_before_much_of_it_came():
    """Half a second of it is enough where nothing came before."""
    arrivals = Arrivals()
    for end_ms in range(100, 601, 100):
        arrivals.came(end_ms, 60_000)
    assert arrivals.is_recording


def test_a_microphone_in_long_pieces_is_no_recording():
    """Its first piece was held back until it was whole, as each of the others is."""
    arrivals = Arrivals()
    for end_ms in range(900, 9_001, 900):
        arrivals.came(end_ms, 60_000 + end_ms)
        assert not arrivals.is_recording


def test_a_second_recording_is_one_too():
    """It comes half a minute after the first."""
    arrivals = Arrivals()
    arrivals.came(2_800, 10_000)
    arrivals.came(5_600, 40_000)
    assert arrivals.is_recording


def test_a_microphone_is_no_recording():
    """Neither while the network is unsteady, nor after a stall that it made up for, nor when it was off before."""
    arrivals = Arrivals()
    for place in range(1, 200):
        arrivals.came(place * 20, 10_000 + place * 20 + place * 37 % 90)
        assert not arrivals.is_recording
    for place in range(200, 300):
        arrivals.came(place * 20, 16_000)
    assert not arrivals.is_recording
    for place in range(300, 400):
        arrivals.came(place * 20, 60_000 + place * 20)
        assert not arrivals.is_recording


def test_a_microphone_that_follows_a_recording_is_taken_for_one_soon():
    """Two seconds later nothing is left of the burst."""
    arrivals = Arrivals()
    arrivals.came(2_800, 10_000)
    for place in range(1, 150):
        arrivals.came(2_800 + place * 20, 10_000 + place * 20)
    assert not arrivals.is_recording
