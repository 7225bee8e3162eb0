"""Weights of a GGUF file written again in another quantisation.

Which quantisation is fastest depends on the engine's kernels and not on the file that somebody uploaded: on the
same processor a Q4_0 file may read a prompt twice as fast as the Q4_K_M one that it came from. The same source and
kind give the same bytes wherever they are made, so that the result has a checksum that a catalogue can pin.

One tensor is in memory at a time, as floats only some rows of it. Vectors (norms, biases) stay as they are: they are
small, and precision matters there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from gguf import (
    GGML_QUANT_SIZES,
    GGMLQuantizationType,
    GGUFEndian,
    GGUFReader,
    GGUFValueType,
    GGUFWriter,
    Keys,
    LlamaFileType,
    ReaderTensor,
    dequantize,
    quantize,
)

from antiphon.errors import InvalidRequest

_EMBEDDINGS: Final = "token_embd.weight"
_OUTPUT: Final = "output.weight"

# 1 to 4 million values of the usual models as float32 at a time.
_ROWS_AT_A_TIME: Final = 1024


@dataclass(frozen=True)
class _Recipe:
    matrices: GGMLQuantizationType
    output: GGMLQuantizationType
    file_type: LlamaFileType


_Q4_0 = GGMLQuantizationType.Q4_0
_Q8_0 = GGMLQuantizationType.Q8_0

RECIPES: Final = {
    "Q4_0": _Recipe(_Q4_0, _Q4_0, LlamaFileType.MOSTLY_Q4_0),
    "Q4_0+Q8_0": _Recipe(_Q4_0, _Q8_0, LlamaFileType.MOSTLY_Q4_0),
    "Q8_0": _Recipe(_Q8_0, _Q8_0, LlamaFileType.MOSTLY_Q8_0),
}
"""The kinds that `requantise` knows; after a plus sign stands the type of the output layer."""


def requantise(source: Path, target: Path, kind: str, on_progress: Callable[[int, int], None]) -> None:
    """Write the weights of `source` to `target` in `kind` (a key of `RECIPES`), other metadata unchanged.

    `on_progress` hears how many bytes of the source's tensors are done, and of how many. A tensor whose present
    type cannot be read is kept as it is. `target` is overwritten, and removed when the work fails.
    Raises `InvalidRequest` for an unknown kind or a big-endian file.
    """
    recipe = RECIPES.get(kind)
    if recipe is None:
        raise InvalidRequest(f"Quantisation '{kind}' is not known; known are {', '.join(RECIPES)}.")
    reader = GGUFReader(source)
    if reader.endianess is not GGUFEndian.LITTLE:
        raise InvalidRequest(f"{source.name} is a big-endian GGUF file; only little-endian ones can be read.")
    try:
        _write(reader, target, recipe, on_progress)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _write(reader: GGUFReader, target: Path, recipe: _Recipe, on_progress: Callable[[int, int], None]) -> None:
    writer = GGUFWriter(target, arch=reader.fields[Keys.General.ARCHITECTURE].contents())
    writer.data_alignment = reader.alignment
    _copy_metadata(reader, writer, recipe.file_type)
    types = _target_types(reader.tensors, recipe)
    for tensor in reader.tensors:
        _announce(writer, tensor, types[tensor.name])
    total_bytes = sum(int(tensor.n_bytes) for tensor in reader.tensors)
    done_bytes = 0
    try:
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for tensor in reader.tensors:
            writer.write_tensor_data(_converted(tensor, types[tensor.name]))
            done_bytes += int(tensor.n_bytes)
            on_progress(done_bytes, total_bytes)
    finally:
        writer.close()


def _copy_metadata(reader: GGUFReader, writer: GGUFWriter, file_type: LlamaFileType) -> None:
    for field in reader.fields.values():
        # The writer has set the architecture; fields of the file's own header are not metadata.
        if field.name == Keys.General.ARCHITECTURE or field.name.startswith("GGUF."):
            continue
        value_type = field.types[0]
        sub_type = field.types[-1] if value_type is GGUFValueType.ARRAY else None
        value = int(file_type) if field.name == Keys.General.FILE_TYPE else field.contents()
        writer.add_key_value(field.name, value, value_type, sub_type=sub_type)


def _target_types(tensors: list[ReaderTensor], recipe: _Recipe) -> dict[str, GGMLQuantizationType]:
    has_output = any(tensor.name == _OUTPUT for tensor in tensors)
    output_layer = _OUTPUT if has_output else _EMBEDDINGS
    types: dict[str, GGMLQuantizationType] = {}
    for tensor in tensors:
        wanted = recipe.output if tensor.name == output_layer else recipe.matrices
        # Embeddings that are not the output layer too are only looked up: no speed to be won there.
        is_lookup = has_output and tensor.name == _EMBEDDINGS
        types[tensor.name] = wanted if not is_lookup and _can_become(tensor, wanted) else tensor.tensor_type
    return types


def _can_become(tensor: ReaderTensor, wanted: GGMLQuantizationType) -> bool:
    block_size, _ = GGML_QUANT_SIZES[wanted]
    is_matrix = len(tensor.shape) >= 2
    return is_matrix and int(tensor.shape[0]) % block_size == 0 and _is_readable(tensor)


def _is_readable(tensor: ReaderTensor) -> bool:
    """Whether the gguf package can turn the tensor's present type into floats: asked of its first row."""
    try:
        dequantize(tensor.data[:1], tensor.tensor_type)
    except NotImplementedError:
        return False
    return True


def _announce(writer: GGUFWriter, tensor: ReaderTensor, wanted: GGMLQuantizationType) -> None:
    block_size, block_bytes = GGML_QUANT_SIZES[wanted]
    num_bytes = int(tensor.n_elements) // block_size * block_bytes
    shape = [int(length) for length in reversed(tensor.shape)]
    # float32 tells the writer that the shape counts values and not bytes; `raw_dtype` is what it records.
    writer.add_tensor_info(tensor.name, shape, np.dtype(np.float32), num_bytes, raw_dtype=wanted)


def _converted(tensor: ReaderTensor, wanted: GGMLQuantizationType) -> np.ndarray:
    if wanted is tensor.tensor_type:
        return tensor.data
    parts = [
        quantize(dequantize(tensor.data[row : row + _ROWS_AT_A_TIME], tensor.tensor_type), wanted)
        for row in range(0, len(tensor.data), _ROWS_AT_A_TIME)
    ]
    return np.concatenate(parts)
