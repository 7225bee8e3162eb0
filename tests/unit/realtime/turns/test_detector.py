"""From frames to signs."""

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.realtime.config import SemanticVad, ServerVad, TurnDetection
from antiphon.realtime.turns.detector import TurnDetector
from antiphon.realtime.turns.frames import FRAME_MS, FRAME_SAMPLES, NUM_BANDS, NUM_SLICES, RATE_HZ, HeardFrame, hear
from antiphon.realtime.turns.signs import (
    EndSuspected,
    Sign,
    TurnEnded,
    TurnQuestioned,
    VoiceBegan,
    VoiceDismissed,
    VoiceResumed,
    VoiceSuspected,
)

VOICE, SILENCE = 0.95, 0.02
# By band, relative to the frame's level.
HUM = (-4.0, -3.0, -20.0, -32.0, -36.0, -38.0, -40.0, -40.0, -42.0, -44.0)


def frame(level_dbfs: float) -> HeardFrame:
    """A frame of a hiss, which is no hum and no vowel: it is loud at high pitches."""
    slope = tuple(level_dbfs - 30 + 3 * band for band in range(NUM_BANDS))
    return HeardFrame(level_dbfs, slope * NUM_SLICES)


def feed(
    detector: TurnDetector,
    probabilities: Iterable[float],
    *,
    played_dbfs: float | None = None,
    level_dbfs: float = -20.0,
) -> list[Sign]:
    """Feed frames; those that are no voice are quiet."""
    return [
        sign
        for probability in probabilities
        for sign in detector.feed(frame(level_dbfs if probability > 0.3 else -70.0), probability, played_dbfs)
    ]


def begun(detection: TurnDetection) -> TurnDetector:
    """A detector in a turn whose last voiced frame is number 9."""
    detector = TurnDetector(detection)
    assert feed(detector, [SILENCE] * 2 + [VOICE] * 8)[-1] == VoiceBegan(2)
    return detector


def test_a_voice_begins_once_it_lasts():
    """It is told in the third frame, and points to the first."""
    detector = TurnDetector(ServerVad())
    assert feed(detector, [SILENCE, SILENCE, VOICE]) == [VoiceSuspected(2)]
    assert feed(detector, [VOICE]) == []
    assert feed(detector, [VOICE]) == [VoiceBegan(2)]


def test_a_click_is_dismissed():
    """It is shorter than any word."""
    detector = TurnDetector(ServerVad())
    assert feed(detector, [SILENCE, VOICE, VOICE] + [SILENCE] * 10) == [VoiceSuspected(1), VoiceDismissed(1)]


def test_a_quiet_beginning_belongs_to_the_voice():
    """The model is sure a frame late; where the level rose before, the voice began there."""
    detector = TurnDetector(ServerVad())
    signs = [*detector.feed(frame(-70.0), SILENCE, None), *detector.feed(frame(-35.0), 0.2, None)]
    assert signs + feed(detector, [VOICE]) == [VoiceSuspected(1)]


def test_a_voice_is_over_where_the_room_is_as_quiet_as_ever():
    """Though the model takes the first silence for a voice still; before a second was heard nobody knows the room."""
    for num_before, is_known in ((40, True), (4, False)):
        detector = TurnDetector(ServerVad())
        feed(detector, [SILENCE] * num_before + [VOICE] * 8)
        signs = [sign for _ in range(3) for sign in detector.feed(frame(-68.0), VOICE, None)]
        assert (signs == [EndSuspected(num_before + 7)]) is is_known


def test_the_threshold_is_the_clients():
    """What is a voice for one is none for another."""
    for threshold, signs in ((0.4, [VoiceSuspected(0)]), (0.8, [])):
        assert feed(TurnDetector(ServerVad(threshold=threshold)), [0.6]) == signs


def test_a_voice_goes_on_below_the_threshold():
    """So that a soft syllable ends no turn."""
    detector = begun(ServerVad())
    assert feed(detector, [0.4] * 30) == []


