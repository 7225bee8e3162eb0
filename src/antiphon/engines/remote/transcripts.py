"""An upstream's transcription, as `json` or `verbose_json`, read into facts."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec

from antiphon.engines.remote.incoming import decoded
from antiphon.engines.remote.reading import refusal_in
from antiphon.speech.facts import RecognitionEnded, RecognitionFact, SegmentHeard
from antiphon.speech.languages import LANGUAGE_NAMES
from antiphon.speech.words import TimedWord

_Seconds = Annotated[float, msgspec.Meta(ge=0)]
_CODES = {name: code for code, name in LANGUAGE_NAMES.items()}


class _Word(msgspec.Struct, frozen=True):
    word: str
    start: _Seconds
    end: _Seconds


class _Segment(msgspec.Struct, frozen=True):
    text: str
    start: _Seconds
    end: _Seconds
    avg_logprob: float = 0.0
    no_speech_prob: float = 0.0
    compression_ratio: float = 0.0
    words: list[_Word] | None = None


class _Transcription(msgspec.Struct, frozen=True):
    text: str | None = None
    language: str | None = None
    segments: list[_Segment] | None = None
    words: list[_Word] | None = None
    error: Any = None


_ANSWER = msgspec.json.Decoder(_Transcription)


class TranscriptReader:
    """Reads the answer to one call, of audio that is `length_ms` long, in which `language` was looked for."""

    def __init__(self, language: str | None, length_ms: float) -> None:
        self._language = language
        self._length_ms = length_ms

    def read(self, data: bytes) -> Sequence[RecognitionFact]:
        """Return what a whole answer tells. Raises `UpstreamRefusal` or an `EngineError`."""
        answer = decoded(_ANSWER, data)
        if answer.error is not None:
            raise refusal_in(data, answer.error)
        if answer.language:
            name = answer.language.lower()
            self._language = self._language or _CODES.get(name, name)
        if answer.segments:
            words = list(answer.words or ())
            return [self._segment(segment, words) for segment in answer.segments if segment.text.strip()]
        if not (answer.text or "").strip():
            return []
        text = f" {(answer.text or '').strip()}"
        return [SegmentHeard(text=text, start_ms=0, end_ms=self._length_ms, words=_timed(text, answer.words or ()))]

    @property
    def is_counted(self) -> bool:
        """Transcriptions are charged by their length, which is known."""
        return True

    def end(self) -> RecognitionFact:
        """Return the end."""
        return RecognitionEnded(self._language or "en")

    def _segment(self, segment: _Segment, words: list[_Word]) -> SegmentHeard:
        # A segment's own words, or those of the whole answer that begin in it.
        own = segment.words
        if own is None:
            own = [word for word in words if segment.start <= word.start < max(segment.end, segment.start + 0.01)]
        text = segment.text if segment.text[0].isspace() else f" {segment.text}"
        return SegmentHeard(
            text=text,
            start_ms=segment.start * 1000,
            end_ms=max(segment.start, segment.end) * 1000,
            words=_timed(text, own),
            mean_logprob=segment.avg_logprob,
            no_speech_probability=segment.no_speech_prob,
            compression_ratio=segment.compression_ratio,
        )


def _timed(text: str, words: Iterable[_Word]) -> tuple[TimedWord, ...]:
    """Return the words with what stands between them in `text`; a word that is not in it is passed over."""
    found: list[tuple[int, _Word]] = []
    place = 0
    for word in words:
        bare = word.word.strip()
        at = text.find(bare, place) if bare else -1
        if at >= 0:
            found.append((at, word))
            place = at + len(bare)
    begins = [0, *(at for at, _ in found[1:]), len(text)]
    return tuple(
        TimedWord(text[begin:end], word.start * 1000, max(word.start, word.end) * 1000)
        for (_, word), begin, end in zip(found, begins, begins[1:], strict=False)
    )
