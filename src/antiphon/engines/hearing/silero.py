"""Silero VAD v6: how likely each 32 ms of a stream are a voice."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from antiphon.engines.hearing.sessions import OnnxSession, Tensor
from antiphon.errors import EngineUnavailable

FRAME_SAMPLES = 512

# What the model sees of the frame before.
_CONTEXT_SAMPLES = 64
_STATE_SHAPE = (1, 1, 128)
_FULL_SCALE = np.float32(32768)


def silero_path() -> Path:
    """Return where the faster-whisper package keeps the model, without importing it: that loads its engine.

    Raises `EngineUnavailable` where the package is not installed or holds no such file.
    """
    spec = find_spec("faster_whisper")
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        path = Path(folder) / "assets" / "silero_vad_v6.onnx"
        if path.is_file():
            return path
    raise EngineUnavailable("the voice activity model is not here: faster-whisper is not installed as it should be")


class SileroVoiceActivity:
    """One stream's ears (`ports.VoiceActivity`); the session may be shared, what was heard is this stream's own."""

    def __init__(self, session: OnnxSession) -> None:
        self._session = session
        self.forget()

    def judge(self, samples: bytes) -> tuple[float, ...]:
        """Return for each frame of 512 samples (signed 16-bit, 16 kHz) how likely it is a voice, 0 to 1.

        Raises `ValueError` where the samples are no whole frames.
        """
        frames = (np.frombuffer(samples, dtype="<i2").astype(np.float32) / _FULL_SCALE).reshape(-1, FRAME_SAMPLES)
        if len(frames) == 0:
            return ()
        contexts = np.concatenate([self._context, frames[:-1, -_CONTEXT_SAMPLES:]])
        feed = {"input": np.concatenate([contexts, frames], axis=1), "h": self._hidden, "c": self._cell}
        probabilities, self._hidden, self._cell = self._session.run(None, feed)
        self._context = frames[-1:, -_CONTEXT_SAMPLES:]
        return tuple(float(probability) for probability in np.ravel(probabilities))

    def forget(self) -> None:
        """Begin anew."""
        self._context: Tensor = np.zeros((1, _CONTEXT_SAMPLES), dtype=np.float32)
        self._hidden: Tensor = np.zeros(_STATE_SHAPE, dtype=np.float32)
        self._cell: Tensor = np.zeros(_STATE_SHAPE, dtype=np.float32)
