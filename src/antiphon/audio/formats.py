"""The three formats of Realtime audio: 16-bit PCM at 24 kHz, and G.711 mu-law and A-law at 8 kHz (ITU-T G.711)."""

from enum import Enum
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]

_MULAW_BIAS = 0x84
_MULAW_CLIP = 32635


class AudioFormat(Enum):
    """How samples lie in bytes, and how many there are in a second."""

    PCM16 = "pcm16"
    MULAW = "g711_ulaw"
    ALAW = "g711_alaw"

    @property
    def rate_hz(self) -> int:
        """Samples in a second."""
        return 24_000 if self is AudioFormat.PCM16 else 8_000

    @property
    def sample_bytes(self) -> int:
        """Bytes of one sample."""
        return 2 if self is AudioFormat.PCM16 else 1

    def num_bytes(self, ms: float) -> int:
        """Return how many bytes `ms` of audio take: whole samples, rounded down."""
        return int(ms * self.rate_hz / 1000 + 1e-6) * self.sample_bytes

    def ms(self, num_bytes: int) -> float:
        """Return how long `num_bytes` of audio are."""
        return num_bytes * 1000 / (self.rate_hz * self.sample_bytes)

    def encode(self, samples: Samples) -> bytes:
        """Return samples at `rate_hz` as bytes."""
        if self is AudioFormat.PCM16:
            return samples.astype("<i2", copy=False).tobytes()
        table = _mulaw_codes() if self is AudioFormat.MULAW else _alaw_codes()
        return table[samples.astype(np.int32) + 32768].tobytes()

    def decode(self, data: bytes) -> Samples:
        """Return the samples that bytes mean, at `rate_hz`; the bytes must be whole samples."""
        if self is AudioFormat.PCM16:
            return np.frombuffer(data, dtype="<i2").astype(np.int16, copy=False)
        table = _mulaw_samples() if self is AudioFormat.MULAW else _alaw_samples()
        return table[np.frombuffer(data, dtype=np.uint8)]


@lru_cache(maxsize=1)
def _mulaw_samples() -> Samples:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    exponent, mantissa = (code >> 4) & 7, code & 15
    magnitude = (((mantissa << 3) + _MULAW_BIAS) << exponent) - _MULAW_BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


@lru_cache(maxsize=1)
def _mulaw_codes() -> npt.NDArray[np.uint8]:
    sample = np.arange(-32768, 32768, dtype=np.int32)
    biased = np.minimum(np.abs(sample), _MULAW_CLIP) + _MULAW_BIAS
    exponent = np.floor(np.log2(biased)).astype(np.int32) - 7
    code = np.where(sample < 0, 0x80, 0) | (exponent << 4) | ((biased >> (exponent + 3)) & 15)
    return (~code & 0xFF).astype(np.uint8)


@lru_cache(maxsize=1)
def _alaw_samples() -> Samples:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    exponent, mantissa = (code >> 4) & 7, code & 15
    magnitude = np.where(exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 0x108) << np.maximum(exponent - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


@lru_cache(maxsize=1)
def _alaw_codes() -> npt.NDArray[np.uint8]:
    sample = np.arange(-32768, 32768, dtype=np.int32)
    # G.711 takes the one's complement of negative numbers: -1 lies in the first interval below zero.
    magnitude = np.where(sample >= 0, sample, ~sample) >> 4
    exponent = np.where(magnitude < 16, 0, np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int32) - 3)
    code = (exponent << 4) | ((magnitude >> np.maximum(exponent - 1, 0)) & 15)
    return ((code | np.where(sample >= 0, 0x80, 0)) ^ 0x55).astype(np.uint8)
