"""Safetensors files, sound and unsound."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.integration.models.bert_reference import write_tensors

from antiphon.errors import InvalidRequest
from antiphon.stores.models.safetensors import read_safetensors


def with_header(path: Path, header: object, data: bytes = b"\0" * 8) -> Path:
    """Write a file of that header."""
    head = json.dumps(header).encode()
    path.write_bytes(len(head).to_bytes(8, "little") + head + data)
    return path


def tensor(shape: list[int], offsets: list[int], dtype: str = "F32") -> dict[str, object]:
    """A tensor's entry in the header."""
    return {"t": {"dtype": dtype, "shape": shape, "data_offsets": offsets}}


def test_tensors_come_back_as_they_were_written(tmp_path: Path):
    """Scalars and empty ones too."""
    written = {
        "matrix": np.arange(6, dtype=np.float32).reshape(2, 3),
        "scalar": np.array(7, np.float32),
        "empty": np.zeros((0, 3), np.float32),
    }
    write_tensors(tmp_path / "model.safetensors", written)
    found = read_safetensors(tmp_path / "model.safetensors")
    assert found.keys() == written.keys()
    assert all(np.array_equal(found[name], written[name]) for name in written)


def test_types_that_numpy_lacks_are_left_out(tmp_path: Path):
    """A bfloat16 tensor is not read as something else."""
    path = with_header(tmp_path / "m", tensor([2], [0, 4], "BF16"))
    assert read_safetensors(path) == {}


@pytest.mark.parametrize(
    "header",
    [
        tensor([2], [0, 4]),
        tensor([3], [0, 12]),
        tensor([2], [8, 16]),
        tensor([-2], [0, -8]),
        tensor([-1, -2], [0, 8]),
        tensor([2], [-8, 0]),
        {"t": {"dtype": "F32"}},
        [1, 2],
    ],
)
def test_a_header_that_does_not_fit_its_file_is_refused(tmp_path: Path, header: object):
    """Whatever it claims, nothing outside of the file's data is read."""
    with pytest.raises(InvalidRequest):
        read_safetensors(with_header(tmp_path / "m", header))


@pytest.mark.parametrize("content", [b"", b"\xff" * 8, b"\xff" * 100, b"\x02\0\0\0\0\0\0\0[}", b"\x00" * 8])
def test_what_is_no_safetensors_file_is_refused(tmp_path: Path, content: bytes):
    """Before anything of the claimed length is read."""
    path = tmp_path / "m"
    path.write_bytes(content)
    with pytest.raises(InvalidRequest):
        read_safetensors(path)
