"""What is said between the adapter of a recogniser and its process, as payloads."""

from typing import Literal

import msgspec

from antiphon.speech.facts import RecognitionEnded, RecognitionFact, SegmentHeard
from antiphon.speech.work import RecognitionWork


class RecognitionTask(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What the process needs to know of a `RecognitionWork`; the fields are those of the work."""

    samples: bytes
    language: str | None = None
    prompt: str | None = None
    temperature: float = 0.0
    task: Literal["transcribe", "translate"] = "transcribe"
    wants_words: bool = False
    is_urgent: bool = False


class _Told(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A segment, or else the end."""

    segment: SegmentHeard | None = None
    ended: RecognitionEnded | None = None


_encoder = msgspec.msgpack.Encoder()
_task = msgspec.msgpack.Decoder(RecognitionTask)
_told = msgspec.msgpack.Decoder(_Told)


def encode_work(work: RecognitionWork) -> bytes:
    """Return a work as the payload of its start."""
    return _encoder.encode(
        RecognitionTask(
            samples=work.samples,
            language=work.language,
            prompt=work.prompt,
            temperature=work.temperature,
            task=work.task,
            wants_words=work.wants_words,
            is_urgent=work.is_urgent,
        )
    )


def decode_task(payload: bytes) -> RecognitionTask:
    """Return what is asked. Raises `msgspec.DecodeError`, which is a `ValueError`."""
    return _task.decode(payload)


def encode_fact(fact: RecognitionFact) -> bytes:
    """Return a fact as a payload."""
    return _encoder.encode(_Told(segment=fact) if isinstance(fact, SegmentHeard) else _Told(ended=fact))


def decode_fact(payload: bytes) -> RecognitionFact:
    """Return the fact that a payload tells. Raises `msgspec.DecodeError`."""
    told = _told.decode(payload)
    fact = told.segment or told.ended
    if fact is None:
        raise msgspec.DecodeError("neither a segment nor the end")
    return fact
