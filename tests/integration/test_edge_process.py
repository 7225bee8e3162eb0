"""The edge in a process of its own: sockets, TLS, signals, and clients that misbehave."""

import asyncio
import json
import shutil
import signal
import socket
import ssl
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from tests.conftest import absent

PROJECT = Path(__file__).parents[2]


class Server:
    """A running process; `address` is where it listens, `log` what it has written so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.address = ""
        self.log: list[dict[str, object]] = []

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    async def read_log(self, event: str) -> dict[str, object]:
        """Read the log up to the next line of that event."""
        assert self.process.stderr is not None
        while line := await self.process.stderr.readline():
            self.log.append(json.loads(line))
            if self.log[-1]["event"] == event:
                return self.log[-1]
        raise AssertionError(f"the server ended without {event}: {self.log}")

    async def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def ended(self) -> int:
        assert self.process.stderr is not None
        async with asyncio.timeout(20):
            await self.process.stderr.read()
            return await self.process.wait()


@asynccontextmanager
async def running(**options: str) -> AsyncIterator[Server]:
    environment = {f"ANTIPHON_{name.upper()}": value for name, value in {"port": "0", **options}.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.edge_program",
        cwd=PROJECT, env={"ANTIPHON_LOG_FORMAT": "json", **environment}, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    server = Server(process)
    try:
        async with asyncio.timeout(30):
            server.address = str((await server.read_log("listening"))["address"])
        yield server
    finally:
        if process.returncode is None:
            process.kill()
        await server.ended()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with running() as server:
        yield server


async def until(condition: Callable[[], Awaitable[bool]], within_s: float = 5) -> None:
    """Ask another process until it says yes; it cannot be waited for."""
    async with asyncio.timeout(within_s):
        while not await condition():  # noqa: ASYNC110 - it lives in another process
            await asyncio.sleep(0.02)


# Stopping


async def test_a_stream_under_way_is_finished_before_the_server_ends():
    """SIGTERM takes no new connections, and what was begun comes to its `[DONE]`."""
    async with running() as server, httpx.AsyncClient(base_url=server.address) as client:
        async with client.stream("POST", "/v1/stream/50/paced", json={}) as answer:
            lines = answer.aiter_lines()
            await anext(lines)
            server.process.send_signal(signal.SIGTERM)
            received = [line async for line in lines if line]
        assert received[-1] == "data: [DONE]"
        assert len(received) == 50
        with pytest.raises(httpx.ConnectError):
            await httpx.AsyncClient(base_url=server.address).get("/health")
        assert await server.ended() == 0


async def test_a_stream_that_takes_too_long_is_cut_in_words():
    """When the grace is over its last event says that the server stops; the process still ends well."""
    async with running(shutdown_grace_s="0.5") as server, httpx.AsyncClient(base_url=server.address) as client:
        async with client.stream("POST", "/v1/stream/1/never", json={}) as answer:
            lines = answer.aiter_lines()
            await anext(lines)
            server.process.send_signal(signal.SIGTERM)
            received = [line async for line in lines if line]
        assert json.loads(received[-1].removeprefix("data: "))["error"]["code"] == "engine_unavailable"
        assert await server.ended() == 0


async def test_an_idle_server_stops_at_once(server: Server):
    """A kept connection does not hold it."""
    async with httpx.AsyncClient(base_url=server.address) as client:
        await client.get("/health")
        started = time.monotonic()
        assert await server.stop() == 0
        assert time.monotonic() - started < 5


# Clients


async def test_a_client_that_hangs_up_ends_its_work_within_a_second(server: Server):
    """Seen from another connection."""
    async with httpx.AsyncClient(base_url=server.address) as client:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"POST /v1/stream/1/never HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()

        async def has_begun() -> bool:
            return (await client.get("/v1/state")).json()[0] == 1

        async def has_ended() -> bool:
            return (await client.get("/v1/state")).json()[1]

        await until(has_begun)
        assert not await has_ended()
        writer.close()
        await until(has_ended, within_s=1)


async def test_a_client_that_does_not_read_holds_its_stream_back(server: Server):
    """The server makes no more than the socket takes, and does not pile the rest up."""
    async with httpx.AsyncClient(base_url=server.address) as client:
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.sendall(b"POST /v1/stream/100000000/well HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}")
        counts = [-1]

        async def stands_still() -> bool:
            counts.append((await client.get("/v1/state")).json()[0])
            return counts[-1] > 0 and counts[-1] == counts[-2]

        await until(stands_still, within_s=20)
        assert counts[-1] < 1_000_000
        connection.close()


async def test_a_body_without_end_is_refused_while_it_comes(server: Server):
    """The answer is there before the client has finished."""
    limit = 64 * 1024 * 1024

    async def without_end() -> AsyncIterator[bytes]:
        for _ in range(limit // 2**20 + 2):
            yield b"x" * 2**20

    async with httpx.AsyncClient(base_url=server.address) as client:
        answer = await client.post("/v1/echo", content=without_end())
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")


@pytest.mark.parametrize(
    "request_",
    [b"hello\r\n\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 100_000, b"\x16\x03\x01\x02\x00"],
)
async def test_what_is_no_http_is_refused_in_the_same_shape(server: Server, request_: bytes):
    """Nonsense, a head without end, TLS on a plain port."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request_)
    async with asyncio.timeout(5):
        answer = await reader.read()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert set(json.loads(body)["error"]) == {"message", "type", "param", "code"}
    writer.close()


async def test_a_request_leaves_one_line_of_json_in_the_log(server: Server):
    """With the id that the caller got."""
    async with httpx.AsyncClient(base_url=server.address) as client:
        answer = await client.get("/v1/who")
    line = await server.read_log("request")
    assert line["request_id"] == answer.headers["x-request-id"]
    assert (line["status"], line["path"], line["level"]) == (200, "/v1/who", "info")


# Starting


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The paths of a certificate for 127.0.0.1, signed by itself, and of its key."""
    program = shutil.which("openssl") or absent("OpenSSL's program")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = str(folder / "cert.pem"), str(folder / "key.pem")

    async def make() -> None:
        process = await asyncio.create_subprocess_exec(
            program, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", key, "-out", cert, "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert await process.wait() == 0

    asyncio.run(make())
    return cert, key


async def test_tls_is_spoken_with_the_operators_certificate(certificate: tuple[str, str]):
    """And the address that is told is https."""
    cert, key = certificate
    async with running(tls_cert=cert, tls_key=key) as server:
        assert server.address.startswith("https://")
        async with httpx.AsyncClient(base_url=server.address, verify=ssl.create_default_context(cafile=cert)) as client:
            assert (await client.get("/v1/who")).json() == ["default", "default", True]


async def refusal(**options: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.edge_program",
        cwd=PROJECT, env={f"ANTIPHON_{name.upper()}": value for name, value in options.items()},
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(30):
        _, told = await process.communicate()
    assert process.returncode == 1
    return told.decode().strip()


async def test_a_server_that_cannot_start_says_why_in_one_sentence(certificate: tuple[str, str], tmp_path: Path):
    """A port that is taken, an address that is not here, a certificate without its key or that is none."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"127.0.0.1:{port} is taken" in await refusal(port=port)
    assert "cannot be bound" in await refusal(port="0", host="192.0.2.1")
    assert "--tls-key" in await refusal(port="0", tls_cert=certificate[0])
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("hello")
    assert "cannot be read" in await refusal(port="0", tls_cert=str(nonsense), tls_key=certificate[1])
