"""Segments of a transcript as subtitles: SubRip, and WebVTT (W3C)."""

from collections.abc import Iterable

from antiphon.speech.facts import SegmentHeard


def srt(segments: Iterable[SegmentHeard]) -> str:
    """Return SubRip: numbered cues, their times with a comma before the milliseconds."""
    cues = (
        f"{number}\n{_time(one.start_ms, ',')} --> {_time(one.end_ms, ',')}\n{_line(one.text)}\n\n"
        for number, one in enumerate(segments, start=1)
    )
    return "".join(cues)


def vtt(segments: Iterable[SegmentHeard]) -> str:
    """Return WebVTT. An arrow in the text would end it there, and is told apart."""
    cues = (
        f"{_time(one.start_ms, '.')} --> {_time(one.end_ms, '.')}\n{_line(one.text).replace('-->', '->')}\n\n"
        for one in segments
    )
    return "WEBVTT\n\n" + "".join(cues)


def _time(ms: float, point: str) -> str:
    seconds, rest_ms = divmod(max(0, round(ms)), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{rest_ms:03}"


def _line(text: str) -> str:
    """A cue's text: an empty line within it would end the cue."""
    return " ".join(text.split())
