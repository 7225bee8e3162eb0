"""What a GGUF file says about its tokenizer and its chat template, read without touching the weights.

The `gguf` package reads this too, in seconds: it makes arrays of every token. A server that is to answer five seconds
after its start reads the few keys that it needs, in a fraction of a second. Layout of the file: the GGUF specification
of ggml, versions 2 and 3 (little-endian).
"""

import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from antiphon.errors import InvalidRequest

# Numbers of the value types in a file, with the `struct` letter and the size in bytes of the plain ones.
_SCALARS: Final[Mapping[int, tuple[str, int]]] = {
    0: ("B", 1),
    1: ("b", 1),
    2: ("H", 2),
    3: ("h", 2),
    4: ("I", 4),
    5: ("i", 4),
    6: ("f", 4),
    7: ("?", 1),
    10: ("Q", 8),
    11: ("q", 8),
    12: ("d", 8),
}
_STRING: Final = 8
_ARRAY: Final = 9

# Token types of llama.cpp that text can spell and that are no text: unknown, control.
_CONTROL_TYPES: Final = frozenset({2, 3})

_TEMPLATE: Final = "tokenizer.chat_template"
_TOKENS: Final = "tokenizer.ggml.tokens"
_KINDS_OF_TOKENS: Final = "tokenizer.ggml.token_type"
_BOS: Final = "tokenizer.ggml.bos_token_id"
_EOS: Final = "tokenizer.ggml.eos_token_id"
_WANTED: Final = frozenset({_TEMPLATE, _TOKENS, _KINDS_OF_TOKENS, _BOS, _EOS})

Value = int | float | str | list["int | float | str"]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What rendering a prompt takes: the chat template (or None), and the tokens that steer the model.

    `control_tokens` maps the spelling of each control token to its number; `bos` and `eos` are spellings.
    """

    template: str | None
    bos: str
    eos: str
    control_tokens: Mapping[str, int]


def read_vocabulary(path: Path) -> Vocabulary:
    """Read the header of the GGUF file at `path`. Raises `InvalidRequest` for what is no such file."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            values = _Header(data, path.name).values()
    except (struct.error, KeyError, ValueError) as error:
        raise InvalidRequest(f"{path.name} is damaged: its header ends too soon or holds unknown types.") from error
    tokens = [str(token) for token in _array(values, _TOKENS)]
    types = _array(values, _KINDS_OF_TOKENS)
    template = values.get(_TEMPLATE)
    return Vocabulary(
        template=template if isinstance(template, str) else None,
        bos=_spelled(tokens, values.get(_BOS)),
        eos=_spelled(tokens, values.get(_EOS)),
        control_tokens={
            token: number
            for number, (token, kind) in enumerate(zip(tokens, types, strict=False))
            if kind in _CONTROL_TYPES and token
        },
    )


def _array(values: Mapping[str, Value], key: str) -> list[int | float | str]:
    value = values.get(key)
    return value if isinstance(value, list) else []


def _spelled(tokens: list[str], number: Value | None) -> str:
    return tokens[number] if isinstance(number, int) and number < len(tokens) else ""


class _Header:
    """A place in the file that moves on with each value."""

    def __init__(self, data: mmap.mmap, name: str) -> None:
        self._data = data
        self._at = 0
        self._name = name

    def values(self) -> dict[str, Value]:
        """The wanted keys with their values."""
        if self._data[:4] != b"GGUF":
            raise InvalidRequest(f"{self._name} is no GGUF file.")
        self._at = 4
        version = self._scalar("I", 4)
        if version not in (2, 3):
            raise InvalidRequest(f"{self._name} is of GGUF version {version}; versions 2 and 3 can be read.")
        self._scalar("Q", 8)  # the number of tensors
        num_pairs = int(self._scalar("Q", 8))
        found: dict[str, Value] = {}
        for _ in range(num_pairs):
            key = self._string()
            value = self._value(int(self._scalar("I", 4)))
            if key in _WANTED:
                found[key] = value
        return found

    def _value(self, kind: int) -> Value:
        if kind == _STRING:
            return self._string()
        if kind == _ARRAY:
            return self._items(int(self._scalar("I", 4)), int(self._scalar("Q", 8)))
        letter, size = _SCALARS[kind]
        return self._scalar(letter, size)

    def _items(self, kind: int, count: int) -> list[int | float | str]:
        if kind == _STRING:
            return [self._string() for _ in range(count)]
        letter, size = _SCALARS[kind]
        items = list(struct.unpack_from(f"<{count}{letter}", self._data, self._at))
        self._at += size * count
        return items

    def _scalar(self, letter: str, size: int) -> int | float:
        (value,) = struct.unpack_from(f"<{letter}", self._data, self._at)
        self._at += size
        return value

    def _string(self) -> str:
        length = int(self._scalar("Q", 8))
        start = self._at
        self._at += length
        return self._data[start : self._at].decode("utf-8", "replace")
