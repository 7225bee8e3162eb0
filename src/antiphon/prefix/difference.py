"""Where a prompt is first not the earlier one that shares most with it, and what that was in the request."""

from dataclasses import dataclass
from typing import NamedTuple

from antiphon.prefix.likeness import Nearest
from antiphon.prefix.reason import Reason
from antiphon.prefix.record import Kind, Record, Segment, Segments


@dataclass(frozen=True, slots=True)
class Difference:
    """The first token, from 0, at which a prompt is not the nearest earlier one, and where in the request that is.

    `path` is of the request's JSON, or of the earlier request's for what only that has.
    """

    token_offset: int
    message_index: int | None = None
    path: str | None = None


class Change(NamedTuple):
    """The first difference and the reason that it is."""

    reason: Reason
    difference: Difference


def first_change(record: Record, nearest: Nearest) -> Change | None:
    """Return what differs first from an earlier request; None where one of the two goes on from the other.

    None too where the request wanted no more than what is equal, and where more was held than anybody remembers.
    """
    at, earlier, outcome = nearest.shared_tokens, nearest.record, record.outcome
    if at >= min(record.num_tokens, earlier.num_tokens) or at < outcome.reused_tokens:
        return None
    if outcome.wanted_tokens is not None and 0 < outcome.wanted_tokens <= at:
        return None
    our_segments, their_segments = record.segments(), earlier.segments()
    if at >= _content_end(earlier, their_segments):
        return None
    ours, theirs = _differing(our_segments, their_segments, at)
    reason, shown = _changed_part(ours, theirs)
    return Change(reason, Difference(at, shown and shown.message_index, shown and shown.path))


def _content_end(record: Record, segments: Segments) -> int:
    """Return where the template's words at the end of a prompt begin, behind which an answer was to be written."""
    return segments[-1].start if segments and segments[-1].kind is Kind.TEMPLATE else record.num_tokens


def _differing(our_segments: Segments, their_segments: Segments, at: int) -> tuple[Segment | None, Segment | None]:
    """Return the parts of both requests that differ at a token, or one of them where the other has ended there.

    The template's words on both sides lead to what follows them.
    """
    ours, theirs = _segment_at(our_segments, at), _segment_at(their_segments, at)
    if _is_content(ours) or _is_content(theirs):
        return (ours if _is_content(ours) else None), (theirs if _is_content(theirs) else None)
    return _content_behind(our_segments, at) or ours, _content_behind(their_segments, at) or theirs


def _segment_at(segments: Segments, at: int) -> Segment | None:
    return next((segment for segment in segments if segment.end > at), None)


def _content_behind(segments: Segments, at: int) -> Segment | None:
    return next((segment for segment in segments if segment.end > at and _is_content(segment)), None)


def _is_content(segment: Segment | None) -> bool:
    return segment is not None and segment.kind is not Kind.TEMPLATE


def _changed_part(ours: Segment | None, theirs: Segment | None) -> tuple[Reason, Segment | None]:
    """Return what kind of change it is to have one part in place of the other, and the part to show."""
    for kind, reason in _CHANGED_KINDS.items():
        if ours is not None and ours.kind is kind:
            break
        if theirs is not None and theirs.kind is kind:
            return reason, theirs
    else:
        return Reason.CHANGED_MESSAGE, ours or theirs
    return (Reason.CHANGED_IMAGE_DETAIL if _same_content(ours, theirs) else reason), ours


def _same_content(ours: Segment | None, theirs: Segment | None) -> bool:
    """Whether both are the same image, which the model is shown in another way."""
    shown = [segment.media for segment in (ours, theirs) if segment is not None and segment.media is not None]
    return len(shown) == 2 and shown[0].digest == shown[1].digest


_CHANGED_KINDS = {
    Kind.TOOLS: Reason.CHANGED_TOOLS,
    Kind.SCHEMA: Reason.CHANGED_SCHEMA,
    Kind.IMAGE: Reason.CHANGED_IMAGE,
}
