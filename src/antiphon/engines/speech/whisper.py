"""Whisper on CTranslate2: a window of audio in, tokens and their figures out. For the recogniser's process alone."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from antiphon.engines.speech.segments import Decoded, num_loops
from antiphon.engines.speech.word_times import token_starts_ms

_MAX_TOKENS = 448
# Half of the model's context is for what went before.
_MAX_PROMPT_TOKENS = 223
# Above the fastest speech in the languages with the shortest tokens: a pass that runs on is cut there.
_TOKENS_PER_S = 15
_TOKENS_BESIDE = 24
_SAMPLES_PER_FRAME = 160
_RATE_HZ = 16_000
# A marker of the tokenizer's that stands for any word.
_LANGUAGE_MARK = slice(2, -2)


class Whisper:
    """One model in memory.

    The native modules have no type stubs: named in strings they are `Any` and not a hundred unknowns.
    """

    def __init__(self, folder: Path, *, num_threads: int) -> None:
        native: Any = import_module("ctranslate2")
        self._as_storage: Any = native.StorageView.from_array
        self._model: Any = native.models.Whisper(str(folder), compute_type="int8", intra_threads=num_threads)
        features: Any = import_module("faster_whisper.feature_extractor")
        self._features: Any = features.FeatureExtractor(feature_size=self._model.n_mels)
        self._words: Any = import_module("tokenizers").Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._reading: Any = import_module("faster_whisper.tokenizer").Tokenizer
        self.is_multilingual = bool(self._model.is_multilingual)

    def encode(self, window: npt.NDArray[np.float32]) -> Any:  # noqa: ANN401  (a native object)
        """Return what the encoder makes of a window of samples (16 kHz, whole frames of 10 ms)."""
        mel = self._features(window, padding=0)[:, : len(window) // _SAMPLES_PER_FRAME]
        return self._model.encode(self._as_storage(np.ascontiguousarray(mel[np.newaxis], dtype=np.float32)))

    def knows(self, language: str) -> bool:
        """Whether the model was trained on the language."""
        return language == "en" if not self.is_multilingual else self._words.token_to_id(f"<|{language}|>") is not None

    def language_of(self, encoded: Any) -> str:  # noqa: ANN401  (a native object)
        """Return the language that is most likely spoken."""
        if not self.is_multilingual:
            return "en"
        return str(self._model.detect_language(encoded)[0][0][0][_LANGUAGE_MARK])

    def reader(self, language: str, task: str) -> "Reader":
        """Return what writes this language. It must be one that `knows` knows."""
        return Reader(self._model, self._reading(self._words, self.is_multilingual, task, language))


class Reader:
    """Decodes what was encoded, for one language and task."""

    def __init__(self, model: Any, tokenizer: Any) -> None:  # noqa: ANN401  (native objects)
        self._model = model
        self._tokenizer = tokenizer
        self.timestamp_begin = int(tokenizer.timestamp_begin)

    def prompt(self, before: str | None, *, has_times: bool) -> list[int]:
        """Return the tokens with which a pass begins; of what went before only the end is taken."""
        tokenizer = self._tokenizer
        tokens: list[int] = []
        if before and before.strip():
            tokens = [tokenizer.sot_prev, *tokenizer.encode(f" {before.strip()}")[-_MAX_PROMPT_TOKENS:]]
        return [*tokens, *tokenizer.sot_sequence, *([] if has_times else [tokenizer.no_timestamps])]

    def decode(
        self,
        encoded: Any,  # noqa: ANN401  (a native object)
        prompt: list[int],
        *,
        num_samples: int,
        num_beams: int,
        temperature: float,
    ) -> Decoded:
        """Make one pass over audio of which `num_samples` are not padding."""
        num_tokens = min(_MAX_TOKENS // 2, _TOKENS_BESIDE + _TOKENS_PER_S * num_samples // _RATE_HZ)
        sampling: dict[str, float] = {"beam_size": num_beams}
        if temperature > 0:
            sampling = {"beam_size": 1, "sampling_topk": 0, "sampling_temperature": temperature}
        result: Any = self._model.generate(
            encoded,
            [prompt],
            max_length=min(_MAX_TOKENS, len(prompt) + num_tokens),
            return_scores=True,
            return_no_speech_prob=True,
            **sampling,
        )[0]
        tokens: list[int] = list(result.sequences_ids[0])
        return Decoded(
            tokens=tuple(tokens),
            text=self.text(tokens),
            # The score is the mean over the tokens without the one that ends them.
            mean_logprob=float(result.scores[0]) * len(tokens) / (len(tokens) + 1),
            no_speech_probability=float(result.no_speech_prob),
            num_loops=num_loops([token for token in tokens if token < self.timestamp_begin]),
            is_cut=len(tokens) >= num_tokens - 1,
        )

    def text(self, tokens: Sequence[int]) -> str:
        """Return the text of tokens; timestamps have none."""
        return str(self._tokenizer.decode(list(tokens)))

    def token_starts_ms(self, encoded: Any, tokens: Sequence[int], num_samples: int) -> list[float]:  # noqa: ANN401
        """Return when each token of text begins, and after them when the last ends."""
        length_ms = num_samples * 1000 / _RATE_HZ
        if not tokens:
            return [length_ms]
        # A frame that is begun counts, and the encoder joins two.
        num_frames = max(2, -(-num_samples // _SAMPLES_PER_FRAME))
        aligned: Any = self._model.align(encoded, self._tokenizer.sot_sequence, [list(tokens)], num_frames)[0]
        return token_starts_ms(aligned.alignments, len(tokens), length_ms)

    def words(self, tokens: Sequence[int]) -> list[tuple[str, int]]:
        """Return the words of tokens of text, each with the number of its tokens."""
        texts, parts = self._tokenizer.split_to_word_tokens(list(tokens))
        return [(str(text), len(part)) for text, part in zip(texts, parts, strict=True) if part]