@pytest.mark.parametrize(("silence_ms", "num_frames"), [(200, 7), (224, 7), (225, 8), (500, 16), (10, 1)])
def test_a_turn_ends_in_the_frame_in_which_the_silence_is_long_enough(silence_ms: int, num_frames: int):
    """Neither a frame earlier nor later; the end is suspected after three frames at the latest."""
    detector = begun(ServerVad(silence_duration_ms=silence_ms))
    signs = feed(detector, [SILENCE] * 40)
    assert signs == [EndSuspected(9), TurnEnded(9, 9 + num_frames)]


def test_a_pause_drops_the_suspicion():
    """The user goes on, and the next silence is a new one."""
    detector = begun(ServerVad(silence_duration_ms=500))
    signs = feed(detector, [SILENCE] * 5 + [VOICE] * 2 + [SILENCE] * 16)
    assert signs == [EndSuspected(9), VoiceResumed(15), EndSuspected(16), TurnEnded(16, 32)]


def test_after_a_turn_another_begins():
    """As the first one did."""
    detector = begun(ServerVad())
    feed(detector, [SILENCE] * 7)
    assert feed(detector, [SILENCE, VOICE, VOICE, VOICE]) == [VoiceSuspected(18), VoiceBegan(18)]


def test_semantic_vad_asks_and_ends_by_the_answer():
    """Where the user seems to be done, a short silence is enough."""
    detector = begun(SemanticVad(eagerness="high"))
    assert feed(detector, [SILENCE] * 6) == [EndSuspected(9), TurnQuestioned(9)]
    assert detector.judged(0.97) == [TurnEnded(9, 15)]


def test_semantic_vad_waits_for_who_is_not_done():
    """For seconds, and the turn ends all the same."""
    detector = begun(SemanticVad(eagerness="high"))
    feed(detector, [SILENCE] * 6)
    assert detector.judged(0.0) == []
    assert feed(detector, [SILENCE] * 100) == [TurnEnded(9, 72)]


def test_an_answer_that_comes_after_the_voice_means_nothing():
    """The user went on meanwhile."""
    detector = begun(SemanticVad(eagerness="high"))
    feed(detector, [SILENCE] * 6 + [VOICE])
    assert detector.judged(1.0) == []
    assert feed(detector, [SILENCE] * 7)[:2] == [EndSuspected(16), TurnQuestioned(16)]


def test_our_own_echo_is_no_voice():
    """It sounds like one, but it is no louder than it can be."""
    detector = TurnDetector(ServerVad())
    assert feed(detector, [VOICE] * 200, played_dbfs=-20.0, level_dbfs=-30.0) == []


def test_a_voice_over_our_own_interrupts_within_300_ms():
    """Once it has lasted, and its sound is not that of a backchannel."""
    detector = TurnDetector(ServerVad())
    feed(detector, [SILENCE] * 40, played_dbfs=-30.0)
    signs = list[Sign]()
    rng, at = np.random.default_rng(0), np.arange(9 * FRAME_SAMPLES) / RATE_HZ
    # Syllables of 64 ms, an 's' after each.
    sound = np.where(at % 0.128 < 0.064, 8_000 * np.sin(2 * np.pi * 600 * at), 3_000 * rng.normal(size=len(at)))
    for samples in sound.astype(np.int16).reshape(9, FRAME_SAMPLES):
        signs += detector.feed(hear(samples), VOICE, -30.0)
    assert signs == [VoiceSuspected(40), VoiceBegan(40)]


def test_a_hum_over_our_own_is_tolerated_and_a_long_one_is_not():
    """'Mm-hm' asks for more, but who hums for a second wants to be heard."""
    hum = HeardFrame(-24.0, tuple(-24.0 + band for band in HUM) * NUM_SLICES)
    for num_frames, last in ((12, VoiceDismissed(40)), (22, VoiceBegan(40))):
        detector = TurnDetector(ServerVad())
        feed(detector, [SILENCE] * 40, played_dbfs=-30.0)
        signs = [sign for _ in range(num_frames) for sign in detector.feed(hum, VOICE, -30.0)]
        assert (signs + feed(detector, [SILENCE] * 5, played_dbfs=-30.0))[:2] == [VoiceSuspected(40), last]


