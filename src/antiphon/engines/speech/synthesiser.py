"""The embedded synthesiser: Piper's voices in a process of their own, behind the port `Synthesiser`."""

import json
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from importlib.metadata import version
from pathlib import Path

import msgspec

from antiphon.engines.speech.link import SpeechLink
from antiphon.engines.supervisor.child import ChildSpec
from antiphon.errors import StartRefused
from antiphon.speech.facts import AudioSpoken, SpeechFact
from antiphon.speech.profile import SynthesiserProfile
from antiphon.speech.work import SpeechWork

# Works that may be in one process; the queue inside takes urgent ones first.
_MAX_WORKS = 256

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(AudioSpoken)


class PiperSynthesiser:
    """Speaks with one Piper model; the process starts with the first work."""

    def __init__(self, link: SpeechLink, profile: SynthesiserProfile) -> None:
        self.link = link
        self._profile = profile

    @classmethod
    def of_model(cls, name: str, model_path: Path, *, digest: str, num_threads: int) -> "PiperSynthesiser":
        """Return the synthesiser of a model that is here, an ONNX file with its JSON beside it.

        `digest` is the model's checksum, as far as a fingerprint needs it. Raises `StartRefused` where the JSON cannot
        be read.
        """
        try:
            rate_hz = int(json.loads(Path(f"{model_path}.json").read_text(encoding="utf-8"))["audio"]["sample_rate"])
        except (OSError, ValueError, LookupError, TypeError) as fault:
            raise StartRefused(f"The model '{name}' has no readable description beside its weights: {fault}.") from None
        command = (sys.executable, "-m", "antiphon.engines.speech.synthesiser_process")
        spec = ChildSpec(command, {"model_path": str(model_path), "num_threads": num_threads})
        fingerprint = f"piper-{version('piper-tts')}-{digest[:12]}"
        return cls(SpeechLink(name, spec, max_works=_MAX_WORKS), SynthesiserProfile(fingerprint, rate_hz))

    @property
    def profile(self) -> SynthesiserProfile:
        """What the engine can do with this model."""
        return self._profile

    async def speak(self, work: SpeechWork) -> AsyncGenerator[SpeechFact, None]:
        """Speak a text; closing the generator ends the work. Raises as `ports.Synthesiser.speak` does."""
        async with aclosing(self.link.work(_encoder.encode(work), is_urgent=work.is_urgent)) as answers:
            async for told in answers:
                yield _decoder.decode(told)
