"""What the server hears in one scene, what it plays meanwhile, and what is true of it.

Levels are dBFS over the speech itself, -26 for the user unless the scene says otherwise, -23 for our own answers.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from bench.turns.noises import Array, banded, echoed
from bench.turns.voices import RATE_HZ, Wave

from antiphon.audio.formats import AudioFormat
from antiphon.audio.resampling import Resampler

USER_DBFS = -26.0
ANSWER_DBFS = -23.0
# A quiet room and its microphone.
ROOM_DBFS = -68.0
_TELEPHONE_HZ = (300.0, 3_400.0)


@dataclass(frozen=True)
class Scene:
    """`onset_ms` and `end_ms` bound the user's voice, where there is one; `played` is our answer from the beginning."""

    name: str
    heard: npt.NDArray[np.int16]
    played: npt.NDArray[np.int16] | None = None
    onset_ms: float | None = None
    end_ms: float | None = None
    pauses_ms: tuple[tuple[float, float], ...] = field(default=())


@dataclass(frozen=True)
class Echo:
    """How our answer comes back."""

    loss_db: float
    delay_ms: float


def at_level(wave: Wave | Array, dbfs: float) -> Array:
    """Return speech at a level."""
    return np.asarray(wave, dtype=np.float64) * 10 ** (dbfs / 20) / np.sqrt(np.mean(np.asarray(wave) ** 2))


def samples(wave: Array) -> npt.NDArray[np.int16]:
    """Return a waveform as the samples that a client sends."""
    return (np.clip(wave, -1, 1) * 32767).astype(np.int16)


def spoken(name: str, voice: Array, lead_ms: float, tail_ms: float, noise: Array | None = None) -> Scene:
    """Return a scene in which the user speaks alone; the noise is as long as it wants."""
    lead, tail = (round(ms * RATE_HZ / 1000) for ms in (lead_ms, tail_ms))
    heard = np.concatenate([np.zeros(lead), voice, np.zeros(tail)])
    rng = np.random.default_rng(len(heard))
    heard += rng.normal(size=len(heard)) * 10 ** (ROOM_DBFS / 20)
    if noise is not None:
        heard += noise[: len(heard)]
    return Scene(name, samples(heard), onset_ms=lead_ms, end_ms=lead_ms + len(voice) * 1000 / RATE_HZ)


def telephoned(scene: Scene, coding: AudioFormat) -> Scene:
    """Return a scene as a telephone carries it: 300 to 3,400 Hz in 8-bit samples at 8 kHz, heard at 16 kHz again."""
    band = samples(banded(scene.heard / 32767, *_TELEPHONE_HZ))
    down, up = Resampler(RATE_HZ, coding.rate_hz), Resampler(coding.rate_hz, RATE_HZ)
    carried = coding.decode(coding.encode(np.concatenate((down.feed(band), down.finish()))))
    return replace(scene, name=f"{scene.name} ({coding.value})", heard=np.concatenate((up.feed(carried), up.finish())))


def over_answer(name: str, answer: Array, voice: Array | None, at_ms: float, echo: Echo | None) -> Scene:
    """Return a scene in which our answer plays, with its echo or without, and the user speaks into it at `at_ms`."""
    rng = np.random.default_rng(len(answer) + round(at_ms))
    heard = rng.normal(size=len(answer)) * 10 ** (ROOM_DBFS / 20)
    if echo is not None:
        heard += echoed(answer, echo.loss_db, echo.delay_ms, rng)
    if voice is None:
        return Scene(name, samples(heard), samples(answer))
    start = round(at_ms * RATE_HZ / 1000)
    heard[start : start + len(voice)] += voice[: len(heard) - start]
    end_ms = at_ms + len(voice) * 1000 / RATE_HZ
    return Scene(name, samples(heard), samples(answer), onset_ms=at_ms, end_ms=end_ms)
