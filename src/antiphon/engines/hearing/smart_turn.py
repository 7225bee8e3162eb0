"""Smart Turn v3: how likely a speaker is done, from the sound of the last 8 seconds."""

import asyncio

import numpy as np

from antiphon.engines.hearing.mel import RATE_HZ, log_mel
from antiphon.engines.hearing.sessions import OnnxSession, Tensor

WINDOW_SAMPLES = 8 * RATE_HZ

_FULL_SCALE = np.float32(32768)
# Keeps the division defined where the window is silent.
_LEAST_VARIANCE = np.float32(1e-7)


class SmartTurnJudge:
    """Judges turns of any number of conversations (`ports.TurnJudge`), each run in a thread beside the event loop."""

    def __init__(self, session: OnnxSession) -> None:
        self._session = session

    async def judge(self, samples: bytes) -> float:
        """Return how likely the speaker is done, 0 to 1, by the last 8 s of samples (signed 16-bit, 16 kHz)."""
        return await asyncio.to_thread(self._judge, samples)

    def _judge(self, samples: bytes) -> float:
        features = log_mel(_window_of(samples))
        (probabilities,) = self._session.run(None, {"input_features": features[np.newaxis]})
        return float(np.ravel(probabilities)[0])


def _window_of(samples: bytes) -> Tensor:
    """Return the last 8 s at unit variance; what is shorter stands at the window's end, as in the model's training."""
    heard = np.frombuffer(samples, dtype="<i2")[-WINDOW_SAMPLES:].astype(np.float32) / _FULL_SCALE
    window = np.concatenate([np.zeros(WINDOW_SAMPLES - len(heard), dtype=np.float32), heard])
    return (window - window.mean()) / np.sqrt(window.var() + _LEAST_VARIANCE)
