"""What the header of a GGUF file says, read from files that the `gguf` package wrote."""

from pathlib import Path

import pytest
from tests.integration.models.test_requantise import write_model

from antiphon.engines.llama.gguf_header import read_vocabulary
from antiphon.errors import InvalidRequest


def test_the_header_tells_the_vocabulary(tmp_path: Path):
    path = tmp_path / "model.gguf"
    write_model(path)
    vocabulary = read_vocabulary(path)
    assert vocabulary.template == "{{ messages }}"
    assert (vocabulary.bos, vocabulary.eos) == ("<|im_start|>", "")
    assert vocabulary.control_tokens == {"<|im_start|>": 0}


def test_what_is_no_gguf_file_is_refused(tmp_path: Path):
    path = tmp_path / "model.gguf"
    path.write_bytes(b"PK\x03\x04 something else")
    with pytest.raises(InvalidRequest, match="no GGUF file"):
        read_vocabulary(path)


def test_a_version_that_nobody_knows_is_refused(tmp_path: Path):
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF" + (99).to_bytes(4, "little") + bytes(16))
    with pytest.raises(InvalidRequest, match="version 99"):
        read_vocabulary(path)


@pytest.mark.parametrize("num_bytes", [0, 3, 6, 30, 200])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, num_bytes: int):
    path = tmp_path / "model.gguf"
    write_model(path)
    path.write_bytes(path.read_bytes()[:num_bytes])
    with pytest.raises(InvalidRequest, match=r"model\.gguf"):
        read_vocabulary(path)
