"""Fields that sessions and responses of both generations have, with the ranges that hold in each."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from antiphon.wire.chat.request import FUNCTION_NAME
from antiphon.wire.request import WireRequest

Modality = Literal["text", "audio"]
SessionType = Literal["realtime", "transcription"]
MaxTokens = Annotated[int, Field(ge=1, le=4096)] | Literal["inf"]
Speed = Annotated[float, Field(ge=0.25, le=1.5)]
Name = Annotated[str, Field(min_length=1, max_length=512)]
Share = Annotated[float, Field(ge=0, le=1)]
# Nobody pauses for longer than a minute inside a turn.
Pause = Annotated[int, Field(ge=0, le=60_000)]
Eagerness = Literal["low", "medium", "high", "auto"]


class ReadOnly(WireRequest):
    """What a session object holds that nobody can change: a client may send back the object that it was told."""

    id: str | None = None
    object: str | None = None
    expires_at: int | None = None
    model: str | None = None


class NoiseReduction(WireRequest):
    """The kind of microphone whose noise is taken out."""

    type: Literal["near_field", "far_field"]
    strength: float | None = None


class FunctionTool(WireRequest):
    """A function that the model may call."""

    type: Literal["function"]
    name: Annotated[str, Field(pattern=FUNCTION_NAME)]
    description: str | None = None
    parameters: dict[str, Any] | None = None


class McpTool(BaseModel):
    """A remote tool server; it is read so that it can be refused in words."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    type: Literal["mcp"]


Tool = Annotated[FunctionTool | McpTool, Field(discriminator="type")]
Tools = Annotated[list[Tool], Field(max_length=128)]


class TracingConfig(WireRequest):
    """Where a trace belongs."""

    workflow_name: str | None = None
    group_id: str | None = None
    metadata: dict[str, Any] | None = None


Tracing = Literal["auto"] | TracingConfig


class ExpiresAfter(WireRequest):
    """How long an ephemeral key holds."""

    anchor: Literal["created_at"] | None = None
    seconds: Annotated[int, Field(ge=10, le=7200)] | None = None
