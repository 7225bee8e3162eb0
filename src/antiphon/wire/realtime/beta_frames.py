"""The server's events under the names that beta alone has."""

from antiphon.wire.realtime.frames import (
    AudioPieceDelta,
    DeltaPiece,
    Frame,
    Piece,
    TextWhole,
    TranscriptDelta,
    TranscriptWhole,
)
from antiphon.wire.realtime.objects import AnyItem, Sent


class TranscriptionSessionCreated(Frame, frozen=True, kw_only=True, tag="transcription_session.created"):
    """The first frame of a session that only transcribes."""

    session: Sent


class TranscriptionSessionUpdated(Frame, frozen=True, kw_only=True, tag="transcription_session.updated"):
    """The set-up after a change."""

    session: Sent


class ItemCreated(Frame, frozen=True, kw_only=True, tag="conversation.item.created"):
    """An item has its place; nothing tells when it is whole."""

    previous_item_id: str | None
    item: AnyItem


class TextDelta(DeltaPiece, frozen=True, kw_only=True, tag="response.text.delta"):
    """More written words."""


class TextDone(TextWhole, frozen=True, kw_only=True, tag="response.text.done"):
    """All written words."""


class AudioTranscriptDelta(TranscriptDelta, frozen=True, kw_only=True, tag="response.audio_transcript.delta"):
    """More spoken words."""


class AudioTranscriptDone(TranscriptWhole, frozen=True, kw_only=True, tag="response.audio_transcript.done"):
    """All spoken words."""


class AudioDelta(AudioPieceDelta, frozen=True, kw_only=True, tag="response.audio.delta"):
    """More audio."""


class AudioDone(Piece, frozen=True, kw_only=True, tag="response.audio.done"):
    """All audio was sent."""
