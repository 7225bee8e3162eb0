"""Tensors of a safetensors file, read as what they are: a length, a JSON header, and bytes at offsets.

The format runs no code (pickle does). Everything in the header is checked against the file's size before it is used.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec
import numpy as np
from numpy.typing import NDArray

from antiphon.errors import InvalidRequest

# Ten times what the headers of the largest published models take.
_MAX_HEADER_BYTES = 100_000_000
_LENGTH_BYTES = 8

_TYPES = MappingProxyType({"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4"})


class _Tensor(msgspec.Struct):
    dtype: str
    shape: list[int]
    data_offsets: tuple[int, int]


def read_safetensors(path: Path) -> Mapping[str, NDArray[np.generic]]:
    """Return every tensor of the file by its name, mapped from disk and not read yet.

    Tensors of types that numpy does not have (bfloat16 and smaller) are left out.
    Raises `InvalidRequest` for a file that is not what it says.
    """
    size_bytes = path.stat().st_size
    try:
        with path.open("rb") as file:
            header_bytes = int.from_bytes(file.read(_LENGTH_BYTES), "little")
            if header_bytes > min(_MAX_HEADER_BYTES, size_bytes - _LENGTH_BYTES):
                raise InvalidRequest(f"{path.name} is no safetensors file: its header would not fit in it.")
            header = msgspec.json.decode(file.read(header_bytes), type=dict[str, msgspec.Raw])
        tensors = {
            name: msgspec.json.decode(raw, type=_Tensor) for name, raw in header.items() if name != "__metadata__"
        }
    except msgspec.DecodeError as fault:
        raise InvalidRequest(f"{path.name} is no safetensors file: {fault}.") from fault
    begin = _LENGTH_BYTES + header_bytes
    return {
        name: _mapped(path, name, tensor, begin, size_bytes)
        for name, tensor in tensors.items()
        if tensor.dtype in _TYPES
    }


def _mapped(path: Path, name: str, tensor: _Tensor, begin: int, size_bytes: int) -> NDArray[np.generic]:
    dtype = np.dtype(_TYPES[tensor.dtype])
    first, end = tensor.data_offsets
    num_values = 1
    for length in tensor.shape:
        num_values *= length
    is_sound = min(tensor.shape, default=0) >= 0 and first >= 0 and begin + end <= size_bytes
    if not is_sound or end - first != num_values * dtype.itemsize:
        raise InvalidRequest(f"{path.name} is damaged: the tensor {name} is not where its header says.")
    if num_values == 0:
        return np.empty(tensor.shape, dtype)
    return np.memmap(path, dtype, "r", offset=begin + first, shape=tuple(tensor.shape))
