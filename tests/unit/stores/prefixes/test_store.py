"""The folder in an event loop: told speeds, and calls that leave nothing when they are cancelled."""

import asyncio
import threading
from pathlib import Path

import pytest
from tests.fixtures.prefixes import SECRET, entry_of, header_of

from antiphon.stores.prefixes import payload
from antiphon.stores.prefixes.room import Room
from antiphon.stores.prefixes.store import Pace, PrefixFolder


async def test_what_was_put_is_found_and_taken_out_and_removed(tmp_path: Path):
    """And both speeds are known then."""
    (tmp_path / "raw").write_bytes(bytes(3_000_000))
    folder = PrefixFolder(tmp_path / "prefixes", SECRET, Room(10**9, 0), lambda: 1500.0)
    assert await folder.scan() == []
    assert await folder.put(tmp_path / "raw", header_of()) == folder.file_bytes(header_of(), 3_000_000)
    await folder.amend("prefix_1", 1700.0, is_pinned=False)
    assert await folder.take_out(entry_of(), tmp_path / "out") == 3_000_000
    assert [one.header.expires_at for one in await folder.scan()] == [1700.0]
    assert folder.put_bytes_per_s
    assert folder.take_out_bytes_per_s
    await folder.remove("prefix_1")
    assert folder.num_bytes == 0
    await folder.close()


async def test_a_cancelled_put_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Cancelled within the first chunk, it is over when the cancellation goes on."""
    (tmp_path / "raw").write_bytes(bytes(3_000_000))
    reached, go_on = threading.Event(), threading.Event()

    def slow_place(index: int, payload_bytes: int) -> bytes:
        reached.set()
        go_on.wait()
        return b""

    monkeypatch.setattr(payload, "chunk_bound", slow_place)
    folder = PrefixFolder(tmp_path / "prefixes", SECRET, Room(10**9, 0), lambda: 1500.0)
    await folder.scan()
    putting = asyncio.create_task(folder.put(tmp_path / "raw", header_of()))
    await asyncio.to_thread(reached.wait)
    putting.cancel()
    asyncio.get_running_loop().call_soon(go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await putting
    await folder.close()
    assert list((tmp_path / "prefixes").iterdir()) == []


def test_a_pace_follows_the_latest_work_and_large_work_most():
    """Bytes and seconds are averaged apart."""
    pace = Pace()
    assert pace.bytes_per_s is None
    pace.note(1000, 1.0)
    assert pace.bytes_per_s == pytest.approx(1000)
    for _ in range(50):
        pace.note(10_000, 1.0)
    assert pace.bytes_per_s == pytest.approx(10_000, rel=0.01)
