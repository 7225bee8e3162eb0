"""Another rate for a stream of samples, chunk by chunk, with no seam between the chunks."""

import numpy as np
import soxr

from antiphon.audio.formats import Samples

_NOTHING = np.zeros(0, dtype=np.int16)


class Resampler:
    """Takes one stream from `from_hz` to `to_hz`; its state is the filter's memory.

    The filter looks ahead, so that the end of what was fed comes out with `finish`.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="int16", quality="MQ") if from_hz != to_hz else None

    def feed(self, samples: Samples) -> Samples:
        """Return what is ready at the new rate."""
        if self._stream is None:
            return samples
        return self._stream.resample_chunk(samples) if len(samples) else _NOTHING

    def finish(self) -> Samples:
        """Return the rest; the stream is over."""
        return self._stream.resample_chunk(_NOTHING, last=True) if self._stream is not None else _NOTHING
