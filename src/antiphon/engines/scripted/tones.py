"""Text as tones, and tones as text: how the scripted model speaks and hears.

Each byte of the text's UTF-8 is a pair of tones, one after the other: the higher four bits as one of sixteen tones from
480 Hz up, the lower four as one of sixteen from 1920 Hz up, 80 Hz apart. Since the two banks take turns a listener
needs no clock: a tone ends where one of the other bank begins, at any speed. All tones lie in the band of a telephone,
so a text survives resampling and G.711. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from antiphon.audio.formats import Samples

# Four times as fast as a person speaks, so that tests are short.
MS_PER_BYTE = 25.0
# Tones that lie 80 Hz apart cannot be told from one another in less than 6 ms.
SHORTEST_MS_PER_BYTE = 12.0
# No tone is above half of it: whatever the rate, this many samples of a second tell them all.
LOWEST_RATE_HZ = 8000
TONES_HZ = np.array([*range(480, 1760, 80), *range(1920, 3200, 80)], dtype=np.float64)
AMPLITUDE = 8000
RAMP_MS = 1.0

# How the tones are found: windows of 5 ms, 1 ms apart.
_WINDOW_MS, _HOP_MS = 5.0, 1.0
# A window with less is silence: -44 dB of full scale, and a tenth of the loudest.
_QUIETEST, _QUIETEST_SHARE = 200.0, 0.1
# In a window of a tone the tone has nearly all of the energy, also with noise 10 dB below it; in speech none has.
_LEAST_SHARE = 0.6
_SILENCE = -1
# All windows of an hour at once would be gigabytes.
_WINDOWS_AT_ONCE = 16_384

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class HeardText:
    """A text without a longer silence in it; `byte_ends_ms` says of each byte of its UTF-8 when it ended."""

    text: str
    start_ms: float
    byte_ends_ms: tuple[float, ...]


def num_samples(num_bytes: int, rate_hz: int, ms_per_byte: float = MS_PER_BYTE) -> int:
    """Return how many samples at `rate_hz` so many bytes of a text take."""
    return 2 * num_bytes * _tone_samples(rate_hz, ms_per_byte)


def tones_of(text: str, rate_hz: int, ms_per_byte: float = MS_PER_BYTE) -> Samples:
    """Return the text as samples at `rate_hz` (`LOWEST_RATE_HZ` or more), no faster than `SHORTEST_MS_PER_BYTE`."""
    return tones_of_bytes(text.encode(), rate_hz, ms_per_byte)


def tones_of_bytes(data: bytes, rate_hz: int, ms_per_byte: float = MS_PER_BYTE) -> Samples:
    """Return a piece of a text's UTF-8 as samples, as `tones_of` does; those of its pieces, joined, are the text's."""
    table = _tones(rate_hz, _tone_samples(rate_hz, ms_per_byte))
    values = np.frombuffer(data, dtype=np.uint8)
    numbers = np.stack([values >> 4, 16 + (values & 15)], axis=1).reshape(-1)
    return table[numbers].reshape(-1)


def text_of_tones(samples: Samples, rate_hz: int) -> str:
    """Return the text in the samples; nothing where they are something else. Bytes that are cut off are left out."""
    return "".join(heard.text for heard in heard_texts(samples, rate_hz, longest_gap_ms=float("inf")))


def heard_texts(samples: Samples, rate_hz: int, longest_gap_ms: float = 200.0) -> list[HeardText]:
    """Return the texts in the samples, each with its times; a silence over `longest_gap_ms` divides two."""
    tones = _heard_tones(samples, rate_hz)
    data = list(_bytes_of(tones))
    texts: list[HeardText] = []
    begin = 0
    for place, (_, _, end_ms) in enumerate(data):
        is_last = place + 1 == len(data)
        if is_last or data[place + 1][1] - end_ms > longest_gap_ms:
            texts.append(_text(data[begin : place + 1]))
            begin = place + 1
    return [heard for heard in texts if heard.text]


@dataclass(frozen=True, slots=True)
class _Tone:
    number: int
    start_ms: float
    end_ms: float


def _tone_samples(rate_hz: int, ms_per_byte: float) -> int:
    return round(rate_hz * max(ms_per_byte, SHORTEST_MS_PER_BYTE) / 2000)


@lru_cache(maxsize=4)
def _tones(rate_hz: int, length: int) -> npt.NDArray[np.int16]:
    """Return a row of samples for each tone, its ends faded so that they do not click."""
    ramp = np.minimum(1.0, (np.arange(length) + 0.5) / (rate_hz * RAMP_MS / 1000))
    envelope = np.minimum(ramp, ramp[::-1])
    waves = np.sin(2 * np.pi * TONES_HZ[:, None] * np.arange(length) / rate_hz)
    return np.round(AMPLITUDE * envelope * waves).astype(np.int16)


def _heard_tones(samples: Samples, rate_hz: int) -> list[_Tone]:
    """Return the tones in order: where windows of one bank end, those of the other or silence begin."""
    step = max(1, rate_hz // LOWEST_RATE_HZ)
    thinned, thinned_hz = samples[::step].astype(np.float32), rate_hz / step
    window, hop = round(thinned_hz * _WINDOW_MS / 1000), round(thinned_hz * _HOP_MS / 1000)
    margin = np.zeros(window // 2, dtype=np.float32)
    padded = np.concatenate([margin, thinned, margin])
    if len(padded) < window:
        return []
    banks = _banks(np.lib.stride_tricks.sliding_window_view(padded, window)[::hop], thinned_hz)
    edges = np.flatnonzero(np.diff(banks)) + 1
    runs = [(start, end) for start, end in pairwise([0, *edges.tolist(), len(banks)]) if banks[start] != _SILENCE]
    shortest = 0.6 * float(np.median([end - start for start, end in runs])) if runs else 0.0
    hop_ms = hop / thinned_hz * 1000
    return [
        _Tone(_number(thinned[start * hop : end * hop], thinned_hz, int(banks[start])), start * hop_ms, end * hop_ms)
        for start, end in runs
        if end - start >= max(3, shortest)
    ]


def _banks(frames: Floats, rate_hz: float) -> Labels:
    """Return for each window the bank whose tone it holds, or silence; all silence where few windows hold a tone."""
    energy = np.einsum("ij,ij->i", frames, frames) / frames.shape[1]
    floor = max(_QUIETEST, _QUIETEST_SHARE * float(np.sqrt(energy.max(initial=0.0))))
    loud = np.flatnonzero(energy >= floor**2)
    banks = np.full(len(frames), _SILENCE)
    num_tones = 0
    for start in range(0, len(loud), _WINDOWS_AT_ONCE):
        some = loud[start : start + _WINDOWS_AT_ONCE]
        powers = _powers(frames[some], rate_hz, TONES_HZ)
        num_tones += int((powers.max(axis=1) >= _LEAST_SHARE * energy[some]).sum())
        banks[some] = powers.argmax(axis=1) // 16
    if 2 * num_tones < len(loud):
        banks[:] = _SILENCE
    return _smoothed(banks)


def _smoothed(banks: Labels) -> Labels:
    """Return the labels without those that differ from both neighbours: the seam of two tones may look like a third."""
    smooth = banks.copy()
    is_odd = (banks[1:-1] != banks[:-2]) & (banks[:-2] == banks[2:])
    smooth[1:-1][is_odd] = banks[:-2][is_odd]
    return smooth


def _number(frame: Floats, rate_hz: float, bank: int) -> int:
    """Return which tone of the bank the samples are."""
    faded = (frame * np.hanning(len(frame)).astype(np.float32))[None, :]
    return int(_powers(faded, rate_hz, TONES_HZ[16 * bank : 16 * bank + 16]).argmax()) + 16 * bank


def _powers(frames: Floats, rate_hz: float, tones_hz: npt.NDArray[np.float64]) -> Floats:
    """Return the mean energy of each tone in each frame, as the frame shows it: a column for each tone."""
    length = frames.shape[1]
    phases = np.arange(length, dtype=np.float64)[:, None] * (2 * np.pi / rate_hz * tones_hz)
    real, imaginary = (frames @ wave.astype(np.float32) for wave in (np.cos(phases), np.sin(phases)))
    return 2 * (real**2 + imaginary**2) / length**2


def _bytes_of(tones: list[_Tone]) -> Iterator[tuple[int, float, float]]:
    """Yield each pair of a higher and a lower tone as a byte with its start and end in ms."""
    for high, low in pairwise(tones):
        if high.number < 16 <= low.number:
            yield high.number << 4 | (low.number - 16), high.start_ms, low.end_ms


def _text(data: list[tuple[int, float, float]]) -> HeardText:
    """Return what bytes say; parts of characters whose other bytes were cut off are left out, with their times."""
    whole = bytes(byte for byte, _, _ in data)
    text = whole.decode("utf-8", "ignore")
    skipped = whole.find(text.encode()) if text else 0
    kept = data[max(0, skipped) :][: len(text.encode())]
    return HeardText(text, kept[0][1] if kept else 0.0, tuple(end_ms for _, _, end_ms in kept))
