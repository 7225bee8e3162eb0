"""Three noises, and a room's echo, by arithmetic. Noises have a root mean square of 1."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import soxr
from bench.turns.voices import RATE_HZ, Wave

Array = npt.NDArray[np.float64]


def pink(num_samples: int, rng: np.random.Generator) -> Array:
    """Return noise as of a fan: of equal power in each octave above 20 Hz."""
    hz = np.maximum(np.fft.rfftfreq(num_samples, 1 / RATE_HZ), 20)
    spectrum = (rng.normal(size=len(hz)) + 1j * rng.normal(size=len(hz))) / np.sqrt(hz)
    return _at_one(np.fft.irfft(spectrum, num_samples))


def hum_and_clicks(num_samples: int, rng: np.random.Generator) -> Array:
    """Return a mains hum with harmonics, and a click each half second."""
    at = np.arange(num_samples) / RATE_HZ
    noise = sum(np.sin(2 * np.pi * 50 * k * at) / k for k in (1, 2, 3, 5, 7))
    for start in rng.integers(0, num_samples - 200, num_samples // 8_000):
        noise[start : start + 200] += 8 * rng.normal(size=200) * np.exp(-np.arange(200) / 30)
    return _at_one(noise)


def babble(num_samples: int, rng: np.random.Generator, sentences: Sequence[Wave]) -> Array:
    """Return six people who talk at once behind the user."""
    noise = np.zeros(num_samples)
    for _ in range(6):
        start = -int(rng.integers(RATE_HZ))
        while start < num_samples:
            one = sentences[int(rng.integers(len(sentences)))]
            one = soxr.resample(one / np.sqrt(np.mean(one**2)), RATE_HZ * rng.uniform(0.85, 1.2), RATE_HZ)
            span = one[max(0, -start) : num_samples - start]
            noise[max(0, start) : max(0, start) + len(span)] += span
            start += len(one) + int(rng.integers(RATE_HZ // 3))
    return _at_one(noise)


def noises(sentences: Sequence[Wave]) -> dict[str, Callable[[int, np.random.Generator], Array]]:
    """Return all noises by their names; the sentences are of the babble."""
    return {
        "pink": pink,
        "babble": lambda num_samples, rng: babble(num_samples, rng, sentences),
        "hum and clicks": hum_and_clicks,
    }


def echoed(played: Array, loss_db: float, delay_ms: float, rng: np.random.Generator) -> Array:
    """Return what a microphone hears of a loudspeaker: later, quieter, and with a room that fades in 0.25 s."""
    fade = np.exp(-6.9 * np.arange(RATE_HZ // 4) / (RATE_HZ * 0.25))
    room = 0.05 * rng.normal(size=len(fade)) * fade
    room[0] = 1.0
    heard = np.fft.irfft(np.fft.rfft(played, 2 * len(played)) * np.fft.rfft(room, 2 * len(played)), 2 * len(played))
    delay = round(delay_ms * RATE_HZ / 1000)
    late = np.concatenate([np.zeros(delay), heard])[: len(played)]
    loudness = np.sqrt(np.mean(played**2)) / max(1e-9, np.sqrt(np.mean(late**2)))
    return late * loudness * 10 ** (-loss_db / 20)


def banded(sound: Array, low_hz: float, high_hz: float) -> Array:
    """Return what a line carries of a sound that carries nothing outside a band."""
    spectrum, hz = np.fft.rfft(sound), np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    return np.fft.irfft(np.where((hz >= low_hz) & (hz <= high_hz), spectrum, 0), len(sound))


def _at_one(noise: Array) -> Array:
    return noise / np.sqrt(np.mean(noise**2))
