"""A clause on its way from words to sound."""

import numpy as np

from antiphon.audio.formats import AudioFormat
from antiphon.realtime.clause import SENT_MS, Clause, SpokenFrame
from antiphon.realtime.facts import Spoken
from antiphon.speech.words import TimedWord

RATE_HZ = 24_000


def sound(ms: int, *words: tuple[str, float, float]) -> Spoken:
    """Return what a synthesiser tells."""
    samples = np.ones(ms * RATE_HZ // 1000, dtype="<i2").tobytes()
    timed = tuple(TimedWord(*word) for word in words)
    return Spoken(work_id="w", samples=samples, rate_hz=RATE_HZ, words=timed)


def frames(clause: Clause) -> list[SpokenFrame]:
    """Take all there is."""
    return list(iter(clause.next_frame, None))


def texts(taken: list[SpokenFrame]) -> list[list[str]]:
    """Return the words of frames."""
    return [[word.text for word in frame.words] for frame in taken]


def test_audio_waits_for_its_words():
    """Audio after the last known word may belong to a word that is still to be told."""
    clause = Clause("one two", AudioFormat.PCM16)
    clause.add(sound(400, ("one ", 0, 160)))
    assert len(frames(clause)) == 160 // SENT_MS
    clause.add(sound(100, ("two", 200, 480)))
    taken = frames(clause)
    assert texts(taken) == [["two"], [], [], []]
    clause.finish()
    assert len(frames(clause)[0].samples) == 20 * RATE_HZ // 1000
    assert clause.is_taken


def test_frames_do_not_depend_on_how_the_sound_came():
    """In one piece or in many, the frames are the same."""
    whole, cut = Clause("one two", AudioFormat.MULAW), Clause("one two", AudioFormat.MULAW)
    words = (("one ", 0.0, 200.0), ("two", 200.0, 400.0))
    whole.add(sound(400, *words))
    whole.finish()
    taken = list[SpokenFrame]()
    for word in words:
        cut.add(sound(200, word))
        taken += frames(cut)
    cut.finish()
    taken += frames(cut)
    expected = frames(whole)
    assert texts(taken) == texts(expected)
    assert [len(frame.samples) for frame in taken] == [len(frame.samples) for frame in expected]


def test_words_that_were_not_told_stand_at_the_end():
    """Joined, the words are the clause to the letter, whatever the synthesiser left out."""
    clause = Clause("one - two!", AudioFormat.PCM16)
    clause.add(sound(80, ("one ", 0, 80)))
    clause.finish()
    (frame,) = frames(clause)
    assert [(word.text, word.start_ms) for word in frame.words] == [("one ", 0), ("- two!", 80)]


def test_a_clause_without_sound_has_its_words_all_the_same():
    """One frame without samples."""
    clause = Clause("...", AudioFormat.PCM16)
    clause.finish()
    (frame,) = frames(clause)
    assert len(frame.samples) == 0
    assert [word.text for word in frame.words] == ["..."]
    assert clause.is_taken
