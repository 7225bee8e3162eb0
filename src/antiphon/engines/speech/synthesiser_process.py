"""The child process in which Piper speaks: `python -m antiphon.engines.speech.synthesiser_process`.

Its configuration names `model_path` (an ONNX file with its JSON beside it) and `num_threads`. A payload is a
`SpeechWork`, its answers are `AudioSpoken`, both as msgpack. Piper, which is GPL, is loaded here and nowhere else.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from antiphon.engines.speech.piper_speaking import speak
from antiphon.engines.speech.piper_voice import PiperVoice
from antiphon.engines.speech.queue import Perform
from antiphon.engines.speech.serving import serve
from antiphon.speech.voices import Voice
from antiphon.speech.work import SpeechWork

# The first run of a model's graph is slower than those after it.
_FIRST_WORDS = SpeechWork(id="start", organization="", voice=Voice("start", ""), text="Here I am.")


def main() -> None:
    """Serve until standard input closes."""
    serve(load)


def load(config: Mapping[str, Any]) -> Perform:
    """Load the model and return what speaks with it."""
    voice = PiperVoice(Path(config["model_path"]), int(config["num_threads"]))
    for _ in speak(voice, _FIRST_WORDS):
        pass
    decoder = msgspec.msgpack.Decoder(SpeechWork)
    encoder = msgspec.msgpack.Encoder()

    def perform(payload: bytes) -> Iterator[bytes]:
        for spoken in speak(voice, decoder.decode(payload)):
            yield encoder.encode(spoken)

    return perform


if __name__ == "__main__":
    main()
