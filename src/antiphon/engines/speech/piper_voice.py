"""A Piper model in memory: text to phonemes, phonemes to samples with the length of each. Only for Piper's process.

Piper is GPL: nothing but that process imports this module, and this module imports Piper where it is needed.
"""

import json
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from antiphon.engines.speech.piper_graph import with_lengths

# The frames of a VITS model are stretched by this to samples.
_FRAME_SAMPLES = 256
_PAD, _BEGIN, _END = "_", "^", "$"
# Here every symbol has its one frame, and less makes nothing faster.
_LEAST_STRETCH = 0.1
# Espeak hears a lone letter A as the article; this is how it says the letter.
_LETTER_A = {"A": "eh"}


class Voiced(NamedTuple):
    """Samples between -1 and 1, and how many of them belong to each phoneme; they add up.

    `lead_samples` come before the first phoneme and belong to none, `tail_samples` after the last.
    """

    samples: npt.NDArray[np.float32]
    lengths: list[int]
    lead_samples: int
    tail_samples: int


class PiperVoice:
    """One model. Not for several threads at once: the phonemizer has a state of its own."""

    def __init__(self, model_path: Path, num_threads: int) -> None:
        config = json.loads(Path(f"{model_path}.json").read_text(encoding="utf-8"))
        if config.get("phoneme_type", "espeak") != "espeak":
            raise ValueError(f"the model wants phonemes of the kind '{config['phoneme_type']}', not espeak's")
        self.rate_hz = int(config["audio"]["sample_rate"])
        self._espeak_voice = str(config["espeak"]["voice"])
        self._ids: dict[str, list[int]] = config["phoneme_id_map"]
        inference = config.get("inference", {})
        self._noise = float(inference.get("noise_scale", 0.667))
        self._length_noise = float(inference.get("noise_w", 0.8))
        self._length = float(inference.get("length_scale", 1.0))
        self._num_speakers = int(config.get("num_speakers", 1))
        self._speakers: dict[str, int] = config.get("speaker_id_map") or {}
        self._session = _session(model_path, num_threads)
        # Native, and without types.
        phonemizer: Any = import_module("piper.phonemize_espeak")
        self._phonemizer = phonemizer.EspeakPhonemizer()
        self.phonemes_of_word = lru_cache(maxsize=8192)(self._phonemes_of_word)

    def phonemes(self, text: str) -> list[str]:
        """Return the phonemes of a text that the model knows; gaps and pause marks are among them."""
        read = " ".join(_LETTER_A.get(word, word) for word in text.split(" "))
        sentences: list[list[str]] = self._phonemizer.phonemize(self._espeak_voice, read)
        joined = " ".join("".join(sentence) for sentence in sentences)
        return [phoneme for phoneme in unicodedata.normalize("NFD", joined) if phoneme in self._ids]

    def speaker_id(self, name: str | None) -> int:
        """Return the model's number for a speaker, by its name or number. Raises `ValueError` where it has none."""
        if name is None:
            return 0
        number = self._speakers.get(name, int(name) if name.isdecimal() else -1)
        if not 0 <= number < self._num_speakers:
            raise ValueError(f"the voice's model has no speaker '{name}'")
        return number

    def voiced(self, phonemes: Sequence[str], *, speaker_id: int, slowness: float) -> Voiced:
        """Speak phonemes; `slowness` of 2 takes twice the time, and none is below about a half."""
        groups = [self._ids[_BEGIN] + self._ids[_PAD]]
        groups += [self._ids[phoneme] + self._ids[_PAD] for phoneme in phonemes]
        groups.append(self._ids[_END])
        ids = [number for group in groups for number in group]
        inputs: dict[str, Any] = {
            "input": np.array([ids], dtype=np.int64),
            "input_lengths": np.array([len(ids)], dtype=np.int64),
            "scales": np.array([self._noise, self._length * _stretch(slowness), self._length_noise], dtype=np.float32),
        }
        if self._num_speakers > 1:
            inputs["sid"] = np.array([speaker_id], dtype=np.int64)
        output = self._session.run(None, inputs)
        samples = np.asarray(output[0], dtype=np.float32).reshape(-1)
        frames = np.asarray(output[-1]).reshape(-1)
        ends = np.cumsum([len(group) for group in groups])
        edges = np.concatenate(([0], np.cumsum(frames)))[np.concatenate(([0], ends))] * _FRAME_SAMPLES
        lead, *lengths, tail = (int(length) for length in np.diff(edges))
        return Voiced(samples, lengths, lead, tail)

    def _phonemes_of_word(self, word: str) -> tuple[str, ...]:
        return tuple(self.phonemes(word))


def _stretch(slowness: float) -> float:
    """What the model has to be told for its speech to be slower by a factor.

    It rounds the frames of every symbol up after it has stretched them, which adds half a frame to each whatever it is
    told; that is this share of the whole at its own speed (2.1 frames a symbol, measured over ten answers).
    """
    rounded = 0.237
    return max(_LEAST_STRETCH, (slowness - rounded) / (1 - rounded))


def _session(model_path: Path, num_threads: int) -> Any:  # noqa: ANN401  (a native object)
    onnxruntime: Any = import_module("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = num_threads
    options.inter_op_num_threads = 1
    # No engine spins while it waits: the cores are the other engines' too.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    model = with_lengths(model_path.read_bytes())
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
