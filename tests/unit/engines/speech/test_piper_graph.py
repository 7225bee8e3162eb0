"""The lengths of phonemes as an output of a model's graph."""

import pytest

from antiphon.engines.speech.piper_graph import with_lengths


def field(number: int, value: bytes) -> bytes:
    """A field of a protocol buffer, short enough for one byte of length."""
    return bytes([number << 3 | 2, len(value)]) + value


def node(op_type: bytes, output: bytes) -> bytes:
    """A node of a graph, with an attribute that is a number."""
    return field(1, field(2, output) + field(4, op_type) + b"\x28\x96\x01")


def model(*nodes: bytes, outputs: tuple[bytes, ...] = (b"output",)) -> bytes:
    """A model with a version, a graph and a producer."""
    graph = b"".join(nodes) + b"".join(field(12, field(1, name)) for name in outputs)
    return b"\x08\x08" + field(7, graph) + field(2, b"maker")


def test_the_rounded_tensor_becomes_an_output():
    """The file stays as it is; a message after it, which is merged with it, adds the output."""
    plain = model(node(b"Add", b"sum"), node(b"Ceil", b"w_ceil"))
    assert with_lengths(plain) == plain + field(7, field(12, field(1, b"w_ceil")))


def test_what_has_the_output_stays_as_it_is():
    """Twice is once."""
    once = with_lengths(model(node(b"Ceil", b"w_ceil")))
    assert with_lengths(once) == once


@pytest.mark.parametrize("nodes", [(), (node(b"Ceil", b"a"), node(b"Ceil", b"b"))])
def test_a_model_without_the_one_tensor_is_refused(nodes: tuple[bytes, ...]):
    """Nobody guesses which tensor has the lengths."""
    with pytest.raises(ValueError, match="not one"):
        with_lengths(model(*nodes))


@pytest.mark.parametrize("data", [b"\x0f", b"\x3a\xff", b"GGUF0123"])
def test_what_is_no_model_is_refused(data: bytes):
    """A file of another kind, or half a one."""
    with pytest.raises(ValueError, match="no"):
        with_lengths(data)
