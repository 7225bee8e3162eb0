"""Weights written again in another quantisation, on files of a few kilobytes."""

from pathlib import Path

import numpy as np
import pytest
from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter, LlamaFileType, dequantize, quantize

from antiphon.errors import InvalidRequest
from antiphon.stores.requantise import requantise

Q4_0, Q8_0, Q5_0 = GGMLQuantizationType.Q4_0, GGMLQuantizationType.Q8_0, GGMLQuantizationType.Q5_0
F32 = GGMLQuantizationType.F32
# More rows than are turned into floats at a time.
NUM_TOKENS = 1500


def write_model(path: Path, *, has_output: bool = False) -> dict[str, np.ndarray]:
    """Write a file of a few tensors in Q5_0; return the values that it holds."""
    random = np.random.default_rng(1)
    values = {
        "token_embd.weight": random.standard_normal((NUM_TOKENS, 64), dtype=np.float32),
        "blk.0.attn_q.weight": random.standard_normal((64, 64), dtype=np.float32),
        "blk.0.odd.weight": random.standard_normal((8, 20), dtype=np.float32),
        "blk.0.attn_norm.weight": random.standard_normal(64, dtype=np.float32),
    }
    if has_output:
        values["output.weight"] = random.standard_normal((NUM_TOKENS, 64), dtype=np.float32)
    writer = GGUFWriter(path, arch="llama")
    writer.add_file_type(LlamaFileType.MOSTLY_Q5_0)
    writer.add_chat_template("{{ messages }}")
    writer.add_token_list(["<|im_start|>", "a", "é"])
    writer.add_token_types([3, 1, 1])
    writer.add_bos_token_id(0)
    for name, array in values.items():
        is_matrix = array.ndim == 2 and array.shape[1] % 32 == 0
        stored = quantize(array, Q5_0) if is_matrix else array
        writer.add_tensor(name, stored, raw_dtype=Q5_0 if is_matrix else None)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return {tensor.name: dequantize(tensor.data, tensor.tensor_type) for tensor in GGUFReader(path).tensors}


def types_of(path: Path) -> dict[str, GGMLQuantizationType]:
    """The type of each tensor in a file."""
    return {tensor.name: tensor.tensor_type for tensor in GGUFReader(path).tensors}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Where the model is."""
    return tmp_path / "source.gguf"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where it goes."""
    return tmp_path / "target.gguf"


def ignore(done_bytes: int, total_bytes: int) -> None:
    """Nobody asks how far it is."""


def test_matrices_change_and_vectors_do_not(source: Path, target: Path):
    write_model(source)
    requantise(source, target, "Q4_0", ignore)
    assert types_of(target) == {
        "token_embd.weight": Q4_0,
        "blk.0.attn_q.weight": Q4_0,
        "blk.0.odd.weight": F32,
        "blk.0.attn_norm.weight": F32,
    }


def test_the_values_are_those_of_the_source_as_the_type_holds_them(source: Path, target: Path):
    values = write_model(source)
    requantise(source, target, "Q8_0", ignore)
    for tensor in GGUFReader(target).tensors:
        expected = values[tensor.name]
        if tensor.tensor_type is Q8_0:
            expected = dequantize(quantize(expected, Q8_0), Q8_0)
        np.testing.assert_array_equal(dequantize(tensor.data, tensor.tensor_type), expected)


def test_the_output_layer_may_be_finer_than_the_rest(source: Path, target: Path):
    write_model(source, has_output=True)
    requantise(source, target, "Q4_0+Q8_0", ignore)
    types = types_of(target)
    assert (types["output.weight"], types["blk.0.attn_q.weight"]) == (Q8_0, Q4_0)


def test_embeddings_that_are_the_output_layer_count_as_it(source: Path, target: Path):
    write_model(source)
    requantise(source, target, "Q4_0+Q8_0", ignore)
    assert types_of(target)["token_embd.weight"] is Q8_0


def test_embeddings_that_are_only_looked_up_stay_as_they_are(source: Path, target: Path):
    write_model(source, has_output=True)
    requantise(source, target, "Q4_0", ignore)
    assert types_of(target)["token_embd.weight"] is Q5_0


def test_metadata_stays_but_for_the_file_type(source: Path, target: Path):
    write_model(source)
    requantise(source, target, "Q4_0", ignore)
    before, after = (
        {field.name: field.contents() for field in GGUFReader(path).fields.values()} for path in (source, target)
    )
    assert after.pop("general.file_type") == LlamaFileType.MOSTLY_Q4_0
    assert before.pop("general.file_type") == LlamaFileType.MOSTLY_Q5_0
    assert after == before


def test_the_same_source_gives_the_same_bytes(source: Path, target: Path, tmp_path: Path):
    write_model(source)
    requantise(source, target, "Q4_0", ignore)
    requantise(source, tmp_path / "again.gguf", "Q4_0", ignore)
    assert target.read_bytes() == (tmp_path / "again.gguf").read_bytes()


def test_progress_ends_at_the_whole(source: Path, target: Path):
    write_model(source)
    told: list[tuple[int, int]] = []
    requantise(source, target, "Q4_0", lambda done, total: told.append((done, total)))
    assert len(told) == len(types_of(source))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]


def test_work_that_fails_leaves_nothing_behind(source: Path, target: Path):
    write_model(source)

    def fail(done_bytes: int, total_bytes: int) -> None:
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="full"):
        requantise(source, target, "Q4_0", fail)
    assert not target.exists()


def test_an_unknown_kind_is_refused_with_those_that_are_known(source: Path, target: Path):
    with pytest.raises(InvalidRequest, match=r"Q3_X.*Q4_0"):
        requantise(source, target, "Q3_X", ignore)
