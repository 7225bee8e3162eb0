"""Sessions and responses as beta clients read them."""

from antiphon.realtime.config import Modality, SessionConfig, Transcription
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
from antiphon.wire.realtime import beta_objects
from antiphon.wire.realtime.objects import AudioPart, TextPart

WORDS = ItemWords(object="realtime.item", text_part=TextPart, audio_part=AudioPart, tells_images=False)
# The type of a transcription session demands a secret where it has none to tell.
_NO_SECRET = beta_objects.ClientSecret(value="", expires_at=0)


def session_view(
    session_id: str,
    config: SessionConfig,
    expires_at: int | None,
    secret: beta_objects.ClientSecret | None = None,
) -> beta_objects.Session | beta_objects.TranscriptionSession:
    """Return the whole set-up of a session, with its key where it was just made."""
    if config.kind == "transcription":
        return _transcription_session(session_id, config, expires_at, secret)
    return beta_objects.Session(
        id=session_id,
        model=config.model,
        expires_at=expires_at,
        modalities=_modalities_view(config.output_modalities),
        instructions=config.instructions,
        voice=config.voice,
        turn_detection=turn_detection_view(config.turn_detection, tells_idle=False),
        input_audio_format=config.input_format.value,
        output_audio_format=config.output_format.value,
        input_audio_transcription=_transcription_view(config.transcription),
        tool_choice=tool_choice_view(config.tool_choice),
        temperature=config.temperature,
        max_response_output_tokens=max_tokens_view(config.max_output_tokens),
        client_secret=secret,
        tools=tools_view(config.tools),
        input_audio_noise_reduction=noise_view(config),
        speed=config.speed,
        tracing=config.passed.get("tracing"),
        include=config.passed.get("include"),
    )


def response_view(response: ResponseView) -> beta_objects.Response:
    """Return a response."""
    return beta_objects.Response(
        id=response.id,
        status=response.status,
        status_details=details_view(response),
        output=[item_view(item, WORDS) for item in response.output],
        conversation_id=response.conversation_id,
        modalities=_modalities_view(response.output_modalities),
        voice=response.voice,
        output_audio_format=response.output_format.value,
        temperature=response.temperature,
        max_output_tokens=max_tokens_view(response.max_output_tokens),
        usage=usage_view(response, WORDS),
        metadata=response.metadata,
    )


def _transcription_session(
    session_id: str, config: SessionConfig, expires_at: int | None, secret: beta_objects.ClientSecret | None
) -> beta_objects.TranscriptionSession:
    return beta_objects.TranscriptionSession(
        id=session_id,
        expires_at=expires_at,
        input_audio_format=config.input_format.value,
        input_audio_transcription=_transcription_view(config.transcription),
        turn_detection=turn_detection_view(config.turn_detection, tells_idle=False, tells_responses=False),
        input_audio_noise_reduction=noise_view(config),
        include=config.passed.get("include") or [],
        client_secret=secret or _NO_SECRET,
    )


def _transcription_view(transcription: Transcription | None) -> beta_objects.Transcription | None:
    if transcription is None:
        return None
    return beta_objects.Transcription(
        model=transcription.model, language=transcription.language, prompt=transcription.prompt
    )


def _modalities_view(modalities: tuple[Modality, ...]) -> list[str]:
    return ["text", "audio"] if "audio" in modalities else ["text"]
