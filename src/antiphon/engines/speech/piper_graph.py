"""The one change to a Piper model: the lengths of its phonemes become an output of its graph.

A VITS model rounds the frames of every phoneme up before it stretches them. That tensor, the output of the graph's
only `Ceil`, is inside; naming it among the outputs is all that is needed, and no weight changes. ONNX files are
protocol buffers: messages that stand one after the other are merged (protobuf.dev, encoding, "Last One Wins"), so the
change is a few bytes after the file's own, and nothing has to be rewritten.
"""

from collections.abc import Iterator

# Field numbers of onnx.proto.
_MODEL_GRAPH, _GRAPH_NODE, _GRAPH_OUTPUT, _NODE_OUTPUT, _NODE_OP_TYPE, _VALUE_NAME = 7, 1, 12, 2, 4, 1
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5


def with_lengths(model: bytes) -> bytes:
    """Return an ONNX model whose graph gives the frames of each phoneme as its last output.

    Raises `ValueError` where the bytes are no such model, or have no single tensor of that kind.
    """
    view = memoryview(model)
    try:
        graphs = [value for field, value in _fields(view) if field == _MODEL_GRAPH]
        nodes = [value for graph in graphs for field, value in _fields(graph) if field == _GRAPH_NODE]
        outputs = [value for graph in graphs for field, value in _fields(graph) if field == _GRAPH_OUTPUT]
        names = [name for node in nodes for name in _outputs_of(node, b"Ceil")]
        there = [bytes(value) for output in outputs for field, value in _fields(output) if field == _VALUE_NAME]
    except IndexError:
        raise ValueError("the file is no ONNX model") from None
    if len(names) != 1:
        raise ValueError(f"the model has {len(names)} tensors that might be the lengths of phonemes, not one")
    if names[0] == there[-1]:
        return model
    return model + _written(_MODEL_GRAPH, _written(_GRAPH_OUTPUT, _written(_VALUE_NAME, names[0])))


def _outputs_of(node: memoryview, op_type: bytes) -> list[bytes]:
    fields = list(_fields(node))
    is_wanted = any(field == _NODE_OP_TYPE and bytes(value) == op_type for field, value in fields)
    return [bytes(value) for field, value in fields if field == _NODE_OUTPUT] if is_wanted else []


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """The fields of a message that are bytes, with their numbers."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == _VARINT:
            _, at = _varint(message, at)
        elif kind in (_FIXED_64, _FIXED_32):
            at += 8 if kind == _FIXED_64 else 4
        elif kind == _BYTES:
            size, at = _varint(message, at)
            yield key >> 3, message[at : at + size]
            at += size
        else:
            raise IndexError


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _written(field: int, value: bytes) -> bytes:
    return bytes([field << 3 | _BYTES]) + _as_varint(len(value)) + value


def _as_varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])
