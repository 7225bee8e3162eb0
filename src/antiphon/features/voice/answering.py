"""The model's part: answers to prompts, and prompts computed before they are needed."""

from contextlib import aclosing

import msgspec

from antiphon.errors import AntiphonError
from antiphon.features.voice.engagement import Engagement, Tell
from antiphon.features.voice.prompting import WrittenPrompt, written
from antiphon.generation.abilities import check_abilities
from antiphon.generation.facts import PromptCounted
from antiphon.generation.profile import EngineProfile
from antiphon.generation.work import ChatWork
from antiphon.ports import ChatEngine
from antiphon.realtime.effects import Generate, Prompt, Warm
from antiphon.realtime.facts import Generated, GenerationDone, PromptMeasured

# The hosted service's models write no more either.
MOST_OUTPUT_TOKENS = 4096


async def generate(engagement: Engagement, effect: Generate, tell: Tell) -> None:
    """Tell the facts of an answer. Raises `RequestError` or `EngineError`."""
    with engagement.allowance.room_for_answer():
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
    checked = await engagement.checks.with_images(prompt)
    text = written(_bounded(checked, engine.profile), engagement.model, takes_audio=engine.profile.takes_audio)
    check_abilities(text.request, engine.profile)
    engagement.checks.check_functions(text.request)
    work = ChatWork(
        id=work_id,
        organization=engagement.organization,
        model=model,
        request=text.request,
        conversation=conversation,
        measures_prompt=True,
    )
    return engine, text, work


def _bounded(prompt: Prompt, profile: EngineProfile) -> Prompt:
    """Return the prompt with an end to its answer: a small model may say the same thing for ever."""
    if prompt.max_output_tokens is not None or profile.context_tokens is None:
        return prompt
    most = min(MOST_OUTPUT_TOKENS, profile.context_tokens // 2)
    return msgspec.structs.replace(prompt, max_output_tokens=most)
