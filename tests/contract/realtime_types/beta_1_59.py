"""What the beta types of openai-python 1.59.3 (January 2025) require of each server event, beside `type`."""

_QUINTET = ("event_id", "response_id", "item_id", "output_index", "content_index")
_CALL = ("event_id", "response_id", "item_id", "output_index", "call_id")
_TRANSCRIPTION = "conversation.item.input_audio_transcription"

REQUIRED: dict[str, tuple[str, ...]] = {
    "conversation.item.created": ("event_id", "item", "previous_item_id"),
    "conversation.item.deleted": ("event_id", "item_id"),
    f"{_TRANSCRIPTION}.completed": ("content_index", "event_id", "item_id", "transcript"),
    f"{_TRANSCRIPTION}.failed": ("content_index", "error", "event_id", "item_id"),
    "conversation.item.truncated": ("audio_end_ms", "content_index", "event_id", "item_id"),
    "error": ("error", "event_id"),
    "input_audio_buffer.cleared": ("event_id",),
    "input_audio_buffer.committed": ("event_id", "item_id", "previous_item_id"),
    "input_audio_buffer.speech_started": ("audio_start_ms", "event_id", "item_id"),
    "input_audio_buffer.speech_stopped": ("audio_end_ms", "event_id", "item_id"),
    "rate_limits.updated": ("event_id", "rate_limits"),
    "response.audio.delta": (*_QUINTET, "delta"),
    "response.audio.done": _QUINTET,
    "response.audio_transcript.delta": (*_QUINTET, "delta"),
    "response.audio_transcript.done": (*_QUINTET, "transcript"),
    "response.content_part.added": (*_QUINTET, "part"),
    "response.content_part.done": (*_QUINTET, "part"),
    "response.created": ("event_id", "response"),
    "response.done": ("event_id", "response"),
    "response.function_call_arguments.delta": (*_CALL, "delta"),
    "response.function_call_arguments.done": (*_CALL, "arguments"),
    "response.output_item.added": ("event_id", "item", "output_index", "response_id"),
    "response.output_item.done": ("event_id", "item", "output_index", "response_id"),
    "response.text.delta": (*_QUINTET, "delta"),
    "response.text.done": (*_QUINTET, "text"),
    "session.created": ("event_id", "session"),
    "session.updated": ("event_id", "session"),
}
REQUIRED_OF_ERROR = ("message", "type")

# Later additions to beta, which those types do not know, and which clients of that time pass over.
LATER = {
    f"{_TRANSCRIPTION}.delta",
    "conversation.item.retrieved",
    "transcription_session.created",
    "transcription_session.updated",
}
