"""Killed at any moment while it saves, a process leaves whole files or none."""

import random
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from tests.fixtures.prefixes import KEY, SECRET, SEQUENCE

from antiphon.prefix.entry import Entry
from antiphon.stores.prefixes.folder import SealedFolder
from antiphon.stores.prefixes.room import Room
from antiphon.stores.prefixes.sealing import Seal

# Each payload begins with its own SHA-256. A name is printed once its file is said to be on the disk.
SAVE = """
import itertools, os, sys
from hashlib import sha256
from pathlib import Path
from antiphon.stores.prefixes.folder import SealedFolder
from antiphon.stores.prefixes.room import Room
from antiphon.stores.prefixes.sealing import Seal
from tests.fixtures.prefixes import SECRET, header_of
path, run = Path(sys.argv[1]), sys.argv[2]
folder = SealedFolder(path, Seal(SECRET.encode() if int(run) % 2 else None), Room(10**9, 0), lambda: 1500.0)
folder.scan()
for number in itertools.count():
    body = os.urandom(2_500_000)
    raw = path.parent / "raw"
    raw.write_bytes(sha256(body).digest() + body)
    name = f"run{run}-{number % 3}"
    folder.put(raw, header_of(name), lambda: None)
    print(name, flush=True)
"""
NUM_KILLS = 50


@pytest.mark.parametrize("secret", [None, SECRET])
def test_fifty_kills_leave_whole_files_or_none(tmp_path: Path, secret: str | None):
    """25 kills in clear and 25 encrypted: a scan never fails, what was said to be saved is there, and is right."""
    path, moments = tmp_path / "prefixes", random.Random(7)
    for run in range(NUM_KILLS // 2):
        said = _killed_after(path, 2 * run + (secret is not None), moments.uniform(0.0, 0.05))
        folder = SealedFolder(path, Seal(secret.encode() if secret else None), Room(10**9, 0), lambda: 1500.0)
        found = {one.header.id for one in folder.scan()}
        assert said <= found
        assert {one.name for one in path.iterdir()} == {f"{name}.prefix" for name in found}
        for name in found:
            folder.take_out(Entry(name, KEY, SEQUENCE), tmp_path / "out", lambda: None)
            payload = (tmp_path / "out").read_bytes()
            assert sha256(payload[32:]).digest() == payload[:32]
            folder.remove(name)


def _killed_after(path: Path, run: int, delay_s: float) -> set[str]:
    """Let a process save until it has saved once and some time more, and return the names that it said."""
    command = [sys.executable, "-c", SAVE, str(path), str(run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        try:
            process.wait(delay_s)
        except subprocess.TimeoutExpired:
            process.kill()
        return {first.strip(), *process.stdout.read().split()}
