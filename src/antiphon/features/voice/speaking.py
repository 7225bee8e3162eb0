"""A voice: texts to samples and words with times."""

from contextlib import aclosing

from antiphon.features.voice.engagement import Engagement, Tell
from antiphon.realtime.effects import Synthesise
from antiphon.realtime.facts import Spoken, SynthesisDone
from antiphon.speech.work import SpeechWork


async def speak(engagement: Engagement, effect: Synthesise, tell: Tell) -> None:
    """Tell the audio of a text. Raises `RequestError` or `EngineError`."""
    synthesiser, voice = engagement.speech.synthesiser(engagement.model, effect.voice)
    work = SpeechWork(
        id=effect.work_id,
        organization=engagement.organization,
        voice=voice,
        text=effect.text,
        speed=effect.speed,
        is_urgent=effect.is_urgent,
    )
    rate_hz = synthesiser.profile.rate_hz
    async with aclosing(synthesiser.speak(work)) as facts:
        async for fact in facts:
            spoken = Spoken(work_id=effect.work_id, samples=fact.samples, rate_hz=rate_hz, words=fact.words)
            await tell(spoken, len(fact.samples))
    await tell(SynthesisDone(effect.work_id))
