"""What an engine writes in clear lies in memory, is its owner's alone, and is gone with its process."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from antiphon.stores.prefixes.memory import MemoryFolder, MemoryPlaces

ABANDON = """
import sys, time
from pathlib import Path
from antiphon.stores.prefixes.memory import MemoryFolder, MemoryPlaces
shared = Path(sys.argv[1])
folder = MemoryFolder.make(MemoryPlaces(shared / "fallback", 1, shared, shared / "mounts"))
(folder.path / "state").write_bytes(b"clear")
print(folder.path, flush=True)
if sys.argv[2] == "stay":
    time.sleep(60)
"""


def places_in(path: Path, wanted_bytes: int = 1, kind: str = "tmpfs") -> MemoryPlaces:
    """A made-up shared memory at `path`."""
    (path / "mounts").write_text(f"what {path} {kind} rw 0 0\n")
    return MemoryPlaces(path / "fallback", wanted_bytes, path, path / "mounts")


def process_in(path: Path, how: str) -> subprocess.Popen[str]:
    """Another process that makes a folder, writes into it, and ends or stays."""
    return subprocess.Popen([sys.executable, "-c", ABANDON, str(path), how], stdout=subprocess.PIPE, text=True)


def test_the_folder_is_private_and_goes_when_it_is_closed(tmp_path: Path):
    """0700 under a parent of 0700, without a warning; closing twice is no error."""
    folder = MemoryFolder.make(places_in(tmp_path))
    assert folder.warning is None
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder.path, folder.path.parent)] == [0o700, 0o700]
    folder.close()
    folder.close()
    assert not folder.path.exists()


@pytest.mark.parametrize(("wanted_bytes", "kind"), [(2**62, "tmpfs"), (1, "ext4")])
def test_without_memory_it_is_on_disk_with_a_warning(tmp_path: Path, wanted_bytes: int, kind: str):
    """Where there is no room in memory, and where it is no memory."""
    folder = MemoryFolder.make(places_in(tmp_path, wanted_bytes, kind))
    assert folder.path.parent == tmp_path / "fallback"
    assert "on disk in clear" in (folder.warning or "")
    folder.close()


def test_a_parent_that_others_may_enter_is_not_used(tmp_path: Path):
    """Somebody might have put it there beforehand."""
    (tmp_path / f"antiphon-{os.getuid()}").mkdir(mode=0o755)
    folder = MemoryFolder.make(places_in(tmp_path))
    assert "belongs to somebody else" in (folder.warning or "")
    folder.close()


def test_a_process_that_ends_takes_its_folder_along(tmp_path: Path):
    """Without closing it."""
    places_in(tmp_path)
    with process_in(tmp_path, "end") as process:
        path = Path(process.communicate()[0].strip())
    assert path.parent.is_dir()
    assert not path.exists()


def test_the_folder_of_a_killed_process_goes_and_that_of_a_living_one_stays(tmp_path: Path):
    """The next process to start removes the first, and nobody the second."""
    places = places_in(tmp_path)
    with process_in(tmp_path, "stay") as living:
        assert living.stdout is not None
        alive = Path(living.stdout.readline().strip())
        with process_in(tmp_path, "stay") as killed:
            assert killed.stdout is not None
            dead = Path(killed.stdout.readline().strip())
            killed.send_signal(signal.SIGKILL)
        assert (dead / "state").exists()
        folder = MemoryFolder.make(places)
        assert not dead.exists()
        assert (alive / "state").exists()
        folder.close()
        living.kill()
