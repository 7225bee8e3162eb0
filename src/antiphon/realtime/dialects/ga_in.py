"""Sessions and responses as GA clients ask for them."""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, UnsetType

from antiphon.audio.formats import AudioFormat
from antiphon.errors import UnsupportedRequest
from antiphon.realtime.config import (
    Modality,
    NamedTool,
    ResponseOptions,
    RetentionRatio,
    SessionChanges,
    SessionConfig,
    ToolChoice,
    Transcription,
    Truncation,
)
from antiphon.realtime.dialects.config_in import (
    given,
    max_tokens_of,
    merged,
    modalities_of,
    noise_of,
    told,
    tools_of,
    turn_detection_of,
)
from antiphon.realtime.dialects.items_in import inputs_of
from antiphon.wire.realtime import ga
from antiphon.wire.wording import Place, written

DEFAULT_TRANSCRIBER = "whisper-1"
FORMATS: Mapping[str, AudioFormat] = {
    "audio/pcm": AudioFormat.PCM16,
    "audio/pcmu": AudioFormat.MULAW,
    "audio/pcma": AudioFormat.ALAW,
}
_MODALITIES: tuple[tuple[Modality, ...], ...] = (("text",), ("audio",))


def realtime_changes(session: ga.RealtimeSession, config: SessionConfig, place: Place) -> SessionChanges:
    """Return what a session that answers is to change. Raises `InvalidRequest` with its place."""
    audio = session.audio or ga.RealtimeAudio()
    output = audio.output or ga.AudioOutput()
    plain = {
        "kind": told(session.type),
        "instructions": told(session.instructions),
        "output_modalities": modalities_of(session.output_modalities, (*place, "output_modalities"), _MODALITIES),
        "output_format": _format_of(output.format),
        "voice": _voice_of(output.voice),
        "speed": told(output.speed),
        "tools": UNSET if session.tools is None else tools_of(session.tools, (*place, "tools")),
        "tool_choice": _tool_choice_of(session.tool_choice, (*place, "tool_choice")),
        "parallel_tool_calls": told(session.parallel_tool_calls),
        "max_output_tokens": max_tokens_of(session.max_output_tokens),
        "truncation": _truncation_of(session.truncation),
    }
    return SessionChanges(**merged(plain, _input_changes(audio.input, config), _passed(session)))


def transcription_changes(session: ga.TranscriptionSession, config: SessionConfig) -> SessionChanges:
    """Return what a session that only transcribes is to change."""
    audio = session.audio or ga.TranscriptionAudio()
    return SessionChanges(**merged({"kind": told(session.type)}, _input_changes(audio.input, config), _passed(session)))


def response_options(response: ga.Response | None, config: SessionConfig) -> ResponseOptions:
    """Return what a `response.create` asks. Raises `InvalidRequest` with its place."""
    if response is None:
        return ResponseOptions()
    place: Place = ("response",)
    output = (response.audio.output if response.audio is not None else None) or ga.ResponseOutput()
    inputs = response.input
    return ResponseOptions(
        output_modalities=modalities_of(response.output_modalities, (*place, "output_modalities"), _MODALITIES),
        instructions=told(response.instructions),
        voice=_voice_of(output.voice),
        output_format=_format_of(output.format),
        tools=UNSET if response.tools is None else tools_of(response.tools, (*place, "tools")),
        tool_choice=_tool_choice_of(response.tool_choice, (*place, "tool_choice")),
        parallel_tool_calls=told(response.parallel_tool_calls),
        max_output_tokens=max_tokens_of(response.max_output_tokens),
        is_out_of_band=response.conversation == "none",
        input=None if inputs is None else inputs_of(inputs, (*place, "input"), config.input_format),
        metadata=response.metadata,
    )


def _input_changes(audio: ga.AudioInput | None, config: SessionConfig) -> dict[str, Any]:
    if audio is None:
        return {}
    changes: dict[str, Any] = {"input_format": _format_of(audio.format)}
    if "transcription" in audio.model_fields_set:
        changes["transcription"] = _transcription_of(audio.transcription, config)
    if "turn_detection" in audio.model_fields_set:
        changes["turn_detection"] = turn_detection_of(audio.turn_detection)
    if "noise_reduction" in audio.model_fields_set:
        changes |= noise_of(audio.noise_reduction)
    return changes


def _transcription_of(request: ga.Transcription | None, config: SessionConfig) -> Transcription | None:
    if request is None:
        return None
    before = config.transcription.model if config.transcription is not None else DEFAULT_TRANSCRIBER
    passed = {name: value for name, value in given(request).items() if name in {"languages", "keywords", "delay"}}
    first_language = (request.languages or [None])[0]
    return Transcription(
        model=request.model or before,
        language=request.language or first_language or None,
        prompt=request.prompt or None,
        passed=passed,
    )


def _passed(session: ga.RealtimeSession | ga.TranscriptionSession) -> dict[str, Any]:
    values = session.model_dump(include={"include", "prompt", "reasoning", "tracing"}, exclude_unset=True)
    return {"passed": values} if values else {}


def _format_of(request: ga.Pcm | ga.Pcmu | ga.Pcma | None) -> AudioFormat | UnsetType:
    return UNSET if request is None else FORMATS[request.type]


def _voice_of(voice: str | ga.VoiceId | None) -> str | UnsetType:
    if voice is None:
        return UNSET
    return voice if isinstance(voice, str) else voice.id


def _tool_choice_of(choice: ga.ToolChoice | None, place: Place) -> ToolChoice | UnsetType:
    if choice is None:
        return UNSET
    if isinstance(choice, ga.McpChoice):
        raise UnsupportedRequest(
            "A 'tool_choice' of type 'mcp' is not supported: this server calls no remote MCP tools.",
            param=written(place),
        )
    return NamedTool(choice.name) if isinstance(choice, ga.NamedTool) else choice


def _truncation_of(request: str | ga.RetentionRatio | None) -> Truncation | UnsetType:
    if request is None:
        return UNSET
    if isinstance(request, ga.RetentionRatio):
        limits = request.token_limits or ga.TokenLimits()
        return RetentionRatio(ratio=request.retention_ratio, post_instructions_tokens=limits.post_instructions)
    return "disabled" if request == "disabled" else "auto"
