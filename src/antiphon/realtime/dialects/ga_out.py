"""Sessions and responses as GA clients read them."""

from msgspec import UNSET

from antiphon.audio.formats import AudioFormat
from antiphon.realtime.config import Modality, RetentionRatio, SessionConfig, Transcription, Truncation
from antiphon.realtime.dialects.ga_in import FORMATS
from antiphon.realtime.dialects.items_out import (
    ItemWords,
    details_view,
    item_view,
    max_tokens_view,
    noise_view,
    tool_choice_view,
    tools_view,
    turn_detection_view,
    usage_view,
)
from antiphon.realtime.server_events import ResponseView
from antiphon.wire.realtime import ga_objects
from antiphon.wire.realtime.objects import OutputAudioPart, OutputTextPart

WORDS = ItemWords(object=UNSET, text_part=OutputTextPart, audio_part=OutputAudioPart, tells_images=True)
_NAMES = {audio_format: name for name, audio_format in FORMATS.items()}


def session_view(
    session_id: str, config: SessionConfig, expires_at: int | None
) -> ga_objects.RealtimeSession | ga_objects.TranscriptionSession:
    """Return the whole set-up of a session."""
    include = config.passed.get("include")
    is_transcription = config.kind == "transcription"
    heard = _input_view(config, tells_responses=not is_transcription)
    if is_transcription:
        return ga_objects.TranscriptionSession(
            id=session_id, expires_at=expires_at, audio=ga_objects.Audio(input=heard), include=include
        )
    said = ga_objects.AudioOutput(format=_format_view(config.output_format), voice=config.voice, speed=config.speed)
    return ga_objects.RealtimeSession(
        id=session_id,
        model=config.model,
        output_modalities=_modalities_view(config.output_modalities),
        instructions=config.instructions,
        tools=tools_view(config.tools),
        tool_choice=tool_choice_view(config.tool_choice),
        parallel_tool_calls=UNSET if config.parallel_tool_calls is None else config.parallel_tool_calls,
        reasoning=config.passed.get("reasoning") or UNSET,
        max_output_tokens=max_tokens_view(config.max_output_tokens),
        tracing=config.passed.get("tracing"),
        truncation=_truncation_view(config.truncation),
        prompt=config.passed.get("prompt"),
        expires_at=expires_at,
        audio=ga_objects.Audio(input=heard, output=said),
        include=include,
    )


def response_view(response: ResponseView) -> ga_objects.Response:
    """Return a response."""
    output = ga_objects.ResponseOutput(format=_format_view(response.output_format), voice=response.voice)
    return ga_objects.Response(
        id=response.id,
        status=response.status,
        status_details=details_view(response),
        output=[item_view(item, WORDS) for item in response.output],
        conversation_id=response.conversation_id,
        output_modalities=_modalities_view(response.output_modalities),
        max_output_tokens=max_tokens_view(response.max_output_tokens),
        audio=ga_objects.ResponseAudio(output=output),
        usage=usage_view(response, WORDS),
        metadata=response.metadata,
    )


def _input_view(config: SessionConfig, *, tells_responses: bool) -> ga_objects.AudioInput:
    return ga_objects.AudioInput(
        format=_format_view(config.input_format),
        transcription=_transcription_view(config.transcription),
        noise_reduction=noise_view(config),
        turn_detection=turn_detection_view(
            config.turn_detection, tells_idle=tells_responses, tells_responses=tells_responses
        ),
    )


def _transcription_view(transcription: Transcription | None) -> dict[str, object] | None:
    if transcription is None:
        return None
    known = {
        "model": transcription.model,
        "language": transcription.language,
        "prompt": transcription.prompt,
    }
    return {**known, **transcription.passed}


def _format_view(audio_format: AudioFormat) -> ga_objects.Format:
    is_pcm = audio_format is AudioFormat.PCM16
    return ga_objects.Format(type=_NAMES[audio_format], rate=audio_format.rate_hz if is_pcm else UNSET)


def _modalities_view(modalities: tuple[Modality, ...]) -> list[str]:
    return ["audio"] if "audio" in modalities else ["text"]


def _truncation_view(truncation: Truncation) -> str | ga_objects.RetentionRatio:
    if not isinstance(truncation, RetentionRatio):
        return truncation
    limit = truncation.post_instructions_tokens
    return ga_objects.RetentionRatio(
        retention_ratio=truncation.ratio, token_limits=UNSET if limit is None else {"post_instructions": limit}
    )
