"""Spoken questions as samples, and where in them somebody speaks."""

import json
import urllib.request
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
RATE_HZ = 24_000
# What a listener would take for sound; a 16-bit sample.
AUDIBLE = 200


def spoken(address: str, texts: Sequence[str], folder: Path, *, voice: str = "echo") -> list[Samples]:
    """Return the texts as samples at `RATE_HZ`, spoken by the server itself; `folder` keeps them as WAV at 16 kHz."""
    return [_one(address, text, folder / f"{number}.wav", voice) for number, text in enumerate(texts)]


def _one(address: str, text: str, kept: Path, voice: str) -> Samples:
    body = json.dumps({"model": "tts-1", "voice": voice, "input": text, "response_format": "pcm"}).encode()
    request = urllib.request.Request(f"{address}/v1/audio/speech", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        samples = trimmed(np.frombuffer(response.read(), dtype="<i2").astype(np.int16))
    with wave.open(str(kept), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        places = np.arange(0, len(samples) - 1, RATE_HZ / 16_000)
        file.writeframes(np.interp(places, np.arange(len(samples)), samples).astype("<i2").tobytes())
    return samples


def trimmed(samples: Samples) -> Samples:
    """Return the samples between the first and the last that can be heard."""
    audible = np.flatnonzero(np.abs(samples.astype(np.int32)) >= AUDIBLE)
    return samples[audible[0] : audible[-1] + 1]


def first_audible(samples: Samples) -> int | None:
    """Return the place of the first sample that can be heard."""
    audible = np.flatnonzero(np.abs(samples.astype(np.int32)) >= AUDIBLE)
    return int(audible[0]) if len(audible) else None
