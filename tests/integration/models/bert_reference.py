"""BERT for sentence embeddings a second time: plain numpy, straight from the safetensors, to compare with.

It shares nothing with the code under test: its own reader, its own WordPiece, the arithmetic of the BERT paper.
"""

import json
import math
import unicodedata
from pathlib import Path

import numpy as np


def read_tensors(path: Path) -> dict[str, np.ndarray]:
    """Return the float32 tensors of a safetensors file."""
    content = path.read_bytes()
    begin = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:begin])
    return {
        name: np.frombuffer(content[begin:], "<f4", math.prod(it["shape"]), it["data_offsets"][0]).reshape(it["shape"])
        for name, it in header.items()
        if name != "__metadata__" and it["dtype"] == "F32"
    }


def write_tensors(path: Path, tensors: dict[str, np.ndarray]) -> None:
    """Write float32 tensors as a safetensors file."""
    header, content = {}, b""
    for name, values in tensors.items():
        data = values.astype("<f4").tobytes()
        offsets = [len(content), len(content) + len(data)]
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": offsets}
        content += data
    head = json.dumps({"__metadata__": {"format": "pt"}} | header).encode()
    path.write_bytes(len(head).to_bytes(8, "little") + head + content)


def word_pieces(text: str, vocabulary: dict[str, int]) -> list[int]:
    """Return the tokens of an uncased WordPiece vocabulary, between [CLS] and [SEP]."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")
    spaced = "".join(f" {c} " if _stands_alone(c) else c for c in plain)
    found = [piece for word in spaced.split() for piece in _pieces_of(word, vocabulary)]
    return [vocabulary["[CLS]"], *found, vocabulary["[SEP]"]]


def _stands_alone(letter: str) -> bool:
    is_symbol = letter.isascii() and not letter.isalnum() and not letter.isspace()
    return is_symbol or unicodedata.category(letter).startswith("P") or "\u4e00" <= letter <= "\u9fff"


def _pieces_of(word: str, vocabulary: dict[str, int]) -> list[int]:
    found, begin = [], 0
    while begin < len(word):
        mark = "##" if begin else ""
        end = next((e for e in range(len(word), begin, -1) if mark + word[begin:e] in vocabulary), None)
        if end is None:
            return [vocabulary["[UNK]"]]
        found.append(vocabulary[mark + word[begin:end]])
        begin = end
    return found


def embed(tokens: list[int], tensors: dict[str, np.ndarray], config: dict) -> np.ndarray:
    """Return the unit vector of one text: the encoder's outputs, pooled by their mean."""
    epsilon = config["layer_norm_eps"]

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        return x @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"]

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + epsilon)
        return scaled * tensors[f"{name}.weight"] + tensors[f"{name}.bias"]

    x = tensors["embeddings.word_embeddings.weight"][tokens].astype(np.float64)
    x = x + tensors["embeddings.position_embeddings.weight"][: len(tokens)]
    x = norm(x + tensors["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for index in range(config["num_hidden_layers"]):
        layer = f"encoder.layer.{index}"
        q, k, v = (linear(x, f"{layer}.attention.self.{part}") for part in ("query", "key", "value"))
        mixed = _attend(q, k, v, config["num_attention_heads"])
        x = norm(x + linear(mixed, f"{layer}.attention.output.dense"), f"{layer}.attention.output.LayerNorm")
        inner = _gelu(linear(x, f"{layer}.intermediate.dense"))
        x = norm(x + linear(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    pooled = x.mean(0)
    return pooled / np.linalg.norm(pooled)


def _attend(q: np.ndarray, k: np.ndarray, v: np.ndarray, num_heads: int) -> np.ndarray:
    heads = [np.split(part, num_heads, axis=-1) for part in (q, k, v)]
    mixed = []
    for query, key, value in zip(*heads, strict=True):
        scores = query @ key.T / np.sqrt(query.shape[-1])
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        mixed.append(weights / weights.sum(-1, keepdims=True) @ value)
    return np.concatenate(mixed, axis=-1)


def _gelu(x: np.ndarray) -> np.ndarray:
    return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))
