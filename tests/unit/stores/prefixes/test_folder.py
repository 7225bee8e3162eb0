"""A sealed prefix comes out as it went in, or it is a miss and gone."""

import os
import stat
from pathlib import Path

import pytest
from tests.fixtures.prefixes import KEY, SECRET, entry_of, header_of

from antiphon.prefix.entry import Entry
from antiphon.prefix.misses import Fault, PrefixMiss, PrefixNotKept
from antiphon.prefix.sequence import TokenSequence
from antiphon.stores.prefixes import sealing
from antiphon.stores.prefixes.folder import SealedFolder
from antiphon.stores.prefixes.room import Room
from antiphon.stores.prefixes.sealing import CHUNK_BYTES, MAGIC, Seal

PAYLOAD = os.urandom(CHUNK_BYTES + 1000)


def tick() -> None:
    """Let the work go on."""


def folder_of(path: Path, secret: str | None = None, room: Room | None = None, now: float = 1500.0) -> SealedFolder:
    """A folder at 1500 seconds that was scanned."""
    folder = SealedFolder(
        path / "prefixes", Seal(secret.encode() if secret else None), room or Room(10**9, 0), lambda: now
    )
    folder.scan()
    return folder


def raw_of(path: Path, payload: bytes = PAYLOAD) -> Path:
    """A state as an engine writes it."""
    raw = path / "raw"
    raw.write_bytes(payload)
    return raw


def fault_of(folder: SealedFolder, path: Path, entry: Entry | None = None) -> Fault:
    """Why an entry could not be taken out, with proof that nothing was written."""
    with pytest.raises(PrefixMiss) as miss:
        folder.take_out(entry or entry_of(), path / "out", tick)
    assert [one.name for one in path.iterdir() if one.name.startswith("out")] == []
    return miss.value.fault


@pytest.mark.parametrize("secret", [None, SECRET])
@pytest.mark.parametrize("num_bytes", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1000])
def test_a_state_comes_out_as_it_went_in(tmp_path: Path, secret: str | None, num_bytes: int):
    """Of any length, in clear and encrypted, by another process too."""
    file_bytes = folder_of(tmp_path, secret).put(raw_of(tmp_path, PAYLOAD[:num_bytes]), header_of(), tick)
    folder = folder_of(tmp_path, secret)
    assert folder.num_bytes == file_bytes == (tmp_path / "prefixes" / "prefix_1.prefix").stat().st_size
    assert folder.take_out(entry_of(), tmp_path / "out", tick) == num_bytes
    assert (tmp_path / "out").read_bytes() == PAYLOAD[:num_bytes]


@pytest.mark.parametrize("secret", [None, SECRET])
def test_any_altered_byte_is_a_miss_and_the_file_is_removed(tmp_path: Path, secret: str | None):
    """In the header, the first chunk, the last chunk and the tags."""
    raw, path = raw_of(tmp_path), tmp_path / "prefixes" / "prefix_1.prefix"
    folder = folder_of(tmp_path, secret)
    length = folder.put(raw, header_of(), tick)
    for place in (0, 9, 13, 30, 200, 3000, 7000, 9000, CHUNK_BYTES, length - 40, length - 1):
        folder.put(raw, header_of(), tick)
        data = bytearray(path.read_bytes())
        data[place] ^= 1
        path.write_bytes(data)
        assert fault_of(folder, tmp_path) in {Fault.ALTERED, Fault.FOREIGN, Fault.OTHER_VERSION, Fault.TRUNCATED}
        assert not path.exists()
        assert folder.num_bytes == 0


@pytest.mark.parametrize("kept_bytes", [0, 5, 19, 100, 3000, 500_000, -1])
def test_a_truncated_file_is_a_miss(tmp_path: Path, kept_bytes: int):
    """Wherever it was cut."""
    folder, path = folder_of(tmp_path), tmp_path / "prefixes" / "prefix_1.prefix"
    folder.put(raw_of(tmp_path), header_of(), tick)
    path.write_bytes(path.read_bytes()[:kept_bytes])
    assert fault_of(folder, tmp_path) is Fault.TRUNCATED


def test_chunks_of_another_file_are_a_miss(tmp_path: Path):
    """Encrypted chunks hold in the file that they were sealed in, though secret, place and length are the same."""
    folder = folder_of(tmp_path, SECRET)
    folder.put(raw_of(tmp_path), header_of(), tick)
    folder.put(raw_of(tmp_path, bytes(len(PAYLOAD))), header_of("prefix_2"), tick)
    one, two = (tmp_path / "prefixes" / f"prefix_{number}.prefix" for number in (1, 2))
    payload = len(PAYLOAD) + 32
    one.write_bytes(one.read_bytes()[:-payload] + two.read_bytes()[-payload:])
    assert fault_of(folder, tmp_path) is Fault.ALTERED


def test_files_of_others_are_a_miss(tmp_path: Path):
    """Under another secret or none, under another name, for another prompt."""
    folder, path = folder_of(tmp_path, SECRET), tmp_path / "prefixes" / "prefix_1.prefix"
    folder.put(raw_of(tmp_path), header_of(), tick)
    sealed = path.read_bytes()
    other_prompt = Entry("prefix_1", KEY, TokenSequence([1, 2]))
    assert fault_of(folder, tmp_path, other_prompt) is Fault.FOREIGN
    for secret in (None, SECRET + "!"):
        path.write_bytes(sealed)
        assert (
            fault_of(SealedFolder(path.parent, Seal(secret and secret.encode()), Room(9**9, 0), lambda: 0), tmp_path)
            is Fault.FOREIGN
        )
    path.with_name("prefix_2.prefix").write_bytes(sealed)
    assert fault_of(folder, tmp_path, entry_of("prefix_2")) is Fault.FOREIGN
    assert fault_of(folder, tmp_path) is Fault.GONE


