"""The server's events under the names that GA alone has."""

from antiphon.wire.realtime.frames import (
    AudioPieceDelta,
    DeltaPiece,
    Frame,
    Piece,
    TextWhole,
    TranscriptDelta,
    TranscriptWhole,
)
from antiphon.wire.realtime.objects import AnyItem


class ItemAdded(Frame, frozen=True, kw_only=True, tag="conversation.item.added"):
    """An item has its place."""

    previous_item_id: str | None
    item: AnyItem


class ItemDone(ItemAdded, frozen=True, kw_only=True, tag="conversation.item.done"):
    """An item is whole."""


class IdleTimedOut(Frame, frozen=True, kw_only=True, tag="input_audio_buffer.timeout_triggered"):
    """The user said nothing for long."""

    audio_start_ms: int
    audio_end_ms: int
    item_id: str


class OutputTextDelta(DeltaPiece, frozen=True, kw_only=True, tag="response.output_text.delta"):
    """More written words."""


class OutputTextDone(TextWhole, frozen=True, kw_only=True, tag="response.output_text.done"):
    """All written words."""


class OutputTranscriptDelta(TranscriptDelta, frozen=True, kw_only=True, tag="response.output_audio_transcript.delta"):
    """More spoken words."""


class OutputTranscriptDone(TranscriptWhole, frozen=True, kw_only=True, tag="response.output_audio_transcript.done"):
    """All spoken words."""


class OutputAudioDelta(AudioPieceDelta, frozen=True, kw_only=True, tag="response.output_audio.delta"):
    """More audio."""


class OutputAudioDone(Piece, frozen=True, kw_only=True, tag="response.output_audio.done"):
    """All audio was sent."""
