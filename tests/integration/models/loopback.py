"""A package index and a hub on loopback, with the faults of real ones, and wheels made for them."""

import asyncio
import base64
import hashlib
import io
import zipfile
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web


def sha256(content: bytes) -> str:
    """The checksum of some bytes."""
    return hashlib.sha256(content).hexdigest()


class Loopback:
    """Serves `files` by their paths, in ranges too, and the wheels among them as a package index under `/simple/`.

    The next answers for a path are cut off after `cuts[path]` bytes, one each, or are `statuses[path]` in its place.
    An answer waits for `gates[path]` where there is one, after its first byte; `swapped[path]` is sent where it is set.
    `asked` is what was asked for: paths, each with the byte that it was asked from; `was_asked` is set with the first.

    pip has no faults to fear and is not counted: how it learns of a wheel is its own affair.
    """

    def __init__(self) -> None:
        self.url = ""
        self.files: dict[str, bytes] = {}
        self.cuts: dict[str, list[int]] = defaultdict(list)
        self.statuses: dict[str, list[int]] = defaultdict(list)
        self.gates: dict[str, asyncio.Event] = {}
        self.swapped: dict[str, bytes] = {}
        self.knows_ranges = True
        self.was_asked = asyncio.Event()
        self.asked: list[tuple[str, int]] = []

    def add_wheel(self, package: str, members: Mapping[str, bytes], version: str = "1.0") -> str:
        """Put a wheel into the index; return its path."""
        stem = f"{package.replace('-', '_')}-{version}"
        path = f"/files/{stem}-py3-none-any.whl"
        metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n".encode()
        self.files[path] = _archive(stem, metadata, members)
        self.files[f"{path}.metadata"] = metadata
        return path

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        if request.path.startswith("/simple/"):
            return self._page(request.path.split("/")[2])
        content = self.files.get(request.path)
        if content is None:
            raise web.HTTPNotFound
        if request.headers["User-Agent"].startswith("pip/"):
            return web.Response(body=content)
        return await self._send(request, self.swapped.get(request.path, content))

    def _page(self, package: str) -> web.Response:
        stem = f"/files/{package.replace('-', '_')}-"
        links = [
            f'<a href="{path}#sha256={sha256(content)}" data-core-metadata="true" '
            f'data-dist-info-metadata="true">{path.rpartition("/")[2]}</a>'
            for path, content in self.files.items()
            if path.startswith(stem) and path.endswith(".whl")
        ]
        return web.Response(text=f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>", content_type="text/html")

    async def _send(self, request: web.Request, content: bytes) -> web.StreamResponse:
        asked_from = request.http_range.start or 0
        self.asked.append((request.path, asked_from))
        self.was_asked.set()
        if self.statuses[request.path]:
            return web.Response(status=self.statuses[request.path].pop(0))
        begin = asked_from if self.knows_ranges else 0
        if begin >= len(content):
            return web.Response(status=416, headers={"Content-Range": f"bytes */{len(content)}"})
        response = web.StreamResponse(status=206 if begin else 200)
        response.content_length = len(content) - begin
        if begin:
            response.headers["Content-Range"] = f"bytes {begin}-{len(content) - 1}/{len(content)}"
        await response.prepare(request)
        await self._send_body(request, response, content[begin:])
        return response

    async def _send_body(self, request: web.Request, response: web.StreamResponse, body: bytes) -> None:
        await response.write(body[:1])
        if request.path in self.gates:
            await self.gates[request.path].wait()
        if self.cuts[request.path]:
            await response.write(body[1 : self.cuts[request.path].pop(0)])
            assert request.transport is not None
            request.transport.close()
            return
        await response.write(body[1:])
        await response.write_eof()


@asynccontextmanager
async def on_loopback() -> AsyncGenerator[Loopback, None]:
    """A server on a free port of the loopback address."""
    loopback = Loopback()
    application = web.Application()
    application.router.add_get("/{path:.*}", loopback.answer)
    runner = web.AppRunner(application, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        loopback.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield loopback
    finally:
        await runner.cleanup()


def _archive(stem: str, metadata: bytes, members: Mapping[str, bytes]) -> bytes:
    wheel = b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    whole = {**members, f"{stem}.dist-info/METADATA": metadata, f"{stem}.dist-info/WHEEL": wheel}
    record = "".join(f"{name},sha256={_record_hash(content)},{len(content)}\n" for name, content in whole.items())
    whole[f"{stem}.dist-info/RECORD"] = f"{record}{stem}.dist-info/RECORD,,\n".encode()
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in whole.items():
            archive.writestr(name, content)
    return written.getvalue()


def _record_hash(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
