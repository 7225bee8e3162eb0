"""What of a chat is sound, and the same chat in writing: for engines that neither hear nor speak."""

from collections.abc import Iterator, Mapping

from antiphon.errors import InvalidRequest
from antiphon.wire.chat.messages import AssistantMessage, AudioPart, InputAudio, Message, TextPart, UserMessage
from antiphon.wire.chat.request import AudioOutput, ChatRequest

# Which message, and which of its parts.
PartPlace = tuple[int, int]


def audio_inputs(request: ChatRequest) -> Iterator[tuple[PartPlace, InputAudio]]:
    """Yield each piece of audio that the user said, and its place."""
    for place, message in enumerate(request.messages):
        if isinstance(message, UserMessage) and not isinstance(message.content, str):
            for part_place, part in enumerate(message.content):
                if isinstance(part, AudioPart):
                    yield (place, part_place), part.input_audio


def named_answers(request: ChatRequest) -> Iterator[tuple[int, str]]:
    """Yield the id of each earlier spoken answer, and the place of its message."""
    for place, message in enumerate(request.messages):
        if isinstance(message, AssistantMessage) and message.audio is not None:
            yield place, message.audio.id


def wanted_audio(request: ChatRequest) -> AudioOutput | None:
    """Return how the answer is to sound, None where it is not to be spoken.

    Raises `InvalidRequest` where that is not said, or cannot be streamed.
    """
    if "audio" not in (request.modalities or ()):
        return None
    if request.audio is None:
        raise InvalidRequest("'audio' is required when 'modalities' has \"audio\".", param="audio")
    if request.stream and request.audio.format != "pcm16":
        raise InvalidRequest(
            f"Unsupported value: 'audio.format' does not support '{request.audio.format}' when stream=true. "
            "Supported values are: 'pcm16'.",
            param="audio.format",
            code="unsupported_value",
        )
    return request.audio


def answered_in_writing(request: ChatRequest) -> ChatRequest:
    """Return the request with no wish for a spoken answer."""
    return request.model_copy(update={"modalities": None, "audio": None})


def with_heard(request: ChatRequest, heard: Mapping[PartPlace, str]) -> ChatRequest:
    """Return the request with the words that were heard in place of the audio at their places."""
    messages = [_message_with(message, place, heard) for place, message in enumerate(request.messages)]
    return request.model_copy(update={"messages": messages})


def with_named(request: ChatRequest, transcripts: Mapping[int, str]) -> ChatRequest:
    """Return the request with transcripts, by the places of their messages, in place of spoken answers."""
    messages = [
        _transcribed(message, transcripts[place])
        if isinstance(message, AssistantMessage) and place in transcripts
        else message
        for place, message in enumerate(request.messages)
    ]
    return request.model_copy(update={"messages": messages})


def _message_with(message: Message, place: int, heard: Mapping[PartPlace, str]) -> Message:
    if not isinstance(message, UserMessage) or isinstance(message.content, str):
        return message
    last = len(message.content) - 1
    parts = [
        TextPart(type="text", text=_apart(heard[place, number], number > 0, number < last))
        if (place, number) in heard
        else part
        for number, part in enumerate(message.content)
    ]
    return message.model_copy(update={"content": parts})


def _apart(text: str, follows: bool, is_followed: bool) -> str:
    """A text on lines of its own: the parts of a message are joined as they stand."""
    return ("\n" if follows else "") + text + ("\n" if is_followed else "")


def _transcribed(message: AssistantMessage, transcript: str) -> AssistantMessage:
    return message.model_copy(update={"content": message.content or transcript, "audio": None})
