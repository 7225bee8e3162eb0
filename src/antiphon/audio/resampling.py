"""Another rate for a stream of samples, chunk by chunk, with no seam between the chunks."""

import numpy as np
import numpy.typing as npt
import soxr

from antiphon.audio.formats import Samples

_NOTHING = np.zeros(0, dtype=np.int16)
_NO_FRACTIONS = np.zeros(0, dtype=np.float32)


class Resampler:
    """Takes one stream from `from_hz` to `to_hz`; its state is the filter's memory.

    The filter looks ahead, so that the end of what was fed comes out with `finish`. The same stream gives the same
    samples: soxr would dither 16-bit samples by chance, so it is given fractions, which are rounded here.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._stream = None
        if from_hz != to_hz:
            self._stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32", quality="MQ")

    def feed(self, samples: Samples) -> Samples:
        """Return what is ready at the new rate."""
        if self._stream is None:
            return samples
        return _rounded(self._stream.resample_chunk(samples.astype(np.float32))) if len(samples) else _NOTHING

    def finish(self) -> Samples:
        """Return the rest; the stream is over."""
        if self._stream is None:
            return _NOTHING
        return _rounded(self._stream.resample_chunk(_NO_FRACTIONS, last=True))


def _rounded(fractions: npt.NDArray[np.float32]) -> Samples:
    return np.clip(np.rint(fractions), -32768, 32767).astype(np.int16)
