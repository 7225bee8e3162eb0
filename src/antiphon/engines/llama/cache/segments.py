"""Which tokens of a prompt say what: found only when somebody asks, since it takes the engine's own tokens."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import accumulate
from typing import cast

from antiphon.engines.llama.layout import Layout
from antiphon.prefix.record import Kind, Segment, Segments
from antiphon.wire.chat.messages import Message
from antiphon.wire.chat.request import ChatRequest


class LazySegments:
    """The segments of a prompt, which `make` finds; until `resolve` has, there are none."""

    def __init__(self, make: Callable[[], Awaitable[Segments]]) -> None:
        self._make = make
        self._found: Segments | None = None

    async def resolve(self) -> None:
        """Find them, once. Raises an `EngineError`."""
        if self._found is None:
            self._found = await self._make()

    def __call__(self) -> Segments:
        """Return them."""
        return self._found or ()


def segments_of(request: ChatRequest, layout: Layout, token_bytes: Sequence[int]) -> Segments:
    """Return which tokens say what, without gaps; each token belongs to where its first byte stands.

    What the server wrote into the first message for functions or for a schema is told as these. Returns none where the
    lengths are not those of the text's tokens.
    """
    text = layout.text
    num_bytes = len(text.encode())
    if sum(token_bytes) != num_bytes:
        token_bytes = [0, *token_bytes[1:]]  # a token that the vocabulary puts before every text takes no place in it
    if sum(token_bytes) != num_bytes:
        return ()
    begins = list(accumulate(token_bytes, initial=0))[:-1]
    segments: list[Segment] = []
    for end_char, kind, message_index, path in _stretches(request, layout):
        start = segments[-1].end if segments else 0
        end_byte = len(text[:end_char].encode())
        end = start
        while end < len(begins) and begins[end] < end_byte:
            end += 1
        if end > start:
            segments.append(Segment(start, end, kind, message_index, path))
    return segments


_Stretch = tuple[int, Kind, int | None, str | None]


def _stretches(request: ChatRequest, layout: Layout) -> Iterator[_Stretch]:
    """Yield where each stretch of the prompt's text ends, and what it is."""
    yield layout.start, Kind.TEMPLATE, None, None
    start = layout.start
    for index, (message, end) in enumerate(zip(request.messages, layout.ends, strict=False)):
        instructed = layout.instructed if index == 0 else (0, 0)
        if instructed[1] > instructed[0]:
            yield instructed[0], _kind(message), index, f"messages[{index}].content"
            yield instructed[1], *_instructed_by(request)
            start = instructed[1]
        yield from _message_stretches(index, message, layout.text, (start, end))
        start = end
    yield len(layout.text), Kind.TEMPLATE, None, None


def _message_stretches(index: int, message: Message, text: str, place: tuple[int, int]) -> Iterator[_Stretch]:
    """Yield the parts of a message one by one, as far as their text is found where it should be."""
    start, end = place
    content = getattr(message, "content", None)
    if isinstance(content, list):
        for number, part in enumerate(cast("list[object]", content)):
            words = getattr(part, "text", None)
            found = text.find(words, start, end) if isinstance(words, str) and words else -1
            if found >= 0 and isinstance(words, str):
                start = found + len(words)
                yield start, _kind(message), index, f"messages[{index}].content[{number}].text"
    path = f"messages[{index}].tool_calls" if content is None else f"messages[{index}].content"
    yield end, _kind(message), index, path


def _instructed_by(request: ChatRequest) -> tuple[Kind, None, str]:
    return (Kind.TOOLS, None, "tools") if request.tools else (Kind.SCHEMA, None, "response_format")


def _kind(message: Message) -> Kind:
    return Kind.SYSTEM if message.role in {"system", "developer"} else Kind.MESSAGE
