"""How a session is set up, in words of neither dialect. Flat: each field is one that a client may change."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from antiphon.audio.formats import AudioFormat
from antiphon.realtime.items import Item, ItemReference

Modality = Literal["text", "audio"]
SessionKind = Literal["realtime", "transcription"]
# By the distance of the microphone.
NoiseReduction = Literal["near_field", "far_field"]


class ServerVad(msgspec.Struct, frozen=True, kw_only=True):
    """Turns end after a silence of fixed length."""

    threshold: float = 0.5
    prefix_padding_ms: int = 300
    silence_duration_ms: int = 200
    create_response: bool = True
    interrupt_response: bool = True
    idle_timeout_ms: int | None = None


class SemanticVad(msgspec.Struct, frozen=True, kw_only=True):
    """Turns end when a model judges that the speaker is done."""

    eagerness: Literal["low", "medium", "high", "auto"] = "auto"
    create_response: bool = True
    interrupt_response: bool = True


TurnDetection = ServerVad | SemanticVad


class Transcription(msgspec.Struct, frozen=True, kw_only=True):
    """The client wants to read what the user said. `passed` holds what is told back as it came and changes nothing."""

    model: str
    language: str | None = None
    prompt: str | None = None
    passed: Mapping[str, Any] = {}


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A function that the model may call; `parameters` is a JSON schema."""

    name: str
    description: str | None = None
    parameters: Mapping[str, Any] | None = None


class NamedTool(msgspec.Struct, frozen=True, gc=False):
    """The model must call this function."""

    name: str


ToolChoice = Literal["auto", "none", "required"] | NamedTool


class RetentionRatio(msgspec.Struct, frozen=True, kw_only=True):
    """Where the context is full, keep this share of it (0 to 1), so that the cache holds for longer."""

    ratio: float
    post_instructions_tokens: int | None = None


Truncation = Literal["auto", "disabled"] | RetentionRatio


class SessionConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The whole set-up. `max_output_tokens` of None is "inf"; `temperature` of None is the model's own.

    `passed` holds fields that are told back as they came and change nothing here (`tracing`, `prompt`, `include`).
    """

    model: str
    kind: SessionKind = "realtime"
    instructions: str = ""
    output_modalities: tuple[Modality, ...] = ("audio",)
    input_format: AudioFormat = AudioFormat.PCM16
    transcription: Transcription | None = None
    noise_reduction: NoiseReduction | None = None
    turn_detection: TurnDetection | None = ServerVad()
    output_format: AudioFormat = AudioFormat.PCM16
    voice: str = "alloy"
    speed: float = 1.0
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice = "auto"
    parallel_tool_calls: bool | None = None
    temperature: float | None = None
    max_output_tokens: int | None = None
    truncation: Truncation = "auto"
    passed: Mapping[str, Any] = {}


class SessionChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What a `session.update` sets: each field as in `SessionConfig`, or left alone."""

    kind: SessionKind | UnsetType = UNSET
    instructions: str | UnsetType = UNSET
    output_modalities: tuple[Modality, ...] | UnsetType = UNSET
    input_format: AudioFormat | UnsetType = UNSET
    transcription: Transcription | UnsetType | None = UNSET
    noise_reduction: NoiseReduction | UnsetType | None = UNSET
    turn_detection: TurnDetection | UnsetType | None = UNSET
    output_format: AudioFormat | UnsetType = UNSET
    voice: str | UnsetType = UNSET
    speed: float | UnsetType = UNSET
    tools: tuple[Tool, ...] | UnsetType = UNSET
    tool_choice: ToolChoice | UnsetType = UNSET
    parallel_tool_calls: bool | UnsetType | None = UNSET
    temperature: float | UnsetType = UNSET
    max_output_tokens: int | UnsetType | None = UNSET
    truncation: Truncation | UnsetType = UNSET
    passed: Mapping[str, Any] | UnsetType = UNSET

    def applied_to(self, config: SessionConfig) -> SessionConfig:
        """Return `config` with the changes; `passed` is merged key by key."""
        changed = {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not UNSET}
        if "passed" in changed:
            changed["passed"] = {**config.passed, **changed["passed"]}
        return msgspec.structs.replace(config, **changed)


class ResponseOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a `response.create` asks: overrides of the session's set-up for this response alone.

    `is_out_of_band` keeps it out of the conversation. `input` takes the conversation's place as its context.
    """

    output_modalities: tuple[Modality, ...] | UnsetType = UNSET
    instructions: str | UnsetType = UNSET
    voice: str | UnsetType = UNSET
    output_format: AudioFormat | UnsetType = UNSET
    tools: tuple[Tool, ...] | UnsetType = UNSET
    tool_choice: ToolChoice | UnsetType = UNSET
    parallel_tool_calls: bool | UnsetType | None = UNSET
    temperature: float | UnsetType = UNSET
    max_output_tokens: int | UnsetType | None = UNSET
    is_out_of_band: bool = False
    input: tuple[Item | ItemReference, ...] | None = None
    metadata: Mapping[str, str] | None = None

    def applied_to(self, config: SessionConfig) -> SessionConfig:
        """Return the set-up that holds for this response."""
        names = (name for name in self.__struct_fields__ if name in config.__struct_fields__)
        changed = {name: value for name in names if (value := getattr(self, name)) is not UNSET}
        return msgspec.structs.replace(config, **changed)
