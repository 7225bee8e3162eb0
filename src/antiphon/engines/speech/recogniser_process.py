"""The child process in which a recogniser runs: `python -m antiphon.engines.speech.recogniser_process`.

Its configuration is `{"folder", "num_threads", "niceness"}`; a payload is a `RecognitionTask`, what it tells are
facts.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from antiphon.engines.speech.hearing import Hearing
from antiphon.engines.speech.queue import Perform
from antiphon.engines.speech.recognition import RecognitionTask, decode_task, encode_fact
from antiphon.engines.speech.serving import serve
from antiphon.engines.speech.whisper import Whisper
from antiphon.engines.speech.windows import RATE_HZ


def load(config: Mapping[str, Any]) -> Perform:
    """Load the model and let it hear something once, so that the first who waits for words does not wait for that."""
    os.nice(config["niceness"])
    whisper = Whisper(Path(config["folder"]), num_threads=config["num_threads"])
    hearing = Hearing(whisper)
    noise = np.random.default_rng(0).integers(-64, 64, RATE_HZ, dtype=np.int16)
    for _ in hearing.hear(RecognitionTask(samples=noise.tobytes(), language="en", is_urgent=True)):
        pass

    def perform(payload: bytes) -> Iterator[bytes]:
        return map(encode_fact, hearing.hear(decode_task(payload)))

    return perform


if __name__ == "__main__":
    serve(load)
