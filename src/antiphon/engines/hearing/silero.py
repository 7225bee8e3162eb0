"""Silero VAD v6.2: how likely each 32 ms of a stream are a voice."""

import numpy as np

from antiphon.engines.hearing.sessions import OnnxSession, Scalar, Tensor

FRAME_SAMPLES = 512

_RATE_HZ: Scalar = np.asarray(16_000, dtype=np.int64)
# What the model sees of the frame before.
_CONTEXT_SAMPLES = 64
_STATE_SHAPE = (2, 1, 128)
_FULL_SCALE = np.float32(32768)


class SileroVoiceActivity:
    """One stream's ears (`ports.VoiceActivity`); the session may be shared, what was heard is this stream's own."""

    def __init__(self, session: OnnxSession) -> None:
        self._session = session
        self.forget()

    def judge(self, samples: bytes) -> tuple[float, ...]:
        """Return for each frame of 512 samples (signed 16-bit, 16 kHz) how likely it is a voice, 0 to 1.

        Raises `ValueError` where the samples are no whole frames.
        """
        frames = (np.frombuffer(samples, dtype="<i2").astype(np.float32) / _FULL_SCALE).reshape(-1, 1, FRAME_SAMPLES)
        return tuple(self._judge_frame(frame) for frame in frames)

    def forget(self) -> None:
        """Begin anew."""
        self._context: Tensor = np.zeros((1, _CONTEXT_SAMPLES), dtype=np.float32)
        self._state: Tensor = np.zeros(_STATE_SHAPE, dtype=np.float32)

    def _judge_frame(self, frame: Tensor) -> float:
        feed = {"input": np.concatenate([self._context, frame], axis=1), "state": self._state, "sr": _RATE_HZ}
        probabilities, self._state = self._session.run(None, feed)
        self._context = frame[:, -_CONTEXT_SAMPLES:]
        return float(probabilities[0, 0])
