"""Whisper's input: a log-mel spectrogram (Radford et al. 2022, section 2.1), on Slaney's mel scale.

80 bands from 0 to 8 kHz, windows of 25 ms, one every 10 ms. The scale is linear to 1 kHz, 200/3 Hz a mel, and
logarithmic above, 27 mels for each factor of 6.4 (Slaney 1998, "Auditory Toolbox", technical report 1998-010).
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from antiphon.engines.hearing.sessions import Tensor

RATE_HZ = 16_000
NUM_BANDS = 80

_WINDOW_SAMPLES = 400
_HOP_SAMPLES = 160
_LINEAR_UNTIL_HZ = 1_000.0
_LINEAR_HZ_PER_MEL = 200.0 / 3
_LOG_STEP = np.log(6.4) / 27
# Whisper's own: nothing is quieter than this, nor more than 80 dB below the loudest; then to about -1 to 1.
_LEAST_POWER = 1e-10
_RANGE_LOG10 = 8.0
_SHIFT_LOG10 = 4.0


def log_mel(samples: Tensor) -> Tensor:
    """Return samples (float, -1 to 1, 16 kHz) as `NUM_BANDS` rows, one column for each 160 samples."""
    half = _WINDOW_SAMPLES // 2
    padded = np.pad(samples, half, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW_SAMPLES)[::_HOP_SAMPLES]
    # A window centred on the very end has no column.
    spectrum = np.fft.rfft(windows[: len(samples) // _HOP_SAMPLES] * _window(), axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    log_power = np.log10(np.maximum(_filters() @ power.T, _LEAST_POWER))
    log_power = np.maximum(log_power, log_power.max() - _RANGE_LOG10)
    return ((log_power + _SHIFT_LOG10) / _SHIFT_LOG10).astype(np.float32)


@lru_cache(maxsize=1)
def _window() -> npt.NDArray[np.float32]:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW_SAMPLES) / _WINDOW_SAMPLES)).astype(np.float32)


@lru_cache(maxsize=1)
def _filters() -> npt.NDArray[np.float32]:
    """Return triangles over the spectrum's bins, each of the same area in Hz."""
    edges_hz = _hz(np.linspace(0, _mels(RATE_HZ / 2), NUM_BANDS + 2))
    bins_hz = np.fft.rfftfreq(_WINDOW_SAMPLES, 1 / RATE_HZ)
    low, peak, high = (edges_hz[start : start + NUM_BANDS, np.newaxis] for start in range(3))
    rising, falling = (bins_hz - low) / (peak - low), (high - bins_hz) / (high - peak)
    triangles = np.maximum(0, np.minimum(rising, falling))
    return (triangles * 2 / (high - low)).astype(np.float32)


def _mels(hz: float) -> float:
    """Return the mel of a pitch above the linear part."""
    return _LINEAR_UNTIL_HZ / _LINEAR_HZ_PER_MEL + float(np.log(hz / _LINEAR_UNTIL_HZ)) / _LOG_STEP


def _hz(mels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    linear_until = _LINEAR_UNTIL_HZ / _LINEAR_HZ_PER_MEL
    above = _LINEAR_UNTIL_HZ * np.exp(_LOG_STEP * (mels - linear_until))
    return np.where(mels < linear_until, mels * _LINEAR_HZ_PER_MEL, above)
