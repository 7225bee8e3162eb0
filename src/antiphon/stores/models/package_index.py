"""Where the package index keeps a wheel, asked of pip.

pip knows the index that this machine uses, with its mirrors, credentials, proxies and folders of wheels, and tells
in a report what it would install (a documented format); nothing is installed. From 25.3 on it reads only the metadata
of a wheel for that, where the index has them apart; an older pip, or an index that has not, fetches the wheel too.
"""

import asyncio
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from antiphon.errors import UpstreamFailed

_PIP = ("-I", "-m", "pip", "--no-input", "--disable-pip-version-check", "--retries", "1", "--timeout", "15")
_REPORT = ("install", "--dry-run", "--no-deps", "--ignore-installed", "--ignore-requires-python", "--quiet")
# A source distribution would have to be run to be asked: wheels alone.
_WHEELS_ALONE = ("--only-binary", ":all:", "--report", "-")

_NO_NETWORK = re.compile(r"Retrying \(|Max retries exceeded|Failed to establish|Temporary failure in name resolution")


class _Archive(msgspec.Struct):
    hashes: dict[str, str] = {}


class _Download(msgspec.Struct):
    url: str
    archive_info: _Archive | None = None


class _Metadata(msgspec.Struct):
    name: str


class _Installed(msgspec.Struct):
    download_info: _Download
    metadata: _Metadata


class _Report(msgspec.Struct):
    install: list[_Installed]


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """Where a file is: an http, https or file URL, and its SHA-256 where the index tells it."""

    url: str
    sha256: str | None = None


async def locate_wheels(packages: Sequence[tuple[str, str]]) -> list[RemoteFile]:
    """Return where the wheel of each (package, version) is, in the order given.

    Raises `UpstreamFailed` with a sentence where pip is missing, the index is out of reach, or has no such wheel.
    """
    wanted = [f"{package}=={version}" for package, version in packages]
    code, output, complaints = await _run([*_PIP, *_REPORT, *_WHEELS_ALONE, *wanted])
    if code != 0:
        raise UpstreamFailed(_sentence(complaints, wanted))
    found = {
        _canonical(item.metadata.name): item.download_info for item in msgspec.json.decode(output, type=_Report).install
    }
    return [_remote(found[_canonical(package)]) for package, _ in packages]


def _remote(download: _Download) -> RemoteFile:
    archive = download.archive_info
    return RemoteFile(download.url, archive.hashes.get("sha256") if archive else None)


def _canonical(package: str) -> str:
    """The one spelling of a package's name, by the packaging standard (PEP 503)."""
    return re.sub(r"[-_.]+", "-", package).lower()


async def _run(arguments: Sequence[str]) -> tuple[int, bytes, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, complaints = await process.communicate()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    return process.returncode or 0, output, complaints.decode(errors="replace")


def _sentence(complaints: str, wanted: Sequence[str]) -> str:
    if "No module named pip" in complaints:
        return "pip is missing from this Python environment: install it, since it knows where the package index is."
    if _NO_NETWORK.search(complaints):
        return "the package index is out of reach: check the network, or pip's configuration of its index."
    errors = [line.removeprefix("ERROR: ") for line in complaints.splitlines() if line.startswith("ERROR: ")]
    told = errors[-1] if errors else (complaints.strip().splitlines() or ["it did not say why"])[-1]
    return f"pip finds no wheel of {', '.join(wanted)}: {told.rstrip('.')}."
