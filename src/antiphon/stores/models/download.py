"""One file brought over HTTP, or from this machine, going on where an earlier attempt stopped."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

import aiohttp
from aiohttp import hdrs

from antiphon.errors import UpstreamFailed
from antiphon.stores.models.threads import Tick, in_thread

_CHUNK_BYTES = 1024 * 1024

# A connection that brings this much before it breaks is not a failure in a row with the one before.
_PROGRESS_BYTES = 1024 * 1024
_NUM_FAILURES = 5

_TIMEOUT = aiohttp.ClientTimeout(total=None, connect=20, sock_read=30)
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})

Progress = Callable[[int, int], None]
"""Hears how many bytes are there, and of how many: 0 while nobody knows."""


class _TryAgain(Exception):
    """A fault that may have passed when the file is asked for again."""


@dataclass(frozen=True, slots=True)
class Downloads:
    """Fetches files through one HTTP session; `first_delay_s` is the pause after a first failure, then doubled."""

    http: aiohttp.ClientSession
    first_delay_s: float = 0.5

    async def fetch(self, url: str, target: Path, max_bytes: int, on_progress: Progress) -> None:
        """Bring the file at `url` to `target`, keeping what is there already.

        Raises `UpstreamFailed` where it cannot be had, or is larger than `max_bytes`; what came is kept.
        """
        if urlsplit(url).scheme == "file":
            await copy_local(Path(unquote(urlsplit(url).path)), target, on_progress)
            return
        num_failures = 0
        while True:
            before_bytes = _size_bytes(target)
            try:
                await self._go_on(url, target, max_bytes, on_progress)
            except (aiohttp.ClientError, TimeoutError, _TryAgain) as fault:
                has_moved = _size_bytes(target) - before_bytes >= _PROGRESS_BYTES
                num_failures = 1 if has_moved else num_failures + 1
                if num_failures >= _NUM_FAILURES:
                    raise UpstreamFailed(_sentence(url, str(fault) or type(fault).__name__)) from fault
                await asyncio.sleep(self.first_delay_s * 2 ** (num_failures - 1))
            else:
                return

    async def _go_on(self, url: str, target: Path, max_bytes: int, on_progress: Progress) -> None:
        have_bytes = _size_bytes(target)
        # The bytes that are counted must be the file's own, so nobody may compress them on the way.
        headers = {hdrs.ACCEPT_ENCODING: "identity"}
        if have_bytes:
            headers[hdrs.RANGE] = f"bytes={have_bytes}-"
        async with self.http.get(url, headers=headers, timeout=_TIMEOUT) as response:
            answer = _read_answer(response, have_bytes)
            if answer is _Answer.NOTHING_LEFT:
                on_progress(have_bytes, have_bytes)
                return
            have_bytes = have_bytes if answer is _Answer.THE_REST else 0
            total_bytes = have_bytes + (response.content_length or 0)
            with _open_at(target, have_bytes) as file:
                if answer is _Answer.ANOTHER_PART:
                    raise _TryAgain("the server does not say from where it goes on")
                on_progress(have_bytes, total_bytes)
                async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
                    have_bytes += len(chunk)
                    if max(have_bytes, total_bytes) > max_bytes:
                        raise UpstreamFailed(f"{url} is larger than what is wanted from it.")
                    file.write(chunk)
                    on_progress(have_bytes, total_bytes)


class _Answer(Enum):
    THE_FILE = auto()
    THE_REST = auto()
    NOTHING_LEFT = auto()
    ANOTHER_PART = auto()


def _read_answer(response: aiohttp.ClientResponse, have_bytes: int) -> _Answer:
    """What the response holds, when the file was asked for from `have_bytes` on. Raises where it is no file."""
    content_range = response.headers.get(hdrs.CONTENT_RANGE, "")
    match response.status:
        case HTTPStatus.OK:
            return _Answer.THE_FILE
        case HTTPStatus.PARTIAL_CONTENT:
            goes_on = content_range.startswith(f"bytes {have_bytes}-")
            return _Answer.THE_REST if goes_on else _Answer.ANOTHER_PART
        case HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            is_whole = content_range == f"bytes */{have_bytes}"
            return _Answer.NOTHING_LEFT if is_whole else _Answer.ANOTHER_PART
        case status:
            reason = f"the server answered {status} {response.reason or ''}".rstrip()
            if status in _PASSING:
                raise _TryAgain(reason)
            raise UpstreamFailed(_sentence(str(response.url), reason))


def _open_at(path: Path, kept_bytes: int) -> BinaryIO:
    """Open a file to be gone on with; what is beyond `kept_bytes` goes."""
    file = path.open("ab")
    file.truncate(kept_bytes)
    return file


async def copy_local(source: Path, target: Path, on_progress: Progress) -> None:
    """Copy a file of this machine. Raises `UpstreamFailed` where it cannot be read."""
    await in_thread(lambda tick: _copy(source, target, tick), on_progress)


def _copy(source: Path, target: Path, tick: Tick) -> None:
    try:
        reading = source.open("rb")
    except OSError as fault:
        raise UpstreamFailed(f"{source} cannot be read: {fault.strerror}.") from fault
    with reading, target.open("wb") as writing:
        total_bytes = source.stat().st_size
        while chunk := reading.read(_CHUNK_BYTES):
            writing.write(chunk)
            tick(writing.tell(), total_bytes)


def _size_bytes(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _sentence(url: str, reason: str) -> str:
    return f"{url} could not be fetched: {reason.rstrip('.')}."
