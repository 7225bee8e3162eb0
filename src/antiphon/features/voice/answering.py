"""The model's part: answers to prompts, and prompts computed before they are needed."""

from contextlib import aclosing
from typing import Any

import msgspec

from antiphon.errors import AntiphonError
from antiphon.features.voice.engagement import Engagement, Tell
from antiphon.features.voice.prompting import WrittenPrompt, written
from antiphon.generation.abilities import check_abilities
from antiphon.generation.facts import PromptCounted
from antiphon.generation.work import ChatWork
from antiphon.ports import ChatEngine, Images
from antiphon.realtime.effects import Generate, Prompt, Warm
from antiphon.realtime.facts import Generated, GenerationDone, PromptMeasured
from antiphon.realtime.items import ImageContent, MessageItem
from antiphon.schemas import SchemaOwner, read_schema
from antiphon.wire.chat.request import FunctionTool


async def generate(engagement: Engagement, effect: Generate, tell: Tell) -> None:
    """Tell the facts of an answer. Raises `RequestError` or `EngineError`."""
    engagement.allowance.admit()
    conversation = engagement.session_id if effect.keeps_slot else None
    engine, prompt, work = await _prepare(engagement, effect.prompt, effect.work_id, conversation)
    async with aclosing(engine.chat(work)) as facts:
        async for fact in facts:
            if isinstance(fact, PromptCounted):
                instructions_tokens, item_tokens = prompt.measured(fact)
                await tell(PromptMeasured(effect.work_id, instructions_tokens, item_tokens))
            else:
                await tell(Generated(effect.work_id, fact))
    await tell(GenerationDone(effect.work_id))


async def warm(engagement: Engagement, effect: Warm, work_id: str) -> None:
    """Compute the beginning of a prompt. That it cannot be done shows when the prompt is asked for."""
    try:
        engine, _, work = await _prepare(engagement, effect.prompt, work_id, engagement.session_id)
        await engine.warm(work)
    except AntiphonError:
        return


async def _prepare(
    engagement: Engagement, prompt: Prompt, work_id: str, conversation: str | None
) -> tuple[ChatEngine, WrittenPrompt, ChatWork]:
    engine, model = engagement.engines.chat(engagement.model, urgency="spoken")
    checked = await _with_images(prompt, engagement.images)
    text = written(checked, engagement.model, takes_audio=engine.profile.takes_audio)
    check_abilities(text.request, engine.profile)
    for place, tool in enumerate(text.request.tools or ()):
        if isinstance(tool, FunctionTool):
            owner = SchemaOwner.function(tool.function.name, f"tools[{place}]")
            read_schema(tool.function.parameters, owner, strict=False)
    work = ChatWork(
        id=work_id,
        organization=engagement.organization,
        model=model,
        request=text.request,
        conversation=conversation,
        measures_prompt=True,
    )
    return engine, text, work


async def _with_images(prompt: Prompt, images: Images) -> Prompt:
    """Return the prompt with each image checked to be one."""
    items = [
        msgspec.structs.replace(item, content=tuple([await _checked(part, images) for part in item.content]))
        if isinstance(item, MessageItem) and any(isinstance(part, ImageContent) for part in item.content)
        else item
        for item in prompt.items
    ]
    return msgspec.structs.replace(prompt, items=tuple(items))


async def _checked(part: Any, images: Images) -> Any:  # noqa: ANN401 - any part of a message, and it again
    if not isinstance(part, ImageContent):
        return part
    return msgspec.structs.replace(part, url=await images.data_url(part.url))
