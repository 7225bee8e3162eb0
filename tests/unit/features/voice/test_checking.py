"""What stands in every prompt of a session is checked once."""

import pytest
from tests.unit.features.voice.fakes import FakeImages

from antiphon.errors import InvalidRequest
from antiphon.features.voice.checking import Checks
from antiphon.features.voice.prompting import written
from antiphon.realtime.config import Tool
from antiphon.realtime.effects import Prompt
from antiphon.realtime.items import ImageContent, MessageItem, TextContent
from antiphon.wire.chat.request import ChatRequest


async def test_a_picture_is_looked_at_once():
    """However often the prompt shows it, and others beside it."""
    images = FakeImages()
    checks = Checks(images)
    picture = ImageContent("data:image/png;base64,AA==")
    prompt = Prompt(instructions="", items=(MessageItem(id="i", role="user", content=(TextContent("x"), picture)),))
    for _ in range(3):
        shown = await checks.with_images(prompt)
        assert isinstance(shown.items[0], MessageItem)
        assert shown.items[0].content == (TextContent("x"), ImageContent("data:image/png;base64,AA==#checked"))
    assert images.num_shown == 1


def test_a_function_that_cannot_be_called_is_refused_each_time():
    """With the place of what is wrong."""
    checks = Checks(FakeImages())
    checks.check_functions(asking({"type": "object", "properties": {"a": {"type": "string"}}}))
    for _ in range(2):
        with pytest.raises(InvalidRequest) as refusal:
            checks.check_functions(asking({"type": "object", "properties": {"a": {"type": "dance"}}}))
        assert (refusal.value.param or "").startswith("tools[0]")


def asking(parameters: dict[str, object]) -> ChatRequest:
    prompt = Prompt(instructions="x", items=(), tools=(Tool(name="f", parameters=parameters),))
    return written(prompt, "m", takes_audio=False).request
