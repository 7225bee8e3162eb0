"""Images by URL and by data URL, from real servers on this machine."""

import asyncio
import socket
import threading
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from tests.unit.stores.images.pictures import picture

from antiphon.errors import InvalidRequest
from antiphon.settings import Settings
from antiphon.stores.images.images import CheckedImages

PNG = picture()
AS_PNG = f"data:image/png;base64,{b64encode(PNG).decode()}"

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site:
    """A web server whose answers the tests set by path; `num_asked` counts all requests."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.num_asked = 0
        application = web.Application()
        application.router.add_get("/{path:.*}", self._answer)
        self.server = TestServer(application)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.num_asked += 1
        return await self.answers[request.path](request)

    def serves(self, path: str, body: bytes, **options: Any) -> str:
        async def answer(_request: web.Request) -> web.Response:
            return web.Response(body=body, **options)

        self.answers[path] = answer
        return self.url(path)

    def redirects(self, path: str, location: str, status: int = 302) -> str:
        return self.serves(path, b"", status=status, headers={"location": location})

    def url(self, path: str) -> str:
        return f"http://{self.authority}{path}"

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self.server.port}"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    await site.server.start_server()
    yield site
    await site.server.close()


@pytest.fixture
async def hidden() -> AsyncIterator[Site]:
    """A server of the inner network: nobody named it."""
    hidden = Site()
    await hidden.server.start_server()
    hidden.serves("/secret.png", PNG)
    yield hidden
    await hidden.server.close()


@pytest.fixture
async def images(site: Site) -> AsyncIterator[CheckedImages]:
    images = CheckedImages(Settings(max_image_bytes=2048, image_timeout_s=0.5, image_private_hosts=(site.authority,)))
    yield images
    images.close()


async def refusal(images: CheckedImages, url: str) -> tuple[str | None, str]:
    with pytest.raises(InvalidRequest) as caught:
        await images.data_url(url)
    return caught.value.code, caught.value.message


async def test_an_image_becomes_a_data_url(site: Site, images: CheckedImages):
    """Its media type is that of its bytes, whatever the server said."""
    assert await images.data_url(site.serves("/a.jpg", PNG, content_type="image/jpeg")) == AS_PNG


async def test_a_redirection_is_followed(site: Site, images: CheckedImages):
    """Relative ones too, three times."""
    site.serves("/a.png", PNG)
    site.redirects("/3", "/a.png")
    site.redirects("/2", "3", 307)
    site.redirects("/1", site.url("/2"), 301)
    assert await images.data_url(site.url("/1")) == AS_PNG
    site.redirects("/0", "/1")
    code, message = await refusal(images, site.url("/0"))
    assert (code, "redirects too often" in message) == ("invalid_image_url", True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "127.1", "0x7f000001"])
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_an_inner_address_is_never_connected_to(hidden: Site, images: CheckedImages, scheme: str, host: str):
    """However it is written, and not by https either."""
    code, _ = await refusal(images, f"{scheme}://{host}:{hidden.server.port}/secret.png")
    assert code == "invalid_image_url"
    assert hidden.num_asked == 0


async def test_a_redirection_to_an_inner_address_is_never_followed(site: Site, hidden: Site, images: CheckedImages):
    """Each hop is checked like the first."""
    for number, target in enumerate((hidden.url("/secret.png"), f"https://{hidden.authority}/secret.png")):
        code, _ = await refusal(images, site.redirects(f"/{number}", target))
        assert code == "invalid_image_url"
    assert hidden.num_asked == 0


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.215.14", "127.0.0.1"], ["::1"], ["169.254.169.254"]])
async def test_a_name_that_leads_inside_is_refused(
    hidden: Site, images: CheckedImages, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
):
    """One inner address among its addresses is enough, and it is asked for once, so that it cannot change."""
    asked = list[str]()

    def resolve(host: str, port: int, **_options: object) -> list[Any]:
        asked.append(host)
        families = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(families[":" in a], socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    code, message = await refusal(images, f"https://rebound.example:{hidden.server.port}/secret.png")
    assert (code, "not public" in message) == ("invalid_image_url", True)
    assert asked == ["rebound.example"]
    assert hidden.num_asked == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a.png",
        "ftp://example.com/a.png",
        "file:///etc/passwd",
        "https://",
        "https://user:password@example.com/a.png",
        "a.png",
        "",
        "https://[::1",
        "https://exa mple.com/",
        "https://example.com:99999/",
        "gopher://127.0.0.1:6379/_",
    ],
)
async def test_other_urls_are_refused_unasked(images: CheckedImages, url: str):
    """Plain http, other schemes, passwords, and what is no URL."""
    code, _ = await refusal(images, url)
    assert code == "invalid_image_url"


async def test_a_failure_of_the_site_is_told(site: Site, images: CheckedImages):
    """Its status, or that it cannot be reached."""
    code, message = await refusal(images, site.serves("/a.png", b"", status=404))
    assert (code, "status 404" in message) == ("invalid_image_url", True)
    address = site.url("/a.png")
    await site.server.close()
    code, message = await refusal(images, address)
    assert (code, "cannot be reached" in message) == ("invalid_image_url", True)


async def test_an_image_is_no_larger_than_allowed(site: Site, images: CheckedImages):
    """Whether its size is announced or not."""

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(1000):
            await response.write(b"x" * 1024)
        return response

    site.answers["/endless"] = endless
    assert (await refusal(images, site.serves("/large.png", b"x" * 2049)))[0] == "image_too_large"
    assert (await refusal(images, site.url("/endless")))[0] == "image_too_large"


async def test_a_compressed_answer_is_not_unpacked(site: Site, images: CheckedImages):
    """A few bytes could become gigabytes."""
    url = site.serves("/a.png", b"\x1f\x8b" + b"\0" * 20, headers={"content-encoding": "gzip"})
    assert (await refusal(images, url))[0] == "invalid_image"


async def test_a_slow_site_is_not_waited_for(site: Site, images: CheckedImages):
    """Neither for its first byte nor for its last."""

    async def silent(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    site.answers["/silent"] = silent
    code, message = await refusal(images, site.url("/silent"))
    assert (code, "longer than 0.5 seconds" in message) == ("invalid_image_url", True)


async def test_what_is_no_image_is_refused(site: Site, images: CheckedImages):
    """Whatever its server calls it."""
    assert (await refusal(images, site.serves("/a.png", b"<html>", content_type="image/png")))[0] == "invalid_image"


@pytest.mark.parametrize(
    "url",
    [AS_PNG, AS_PNG.replace("image/png", "image/jpeg"), AS_PNG.replace("data:", "DATA:"), AS_PNG.rstrip("=")],
)
async def test_a_data_url_is_checked_likewise(images: CheckedImages, url: str):
    """And comes back with the type of its bytes."""
    assert await images.data_url(url) == AS_PNG


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("data:image/png;base64,!!!!", "invalid_image_url"),
        ("data:image/png;base64,AAAAA", "invalid_image_url"),
        ("data:image/png;base64,ü", "invalid_image_url"),
        ("data:image/png,abc", "invalid_image_url"),
        ("data:image/png;base64", "invalid_image_url"),
        ("data:text/plain;base64,aGVsbG8=", "invalid_image_url"),
        ("data:image/png;base64,aGVsbG8=", "invalid_image"),
        ("data:image/png;base64,", "invalid_image"),
        ("data:image/png;base64," + "A" * 4000, "image_too_large"),
    ],
)
async def test_a_wrong_data_url_is_refused(images: CheckedImages, url: str, code: str):
    """With the code for what is wrong with it."""
    assert (await refusal(images, url))[0] == code


async def test_a_name_server_that_does_not_answer_holds_up_nobody_else(monkeypatch: pytest.MonkeyPatch):
    """Neither while the download is waited for, nor after it was given up: others have the loop's threads."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    is_asked, may_answer = threading.Event(), threading.Event()

    def silent(*_args: object, **_options: object) -> list[object]:
        is_asked.set()
        may_answer.wait(20)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    images = CheckedImages(Settings(image_timeout_s=0.2, image_private_hosts=("inner.example",)))
    try:
        async with asyncio.timeout(10):
            for url in ("https://slow.example/a.png", "http://inner.example/a.png"):
                with pytest.raises(InvalidRequest, match="it took longer"):
                    await images.data_url(url)
            assert is_asked.is_set()
            assert await asyncio.to_thread(lambda: "done") == "done"
    finally:
        may_answer.set()
        images.close()
