"""The tokens of each message of a prompt, found again for each turn of a conversation without doing all of it again."""

from collections import OrderedDict
from dataclasses import dataclass

from antiphon.engines.llama.layout import Layout
from antiphon.engines.llama.render import Renderer
from antiphon.engines.llama.tools import Offer
from antiphon.schemas import Schema
from antiphon.wire.chat.messages import Message
from antiphon.wire.chat.request import ChatRequest

# The texts of as many conversations are kept: a few megabytes.
MAX_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class _Turn:
    messages: tuple[Message, ...]
    layout: Layout

    def shared(self, messages: list[Message]) -> Layout | None:
        """Return the layout of the messages that both have and that no later message can change.

        Results of functions are told within the last question, so what stands before that stays as it is.
        """
        asked_at = max((place for place, message in enumerate(self.messages) if message.role == "user"), default=0)
        pairs = zip(self.messages[:asked_at], messages, strict=False)
        num_same = next((place for place, (one, other) in enumerate(pairs) if one != other), asked_at)
        num_same = min(num_same, len(messages))
        return self.layout.up_to(num_same) if num_same else None


class Layouts:
    """Finds layouts of one model's prompts, and remembers the last one of each conversation."""

    def __init__(self, renderer: Renderer) -> None:
        self.renderer = renderer
        self._turns: OrderedDict[str, _Turn] = OrderedDict()

    def layout(
        self, conversation: str | None, request: ChatRequest, offer: Offer | None, schema: Schema | None
    ) -> Layout:
        """Return where the messages of a request stand in its prompt. Raises as `Renderer.render` does."""
        turn = self._turns.pop(conversation, None) if conversation is not None else None
        known = turn.shared(request.messages) if turn is not None else None
        layout = self.renderer.layout(request, offer, schema, known)
        if conversation is not None:
            self._turns[conversation] = _Turn(tuple(request.messages), layout)
            if len(self._turns) > MAX_REMEMBERED:
                self._turns.popitem(last=False)
        return layout