def test_a_voice_that_is_heard_in_pieces_interrupts_in_the_end():
    """Over a loud echo only its loudest syllables are, each too short to tell what it is."""
    hum = HeardFrame(-24.0, tuple(-24.0 + band for band in HUM) * NUM_SLICES)
    detector = TurnDetector(ServerVad())
    feed(detector, [SILENCE] * 40, played_dbfs=-30.0)
    signs = list[Sign]()
    for _ in range(10):
        signs += [sign for _ in range(2) for sign in detector.feed(hum, VOICE, -30.0)]
        signs += feed(detector, [SILENCE] * 4, played_dbfs=-30.0)
    assert [type(sign) for sign in signs] == [VoiceSuspected, VoiceDismissed] * 9 + [
        VoiceSuspected,
        VoiceBegan,
        EndSuspected,
    ]


def test_a_hum_that_outlasts_our_own_is_an_answer_to_it():
    """Nothing is left that it could ask more of."""
    hum = HeardFrame(-24.0, tuple(-24.0 + band for band in HUM) * NUM_SLICES)
    detector = TurnDetector(ServerVad())
    feed(detector, [SILENCE] * 40, played_dbfs=-30.0)
    signs = [sign for _ in range(18) for sign in detector.feed(hum, VOICE, None)]
    assert signs == [VoiceSuspected(40), VoiceBegan(40)]


def test_a_short_sound_over_our_own_is_dismissed():
    """A cough is over before it could be told from a word."""
    detector = TurnDetector(ServerVad())
    feed(detector, [SILENCE] * 40, played_dbfs=-30.0)
    signs = feed(detector, [VOICE] * 3 + [SILENCE] * 10, played_dbfs=-30.0)
    assert signs == [VoiceSuspected(40), VoiceDismissed(40)]


def test_a_voice_in_a_crowd_must_stand_out():
    """People behind the user take no turn, and the user's turn ends while they talk on."""
    detector = TurnDetector(ServerVad())
    feed(detector, [VOICE] * 4 + [SILENCE] * 10)
    for _ in range(130):
        detector.feed(frame(-45.0), VOICE, None)
    signs = feed(detector, [VOICE] * 20, level_dbfs=-20.0)
    signs += feed(detector, [VOICE] * 20, level_dbfs=-44.0)
    assert [type(sign) for sign in signs] == [VoiceSuspected, VoiceBegan, EndSuspected, TurnEnded]


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(-80, 0), st.none() | st.floats(-60, 0)), max_size=150), st.booleans()
)
def test_signs_come_in_order(frames: list[tuple[float, float, float | None]], is_semantic: bool):
    """A turn begins, is suspected to end, and ends; never twice, and frames never point to the future."""
    detector = TurnDetector(SemanticVad(eagerness="high") if is_semantic else ServerVad())
    follows = {
        VoiceSuspected: (type(None), VoiceDismissed, TurnEnded),
        VoiceDismissed: (VoiceSuspected,),
        VoiceBegan: (VoiceSuspected,),
        EndSuspected: (VoiceBegan, VoiceResumed),
        VoiceResumed: (EndSuspected, TurnQuestioned),
        TurnQuestioned: (EndSuspected,),
        TurnEnded: (EndSuspected, TurnQuestioned),
    }
    last: type = type(None)
    for number, (probability, level_dbfs, played_dbfs) in enumerate(frames):
        signs = detector.feed(frame(level_dbfs), probability, played_dbfs)
        if signs and isinstance(signs[-1], TurnQuestioned):
            signs += detector.judged(probability)
        for sign in signs:
            assert last in follows[type(sign)]
            assert all(getattr(sign, name) <= number for name in sign.__struct_fields__)
            last = type(sign)


def test_frames_are_counted_from_where_the_session_is():
    """A detector that starts later tells the session's numbers."""
    detector = TurnDetector(ServerVad(), first_frame=1_000)
    assert feed(detector, [VOICE] * 3) == [VoiceSuspected(1_000), VoiceBegan(1_000)]
    assert FRAME_MS == 32.0
