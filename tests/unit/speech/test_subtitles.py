"""Subtitles are in the form that players read."""

from antiphon.speech.facts import SegmentHeard
from antiphon.speech.subtitles import srt, vtt

SEGMENTS = (
    SegmentHeard(text=" Hello,\n\nyou.", start_ms=0, end_ms=1234.4),
    SegmentHeard(text=" A --> B", start_ms=3_599_999.6, end_ms=3_661_001),
)


def test_srt_counts_its_cues_and_writes_a_comma_before_the_milliseconds():
    """An empty line would end a cue, so there is none in it; times are rounded, and carried over."""
    assert srt(SEGMENTS) == (
        "1\n00:00:00,000 --> 00:00:01,234\nHello, you.\n\n2\n01:00:00,000 --> 01:01:01,001\nA --> B\n\n"
    )


def test_vtt_has_its_head_and_no_arrow_in_a_text():
    """An arrow in a text would be taken for times."""
    assert vtt(SEGMENTS) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.234\nHello, you.\n\n01:00:00.000 --> 01:01:01.001\nA -> B\n\n"
    )


def test_silence_has_no_cues():
    """Nothing was said: an empty file, or the head alone."""
    assert (srt(()), vtt(())) == ("", "WEBVTT\n\n")
