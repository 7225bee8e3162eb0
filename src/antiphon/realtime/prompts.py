"""What the model is to know: the conversation's items as a prompt, and less of them where they are too many."""

from collections.abc import Callable, Iterable, Iterator

import msgspec

from antiphon.realtime.config import RetentionRatio, SessionConfig, Truncation
from antiphon.realtime.effects import Prompt
from antiphon.realtime.hearing import AudioPlace
from antiphon.realtime.items import (
    AudioContent,
    Content,
    FunctionCallItem,
    FunctionOutputItem,
    Item,
    MessageItem,
    TextContent,
    texts_of,
)
from antiphon.speech.metering import num_bytes, tokens_of_bytes

Words = Callable[[AudioPlace], str | None]

# The frame that a chat template puts around a message.
_FRAME_TOKENS = 4


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All that an answer depends on: the session's set-up with a response's overrides, and the prompt."""

    config: SessionConfig
    prompt: Prompt
    keeps_slot: bool = True

    @property
    def is_spoken(self) -> bool:
        """Whether the answer is to be heard."""
        return "audio" in self.config.output_modalities

    def with_items(self, items: tuple[Item, ...]) -> "Plan":
        """Return the plan with fewer items in its prompt."""
        return msgspec.structs.replace(self, prompt=msgspec.structs.replace(self.prompt, items=items))


def prompt_of(config: SessionConfig, items: Iterable[Item]) -> Prompt:
    """Return the prompt of a set-up and of items that are ready to be shown to the model."""
    return Prompt(
        instructions=config.instructions,
        items=tuple(_paired(tuple(items))),
        tools=config.tools,
        tool_choice=config.tool_choice,
        parallel_tool_calls=config.parallel_tool_calls,
        temperature=config.temperature,
        max_output_tokens=config.max_output_tokens,
    )


def shown_to_model(items: Iterable[Item], words: Words, *, takes_audio: bool) -> Iterator[Item]:
    """Give each item as the model gets it: spoken words in place of audio that it cannot hear.

    Left out are items that are still being made, and messages without a word.
    """
    for item in items:
        if not isinstance(item, MessageItem):
            if item.status == "completed":
                yield item
        elif item.status != "in_progress":
            content = tuple(_shown_content(item, words, hears=takes_audio and item.role == "user"))
            if content:
                yield msgspec.structs.replace(item, content=content)


def without_oldest(prompt: Prompt, excess_tokens: int, truncation: Truncation) -> tuple[Item, ...] | None:
    """Return the items without the oldest ones, so that the prompt is about `excess_tokens` shorter.

    The newest item stays, and a function's call and its output go together. None where nothing can go, or may.
    """
    if truncation == "disabled" or len(prompt.items) < 2:
        return None
    sizes = [estimated_tokens(item) for item in prompt.items]
    to_drop = max(1, excess_tokens)
    if isinstance(truncation, RetentionRatio):
        to_drop = max(to_drop, int(sum(sizes) * (1 - truncation.ratio)))
    num_dropped = 0
    while num_dropped < len(sizes) - 1 and to_drop > 0:
        to_drop -= sizes[num_dropped]
        num_dropped += 1
    return tuple(_paired(prompt.items[num_dropped:]))


def over_budget(prompt: Prompt, truncation: Truncation) -> int:
    """Return by how many tokens the items are more than the client wants the model to be shown, by an estimate."""
    if not isinstance(truncation, RetentionRatio) or truncation.post_instructions_tokens is None:
        return 0
    return max(0, sum(map(estimated_tokens, prompt.items)) - truncation.post_instructions_tokens)


def estimated_tokens(item: Item) -> int:
    """Return about how many tokens an item takes."""
    return _FRAME_TOKENS + tokens_of_bytes(sum(map(num_bytes, texts_of(item))))


def _shown_content(item: MessageItem, words: Words, *, hears: bool) -> Iterator[Content]:
    for index, part in enumerate(item.content):
        if not isinstance(part, AudioContent):
            if not isinstance(part, TextContent) or part.text:
                yield part
            continue
        transcript = part.transcript if part.transcript is not None else words(AudioPlace(item.id, index))
        if hears and part.audio:
            yield msgspec.structs.replace(part, transcript=transcript)
        elif transcript:
            yield msgspec.structs.replace(part.without_audio(), transcript=transcript)


def _paired(items: tuple[Item, ...]) -> Iterator[Item]:
    """Give calls directly followed by their outputs, as far as they are there; an output without its call is left out.

    A call without its output is under way: a model that did not see it would make it once more.
    """
    outputs = {item.call_id: item for item in items if isinstance(item, FunctionOutputItem)}
    called = list[str]()
    for item in items:
        if isinstance(item, FunctionCallItem):
            called.append(item.call_id)
            yield item
            continue
        yield from _taken(outputs, called)
        if not isinstance(item, FunctionOutputItem):
            yield item
    yield from _taken(outputs, called)


def _taken(outputs: dict[str, FunctionOutputItem], called: list[str]) -> Iterator[FunctionOutputItem]:
    """Take the outputs of what was called."""
    yield from (outputs.pop(call_id) for call_id in called if call_id in outputs)
    called.clear()
