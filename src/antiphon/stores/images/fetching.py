"""Downloads of images, guarded against being led to where only this server can reach.

A name is resolved once, its addresses are checked, and the connection goes to the addresses that were checked. Each
redirection is a new URL and is checked as one. Hosts that the operator named are exempt: `image_private_hosts`.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from antiphon.errors import InvalidRequest
from antiphon.stores.images.addresses import is_address, is_public

_MAX_REDIRECTIONS = 3
_MAX_LOOKUPS = 16  # at one time
_REDIRECTIONS = frozenset({301, 302, 303, 307, 308})
_CHUNK_BYTES = 64 * 1024
_HEADERS = {"accept": "image/png, image/jpeg, image/webp, image/gif", "accept-encoding": "identity"}


class NotPublicError(OSError):
    """A host of the internal network, or one that leads there."""


class _Resolver(AbstractResolver):
    """Resolves names, in `threads`; unless it `is_exempt`, one private address among a name's and it is refused."""

    def __init__(self, threads: ThreadPoolExecutor, *, is_exempt: bool) -> None:
        self._threads = threads
        self._is_exempt = is_exempt

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await asyncio.get_running_loop().run_in_executor(self._threads, _looked_up, host, port, family)
        if not self._is_exempt and not all(is_public(str(address[0])) for *_, address in found):
            raise NotPublicError
        return [_resolved(host, *entry) for entry in found]

    async def close(self) -> None:
        """Nothing is open."""


def _looked_up(host: str, port: int, family: int) -> list[Any]:
    return list(socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG))


def _resolved(host: str, family: int, _kind: int, protocol: int, _name: str, address: tuple[Any, ...]) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=str(address[0]),
        port=int(address[1]),
        family=family,
        proto=protocol,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )


class ImageDownloads:
    """Downloads of at most `max_bytes` within `timeout_s`, redirections included.

    Names are looked up in threads of its own: a name server that does not answer holds them long after the download
    was given up, and would keep the loop's from those whom somebody waits for.
    """

    def __init__(self, max_bytes: int, timeout_s: float, private_hosts: tuple[str, ...]) -> None:
        self._max_bytes = max_bytes
        self._timeout_s = timeout_s
        self._private_hosts = frozenset(host.lower() for host in private_hosts)
        self._threads = ThreadPoolExecutor(_MAX_LOOKUPS, thread_name_prefix="image-names")

    async def fetch(self, text: str) -> bytes:
        """Return what lies at a URL.

        Raises `InvalidRequest` (codes `invalid_image_url`, `image_too_large`).
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._follow(_parsed(text), text)
        except TimeoutError:
            raise _refusal(text, f"it took longer than {self._timeout_s:g} seconds") from None
        except (NotPublicError, aiohttp.ClientConnectorError) as failure:
            if isinstance(failure, NotPublicError) or isinstance(failure.os_error, NotPublicError):
                raise _refusal(text, "it leads to an address that is not public") from None
            raise _refusal(text, "its host cannot be reached") from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise _refusal(text, "its host did not answer properly") from None

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _follow(self, url: URL, text: str) -> bytes:
        for _ in range(_MAX_REDIRECTIONS + 1):
            is_exempt = self._is_exempt(url)
            self._check(url, text, is_exempt=is_exempt)
            session = self._session(is_exempt=is_exempt)
            async with session, session.get(url, allow_redirects=False) as answer:
                if answer.status not in _REDIRECTIONS:
                    return await self._read(answer, text)
                url = url.join(_parsed(answer.headers.get("location", "")))
        raise _refusal(text, "it redirects too often")

    def _session(self, *, is_exempt: bool) -> aiohttp.ClientSession:
        """A session for one connection: nothing is kept, decoded or sent besides the request."""
        resolver = _Resolver(self._threads, is_exempt=is_exempt)
        connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True)
        return aiohttp.ClientSession(
            connector=connector, headers=_HEADERS, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
        )

    def _is_exempt(self, url: URL) -> bool:
        host = (url.host or "").lower()
        shown = f"[{host}]" if ":" in host else host
        return shown in self._private_hosts or f"{shown}:{url.port}" in self._private_hosts

    def _check(self, url: URL, text: str, *, is_exempt: bool) -> None:
        """Refuse by its looks a URL that must not be connected to; addresses never pass through the resolver."""
        if url.scheme not in ({"https", "http"} if is_exempt else {"https"}) or not url.host:
            raise _refusal(text, "only https URLs and base64 data URLs are fetched")
        if url.user is not None or url.password is not None:
            raise _refusal(text, "URLs with a user name or a password are not fetched")
        if not is_exempt and is_address(url.host) and not is_public(url.host):
            raise NotPublicError

    async def _read(self, answer: aiohttp.ClientResponse, text: str) -> bytes:
        if answer.status != 200:
            raise _refusal(text, f"its host answered with status {answer.status}")
        if (answer.content_length or 0) > self._max_bytes:
            raise self._too_large(text)
        data = bytearray()
        async for chunk in answer.content.iter_chunked(_CHUNK_BYTES):
            data += chunk
            if len(data) > self._max_bytes:
                raise self._too_large(text)
        return bytes(data)

    def _too_large(self, text: str) -> InvalidRequest:
        return InvalidRequest(
            f"The image at {_shown(text)} is larger than {self._max_bytes} bytes.", code="image_too_large"
        )


def _parsed(text: str) -> URL:
    try:
        return URL(text)
    except ValueError:
        raise _refusal(text, "it is not a URL") from None


def _refusal(text: str, reason: str) -> InvalidRequest:
    return InvalidRequest(f"Failed to download image from {_shown(text)}: {reason}.", code="invalid_image_url")


def _shown(text: str) -> str:
    return text if len(text) <= 200 else text[:200] + "..."