def test_another_version_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What a later release wrote is not read."""
    folder = folder_of(tmp_path)
    monkeypatch.setattr(sealing, "VERSION", 2)
    folder.put(raw_of(tmp_path), header_of(), tick)
    monkeypatch.setattr(sealing, "VERSION", 1)
    assert fault_of(folder, tmp_path) is Fault.OTHER_VERSION


def test_an_encrypted_file_says_nothing_of_the_prompt(tmp_path: Path):
    """Neither tokens, nor whose they are, nor the state."""
    folder_of(tmp_path, SECRET).put(raw_of(tmp_path), header_of(), tick)
    data = (tmp_path / "prefixes" / "prefix_1.prefix").read_bytes()
    assert data.startswith(MAGIC)
    for words in (b"org_a", KEY.digest().encode(), TokenSequence(range(9, 12)).to_bytes(), PAYLOAD[:16]):
        assert words not in data


def test_a_scan_keeps_what_is_fit_and_removes_the_rest(tmp_path: Path):
    """Parts, expired and bad files go; pinned ones stay past their time; the last used comes first."""
    folder, raw = folder_of(tmp_path), raw_of(tmp_path)
    folder.put(raw, header_of("old", 1400.0, is_pinned=True), tick)
    folder.put(raw, header_of("good"), tick)
    folder.put(raw, header_of("late", 1499.0), tick)
    files = tmp_path / "prefixes"
    os.utime(files / "old.prefix", (10, 10))
    os.utime(files / "good.prefix", (20, 20))
    (files / "x.1234.part").write_bytes(b"half")
    (files / "bad.prefix").write_bytes(bytes(5000))
    assert [one.header.id for one in folder.scan()] == ["good", "old"]
    assert {one.name for one in files.iterdir()} == {"good.prefix", "old.prefix"}


def test_a_scan_keeps_to_a_budget_that_became_smaller(tmp_path: Path):
    """The least recently used goes, a pinned one last."""
    folder, raw = folder_of(tmp_path), raw_of(tmp_path)
    for used_at, name in enumerate(("pinned", "older", "newer")):
        size = folder.put(raw, header_of(name, is_pinned=name == "pinned"), tick)
        os.utime(tmp_path / "prefixes" / f"{name}.prefix", (used_at, used_at))
    smaller = folder_of(tmp_path, room=Room(2 * size + 10, 0))
    assert [one.header.id for one in smaller.scan()] == ["newer", "pinned"]


@pytest.mark.parametrize("room", [Room(1000, 0), Room(10**9, 2**62)])
def test_without_room_nothing_is_kept(tmp_path: Path, room: Room):
    """Neither over the budget nor into the last of the disk."""
    folder = folder_of(tmp_path, room=room)
    with pytest.raises(PrefixNotKept):
        folder.put(raw_of(tmp_path), header_of(), tick)
    assert list((tmp_path / "prefixes").iterdir()) == []


def test_a_full_disk_is_no_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What the disk says becomes `PrefixNotKept`, and no part stays."""

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    folder = folder_of(tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PrefixNotKept, match="No space left"):
        folder.put(raw_of(tmp_path), header_of(), tick)
    assert list((tmp_path / "prefixes").iterdir()) == []


def test_a_target_that_fails_does_not_cost_the_file(tmp_path: Path):
    """It is a miss now and may be a hit later."""
    folder = folder_of(tmp_path)
    folder.put(raw_of(tmp_path), header_of(), tick)
    with pytest.raises(PrefixMiss) as miss:
        folder.take_out(entry_of(), tmp_path / "nowhere" / "out", tick)
    assert miss.value.fault is Fault.NO_TARGET
    assert folder.take_out(entry_of(), tmp_path / "out", tick) == len(PAYLOAD)


@pytest.mark.parametrize("secret", [None, SECRET])
def test_an_amended_file_holds_the_same_state_for_longer(tmp_path: Path, secret: str | None):
    """Pinned it outlives its time, after a restart too."""
    folder_of(tmp_path, secret).put(raw_of(tmp_path), header_of(), tick)
    folder_of(tmp_path, secret).amend("prefix_1", 1600.0, True, tick)
    later = folder_of(tmp_path, secret, now=5000.0)
    (found,) = later.scan()
    assert (found.header.expires_at, found.header.is_pinned) == (1600.0, True)
    later.take_out(entry_of(), tmp_path / "out", tick)
    assert (tmp_path / "out").read_bytes() == PAYLOAD


def test_everything_is_the_owners_alone(tmp_path: Path):
    """0700 for the folder, 0600 for what is in it and for what is taken out."""
    folder = folder_of(tmp_path)
    folder.put(raw_of(tmp_path), header_of(), tick)
    folder.take_out(entry_of(), tmp_path / "out", tick)
    modes = [
        stat.S_IMODE(path.stat().st_mode)
        for path in (tmp_path / "prefixes", tmp_path / "prefixes" / "prefix_1.prefix", tmp_path / "out")
    ]
    assert modes == [0o700, 0o600, 0o600]


def test_an_id_cannot_lead_out_of_the_folder(tmp_path: Path):
    """It is refused as a name."""
    with pytest.raises(ValueError, match="No file can be named"):
        folder_of(tmp_path).put(raw_of(tmp_path), header_of("../x"), tick)
