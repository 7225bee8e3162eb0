"""Sessions and responses as beta clients ask for them."""

from typing import Any

from msgspec import UNSET, UnsetType

from antiphon.audio.formats import AudioFormat
from antiphon.realtime.config import (
    Modality,
    NamedTool,
    ResponseOptions,
    SessionChanges,
    SessionConfig,
    ToolChoice,
    Transcription,
)
from antiphon.realtime.dialects.config_in import (
    max_tokens_of,
    merged,
    modalities_of,
    noise_of,
    told,
    tools_of,
    turn_detection_of,
)
from antiphon.realtime.dialects.ga_in import DEFAULT_TRANSCRIBER
from antiphon.realtime.dialects.items_in import inputs_of
from antiphon.wire import wording
from antiphon.wire.realtime import beta
from antiphon.wire.wording import Place

MODALITIES: tuple[tuple[Modality, ...], ...] = (("text",), ("text", "audio"))


def session_changes(session: beta.Session, config: SessionConfig, place: Place) -> SessionChanges:
    """Return what a session that answers is to change. Raises `InvalidRequest` with its place."""
    plain = {
        "instructions": told(session.instructions),
        "output_modalities": modalities_of(session.modalities, (*place, "modalities"), MODALITIES),
        "output_format": _format_of(session.output_audio_format),
        "voice": told(session.voice),
        "speed": told(session.speed),
        "tools": UNSET if session.tools is None else tools_of(session.tools, (*place, "tools")),
        "tool_choice": _tool_choice_of(session.tool_choice, (*place, "tool_choice")),
        "temperature": told(session.temperature),
        "max_output_tokens": max_tokens_of(session.max_response_output_tokens),
    }
    return SessionChanges(**merged(plain, _input_changes(session, config), _passed(session)))


def transcription_changes(session: beta.TranscriptionSession, config: SessionConfig) -> SessionChanges:
    """Return what a session that only transcribes is to change. Its modalities mean nothing: it answers nothing."""
    return SessionChanges(**merged(_input_changes(session, config), _passed(session)))


def response_options(response: beta.Response | None, config: SessionConfig) -> ResponseOptions:
    """Return what a `response.create` asks. Raises `InvalidRequest` with its place."""
    if response is None:
        return ResponseOptions()
    place: Place = ("response",)
    limit = response.max_response_output_tokens
    inputs = response.input
    return ResponseOptions(
        output_modalities=modalities_of(response.modalities, (*place, "modalities"), MODALITIES),
        instructions=told(response.instructions),
        voice=told(response.voice),
        output_format=_format_of(response.output_audio_format),
        tools=UNSET if response.tools is None else tools_of(response.tools, (*place, "tools")),
        tool_choice=_tool_choice_of(response.tool_choice, (*place, "tool_choice")),
        temperature=told(response.temperature),
        max_output_tokens=max_tokens_of(response.max_output_tokens if limit is None else limit),
        is_out_of_band=response.conversation == "none",
        input=None if inputs is None else inputs_of(inputs, (*place, "input"), config.input_format),
        metadata=response.metadata,
    )


def _input_changes(session: beta.ListenedSession, config: SessionConfig) -> dict[str, Any]:
    changes: dict[str, Any] = {"input_format": _format_of(session.input_audio_format)}
    if "input_audio_transcription" in session.model_fields_set:
        changes["transcription"] = _transcription_of(session.input_audio_transcription, config)
    if "turn_detection" in session.model_fields_set:
        changes["turn_detection"] = turn_detection_of(session.turn_detection)
    if "input_audio_noise_reduction" in session.model_fields_set:
        changes |= noise_of(session.input_audio_noise_reduction)
    return changes


def _transcription_of(request: beta.Transcription | None, config: SessionConfig) -> Transcription | None:
    if request is None:
        return None
    before = config.transcription.model if config.transcription is not None else DEFAULT_TRANSCRIBER
    return Transcription(
        model=request.model or before, language=request.language or None, prompt=request.prompt or None
    )


def _passed(session: beta.ListenedSession) -> dict[str, Any]:
    values = session.model_dump(include={"include", "tracing"}, exclude_unset=True)
    return {"passed": values} if values else {}


def _format_of(name: beta.Format | None) -> AudioFormat | UnsetType:
    return UNSET if name is None else AudioFormat(name)


def _tool_choice_of(choice: beta.ToolChoice | None, place: Place) -> ToolChoice | UnsetType:
    if choice is None:
        return UNSET
    if not isinstance(choice, beta.NamedTool):
        return choice
    name = choice.name or (choice.function.name if choice.function is not None else None)
    if name is None:
        raise wording.missing((*place, "name"))
    return NamedTool(name)
