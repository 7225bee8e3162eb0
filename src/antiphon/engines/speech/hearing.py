"""From audio to what is said in it: pieces, tries where the model is unsure or repeats itself, segments, words.

Work that is urgent has its words sooner: without beams, without timestamps where it is short, and tried again only
where the model runs in circles.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from antiphon.engines.speech.recognition import RecognitionTask
from antiphon.engines.speech.segments import Decoded, segments_of, without_loop
from antiphon.engines.speech.serving import Refused
from antiphon.engines.speech.whisper import Reader, Whisper
from antiphon.engines.speech.windows import RATE_HZ, Samples, is_silent, num_heard, padded, pieces, window_samples
from antiphon.engines.speech.word_times import timed_words
from antiphon.speech.facts import RecognitionEnded, RecognitionFact, SegmentHeard

NUM_BEAMS = 5
# What is longer may have pauses that are taken for its end, which timestamps show.
_LONG_S = 8.0
# Where the model is unsure by itself, chance may find something better (Radford et al. 2022, section 4.5).
_RETRY_TEMPERATURES = (0.4, 0.8)


@dataclass(frozen=True, slots=True)
class _Try:
    """One way to decode a piece: in a window so many times longer than it needs."""

    times_longer: int
    temperature: float


@dataclass(frozen=True, slots=True)
class _Pass:
    """A piece as it was decoded at last, and what the encoder made of it then."""

    decoded: Decoded
    encoded: Any


class Hearing:
    """Hears with one model."""

    def __init__(self, whisper: Whisper) -> None:
        self._whisper = whisper

    def hear(self, task: RecognitionTask) -> Iterator[RecognitionFact]:
        """Tell the segments and at last the end. Raises `Refused` for a language or task that the model lacks."""
        self._check(task)
        language = task.language
        num_tokens = 0
        for start, whole in pieces(np.frombuffer(task.samples, dtype="<i2")):
            begin, piece = start, whole
            while not is_silent(piece):
                encoded = self._encode(piece, 1)
                spoken = language or self._whisper.language_of(encoded)
                reader = self._whisper.reader(spoken, task.task)
                heard = self._decoded(task, reader, piece, encoded)
                if heard.decoded.is_silence:
                    break
                language = spoken  # that of the first words is that of all
                num_tokens += len(heard.decoded.tokens)
                segments = list(_segments(task, reader, heard, begin, len(piece)))
                yield from segments
                ended_ms = segments[-1].end_ms - begin * 1000 / RATE_HZ if segments else 0.0
                rest = num_heard(piece, ended_ms)
                begin, piece = begin + rest, piece[rest:]
        yield RecognitionEnded(language or "en", num_tokens)

    def _check(self, task: RecognitionTask) -> None:
        if task.language is not None and not self._whisper.knows(task.language):
            raise Refused(
                f"The recogniser does not know the language '{task.language}': name another by its ISO 639-1 code, or "
                "none, and it finds out."
            )
        if task.task == "translate" and not self._whisper.is_multilingual:
            raise Refused("This recogniser hears English alone and translates nothing: name a multilingual one.")

    def _encode(self, piece: Samples, times_longer: int) -> Any:  # noqa: ANN401  (a native object)
        return self._whisper.encode(padded(piece, window_samples(len(piece), times_longer=times_longer)))

    def _decoded(self, task: RecognitionTask, reader: Reader, piece: Samples, encoded: Any) -> _Pass:  # noqa: ANN401
        """Decode until something sound comes out; else the best of what came."""
        is_long = len(piece) > _LONG_S * RATE_HZ
        prompt = reader.prompt(task.prompt, has_times=is_long or not task.is_urgent)
        passes: list[_Pass] = []
        times_longer = 1
        for one in _tries(task):
            if one.times_longer != times_longer:
                times_longer = one.times_longer
                encoded = self._encode(piece, times_longer)
            decoded = reader.decode(
                encoded,
                prompt,
                num_samples=len(piece),
                num_beams=1 if task.is_urgent else NUM_BEAMS,
                temperature=one.temperature,
            )
            passes.append(_Pass(decoded, encoded))
            if decoded.is_sound or (task.is_urgent and not decoded.is_loop):
                return passes[-1]
        return max(passes, key=lambda one: (not one.decoded.is_loop, one.decoded.mean_logprob))


def _tries(task: RecognitionTask) -> list[_Try]:
    """Return the ways to decode a piece, one after the other: a loop often ends in a longer window."""
    tries = [_Try(1, task.temperature), _Try(2, task.temperature)]
    if task.is_urgent:
        return tries
    return [*tries, *(_Try(4, hotter) for hotter in _RETRY_TEMPERATURES if hotter > task.temperature)]


def _segments(
    task: RecognitionTask, reader: Reader, heard: _Pass, begin: int, num_samples: int
) -> Iterator[SegmentHeard]:
    decoded = heard.decoded
    tokens = without_loop(decoded.tokens, reader.timestamp_begin) if decoded.is_cut else decoded.tokens
    found = segments_of(tokens, reader.timestamp_begin, num_samples * 1000 / RATE_HZ)
    text_tokens = [token for segment in found for token in segment.tokens]
    starts_ms = reader.token_starts_ms(heard.encoded, text_tokens, num_samples) if task.wants_words else []
    offset_ms, place = begin * 1000 / RATE_HZ, 0
    for segment in found:
        end = place + len(segment.tokens)
        words = timed_words(reader.words(segment.tokens), starts_ms[place : end + 1], offset_ms) if starts_ms else ()
        place = end
        yield SegmentHeard(
            text=reader.text(segment.tokens),
            start_ms=offset_ms + segment.start_ms,
            end_ms=offset_ms + segment.end_ms,
            words=words,
            tokens=segment.tokens,
            mean_logprob=decoded.mean_logprob,
            no_speech_probability=decoded.no_speech_probability,
            compression_ratio=decoded.compression_ratio,
        )
