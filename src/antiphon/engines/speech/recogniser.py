"""The embedded recogniser: the port `Recogniser` over the processes of one Whisper model."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import msgspec

from antiphon.engines.speech.link import SpeechLink
from antiphon.engines.speech.recognition import decode_fact, encode_work
from antiphon.errors import EngineFailed, InvalidRequest
from antiphon.speech.facts import RecognitionFact
from antiphon.speech.profile import RecogniserProfile
from antiphon.speech.work import RECOGNITION_RATE_HZ, RecognitionWork

MAX_AUDIO_S = 2 * 60 * 60


class WhisperRecogniser:
    """One model; `link_for(is_urgent)` gives the process for urgent work or for all other."""

    def __init__(self, profile: RecogniserProfile, link_for: Callable[[bool], SpeechLink]) -> None:
        self._profile = profile
        self._link_for = link_for

    @property
    def profile(self) -> RecogniserProfile:
        """What the model can do."""
        return self._profile

    async def recognise(self, work: RecognitionWork) -> AsyncGenerator[RecognitionFact, None]:
        """Tell what is said; a pass that has begun ends by itself, its outcome is dropped."""
        audio_s = len(work.samples) / 2 / RECOGNITION_RATE_HZ
        if audio_s > MAX_AUDIO_S:
            raise InvalidRequest(
                f"The audio is {audio_s / 60:.0f} minutes long, and at most {MAX_AUDIO_S // 60} are recognised at "
                "once: split it.",
                param="file",
            )
        link = self._link_for(work.is_urgent)
        async with aclosing(link.work(encode_work(work), is_urgent=work.is_urgent)) as payloads:
            async for payload in payloads:
                yield _fact(link.name, payload)


def _fact(name: str, payload: bytes) -> RecognitionFact:
    try:
        return decode_fact(payload)
    except msgspec.DecodeError as fault:
        raise EngineFailed(f"The engine '{name}' told what cannot be read: {fault}.") from fault
