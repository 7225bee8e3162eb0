"""The tokens of a response, split by what they were, as the hosted service counts them.

Audio counts as `speech.metering` says, each item rounded up. Texts are counted by the engine, where it tells its count
item by item; else its count of the whole prompt, or an estimate, is apportioned by their lengths. Cached are the items
that lie wholly inside the prefix that the engine had computed before.
"""

from collections.abc import Sequence

import msgspec

from antiphon.generation.facts import UsageCounted
from antiphon.realtime.effects import Prompt
from antiphon.realtime.items import AudioContent, ImageContent, Item, MessageItem, num_chars, text_of
from antiphon.realtime.prompts import estimated_tokens
from antiphon.realtime.server_events import TokenSplit, Usage
from antiphon.speech.metering import heard_tokens, num_bytes, spoken_tokens, tokens_of_bytes

CACHE_UNIT_TOKENS = 64


class Measured(msgspec.Struct, frozen=True):
    """A prompt in the engine's own tokens: instructions and tools, and each item."""

    instructions_tokens: int
    item_tokens: tuple[int, ...]


class Made(msgspec.Struct, frozen=True):
    """What a response made: how many bytes of text the model wrote, and the items that were sent."""

    num_bytes: int
    items: tuple[Item, ...]


def usage_of(prompt: Prompt, measured: Measured | None, counted: UsageCounted | None, made: Made) -> Usage:
    """Return the usage of a response that was given `prompt` and made `made`."""
    if measured is None or len(measured.item_tokens) != len(prompt.items):
        measured = apportioned(prompt, counted.prompt_tokens if counted is not None else None)
    splits = [split_of(item, tokens) for item, tokens in zip(prompt.items, measured.item_tokens, strict=True)]
    written = counted.completion_tokens if counted is not None else tokens_of_bytes(made.num_bytes)
    return Usage(
        input=_total((TokenSplit(text=measured.instructions_tokens), *splits)),
        cached=_cached(measured, splits, counted.cached_tokens if counted is not None else 0),
        output=TokenSplit(text=written, audio=sum(map(audio_tokens, made.items))),
    )


def split_of(item: Item, engine_tokens: int) -> TokenSplit:
    """Return the nominal tokens of an item that is `engine_tokens` in the engine's own.

    What the user said is audio alone, whatever the engine was given for it; the model's words are text beside it.
    """
    if not isinstance(item, MessageItem):
        return TokenSplit(text=engine_tokens)
    if any(isinstance(part, ImageContent) for part in item.content):
        text = min(engine_tokens, estimated_tokens(item))
        return TokenSplit(text=text, audio=audio_tokens(item), image=engine_tokens - text)
    heard = sum(len(text_of(part)) for part in item.content if isinstance(part, AudioContent))
    if item.role != "user" or not any(isinstance(part, AudioContent) for part in item.content):
        return TokenSplit(text=engine_tokens, audio=audio_tokens(item))
    read = num_chars(item) - heard
    text = round(engine_tokens * read / (read + heard)) if read else 0
    return TokenSplit(text=text, audio=audio_tokens(item))


def audio_tokens(item: Item) -> int:
    """Return the tokens of an item's audio."""
    if not isinstance(item, MessageItem):
        return 0
    tokens = heard_tokens if item.role == "user" else spoken_tokens
    return sum(tokens(part.duration_ms / 1000) for part in item.content if isinstance(part, AudioContent))


def apportioned(prompt: Prompt, prompt_tokens: int | None) -> Measured:
    """Return a count of the whole prompt divided by lengths; of None, about what it will be."""
    tools = sum(len(msgspec.json.encode(tool)) for tool in prompt.tools)
    shares = [tokens_of_bytes(num_bytes(prompt.instructions) + tools), *map(estimated_tokens, prompt.items)]
    if prompt_tokens is not None:
        shares = _divided(prompt_tokens, shares)
    return Measured(shares[0], tuple(shares[1:]))


def _divided(total: int, weights: Sequence[int]) -> list[int]:
    """Divide a total by weights into whole numbers whose sum it is."""
    whole = sum(weights)
    if whole == 0:
        return [total, *[0] * (len(weights) - 1)]
    shares = list[int]()
    seen = given = 0
    for weight in weights:
        seen += weight
        shares.append(total * seen // whole - given)
        given += shares[-1]
    return shares


def _cached(measured: Measured, splits: Sequence[TokenSplit], cached_tokens: int) -> TokenSplit:
    inside = list[TokenSplit]()
    end = 0
    rows = zip((TokenSplit(text=measured.instructions_tokens), *splits), _row_tokens(measured), strict=True)
    for split, tokens in rows:
        end += tokens
        if end > cached_tokens:
            break
        inside.append(split)
    total = _total(inside)
    return TokenSplit(*(part - part % CACHE_UNIT_TOKENS for part in (total.text, total.audio, total.image)))


def _row_tokens(measured: Measured) -> tuple[int, ...]:
    return (measured.instructions_tokens, *measured.item_tokens)


def _total(splits: Sequence[TokenSplit]) -> TokenSplit:
    return TokenSplit(
        text=sum(split.text for split in splits),
        audio=sum(split.audio for split in splits),
        image=sum(split.image for split in splits),
    )
