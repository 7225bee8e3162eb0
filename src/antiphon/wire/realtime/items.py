"""Items of a conversation as clients create them: messages by role, calls and their results, references."""

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from antiphon.wire.request import WireRequest

Part = TypeVar("Part")

Id = Annotated[str, Field(max_length=512)]
# Each part takes room, be it as empty as may be.
Parts = Annotated[list[Part], Field(max_length=1000)]
Status = Literal["in_progress", "completed", "incomplete"]


class InputText(WireRequest):
    """Words of a system or user message."""

    type: Literal["input_text"]
    text: str


class InputAudio(WireRequest):
    """Speech of the user, base64 in the session's input format. History may come as a transcript alone."""

    type: Literal["input_audio"]
    audio: str | None = None
    transcript: str | None = None
    format: str | None = None


class InputImage(WireRequest):
    """A picture as a data URL."""

    type: Literal["input_image"]
    image_url: str
    detail: Literal["auto", "low", "high"] | None = None


class SpokenAnswer(WireRequest):
    """What an assistant said; history may bring its transcript, and never its audio."""

    audio: str | None = None
    transcript: str | None = None
    format: str | None = None


class OutputText(WireRequest):
    """Words of an assistant, in GA."""

    type: Literal["output_text"]
    text: str


class OutputAudio(SpokenAnswer):
    """Speech of an assistant, in GA."""

    type: Literal["output_audio"]


class Text(WireRequest):
    """Words of an assistant, in beta; GA clients replay older histories with it."""

    type: Literal["text"]
    text: str


class Audio(SpokenAnswer):
    """Speech of an assistant, in beta; GA clients replay older histories with it."""

    type: Literal["audio"]


class ReferencePart(WireRequest):
    """An item of the conversation, in the place of a message's content; beta alone has it."""

    type: Literal["item_reference"]
    id: Id


class ItemRequest(WireRequest):
    """What all items have in common."""

    id: Id | None = None
    object: Literal["realtime.item"] | None = None
    status: Status | None = None


class SystemMessage(ItemRequest):
    """Instructions in the midst of a conversation."""

    type: Literal["message"]
    role: Literal["system"]
    content: Parts[InputText]


class GaUserMessage(ItemRequest):
    """What the user said or showed, in GA."""

    type: Literal["message"]
    role: Literal["user"]
    content: Parts[Annotated[InputText | InputAudio | InputImage, Field(discriminator="type")]]


class GaAssistantMessage(ItemRequest):
    """What the model said, in GA. `phase` is told by newer models and changes nothing."""

    type: Literal["message"]
    role: Literal["assistant"]
    content: Parts[Annotated[OutputText | OutputAudio | Text | Audio, Field(discriminator="type")]]
    phase: str | None = None


class BetaSystemMessage(ItemRequest):
    """Instructions in the midst of a conversation, in beta."""

    type: Literal["message"]
    role: Literal["system"]
    content: Parts[Annotated[InputText | ReferencePart, Field(discriminator="type")]]


class BetaUserMessage(ItemRequest):
    """What the user said, in beta."""

    type: Literal["message"]
    role: Literal["user"]
    content: Parts[Annotated[InputText | InputAudio | ReferencePart, Field(discriminator="type")]]


class BetaAssistantMessage(ItemRequest):
    """What the model said, in beta."""

    type: Literal["message"]
    role: Literal["assistant"]
    content: Parts[Annotated[Text | Audio | ReferencePart, Field(discriminator="type")]]


class FunctionCall(ItemRequest):
    """A call that the model made."""

    type: Literal["function_call"]
    name: str
    arguments: str
    call_id: Id | None = None


class FunctionCallOutput(ItemRequest):
    """What a called function gave."""

    type: Literal["function_call_output"]
    call_id: Id
    output: str


class Reference(WireRequest):
    """An item of the conversation, by its id."""

    type: Literal["item_reference"]
    id: Id
    object: Literal["realtime.item"] | None = None


class McpItem(BaseModel):
    """An item of remote tools; it is read so that it can be refused in words."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    type: Literal["mcp_approval_request", "mcp_approval_response", "mcp_call", "mcp_list_tools"]


GaMessage = Annotated[SystemMessage | GaUserMessage | GaAssistantMessage, Field(discriminator="role")]
BetaMessage = Annotated[BetaSystemMessage | BetaUserMessage | BetaAssistantMessage, Field(discriminator="role")]
GaItem = Annotated[GaMessage | FunctionCall | FunctionCallOutput | McpItem, Field(discriminator="type")]
BetaItem = Annotated[BetaMessage | FunctionCall | FunctionCallOutput, Field(discriminator="type")]
GaInput = Annotated[GaMessage | FunctionCall | FunctionCallOutput | Reference | McpItem, Field(discriminator="type")]
BetaInput = Annotated[BetaMessage | FunctionCall | FunctionCallOutput | Reference, Field(discriminator="type")]
AnyPart = InputText | InputAudio | InputImage | OutputText | OutputAudio | Text | Audio | ReferencePart
AnyMessage = (
    SystemMessage | GaUserMessage | GaAssistantMessage | BetaSystemMessage | BetaUserMessage | BetaAssistantMessage
)
AnyItem = AnyMessage | FunctionCall | FunctionCallOutput | McpItem
AnyInput = AnyItem | Reference
