"""The scripted upstream: a server that does nothing but answer, so that it is never what is measured.

`python -m bench.gateway.upstream` binds a free port of loopback, prints it, and serves until it is terminated.
"""

import asyncio
from time import perf_counter
from typing import cast

import httptools
import uvloop
from bench.gateway.script import PACE_S, PACED_MODEL, Question, events, read_question, whole_answer

_STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_LAST_CHUNK = b"0\r\n\r\n"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _whole_response() -> bytes:
    body = whole_answer()
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    return head + body


_WHOLE = _whole_response()
_CHUNKS = {with_usage: [_chunk(event) for event in events(with_usage=with_usage)] for with_usage in (False, True)}
_AT_ONCE = {with_usage: _STREAM_HEAD + b"".join(chunks) + _LAST_CHUNK for with_usage, chunks in _CHUNKS.items()}


class ScriptedConnection(asyncio.Protocol):
    """One connection, kept alive; requests come one after the other."""

    def __init__(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._body = b""
        self._pacing: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to write."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio passes it
        """Stop telling a stream that nobody reads."""
        if self._pacing is not None:
            self._pacing.cancel()

    def data_received(self, data: bytes) -> None:
        """Parse what came; the parser calls the methods below."""
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        """Gather the body."""
        self._body += body

    def on_message_complete(self) -> None:
        """Answer."""
        asked, self._body = read_question(self._body), b""
        if not asked.stream:
            self._transport.write(_WHOLE)
        elif asked.model == PACED_MODEL:
            self._pacing = asyncio.get_running_loop().create_task(self._pace(asked))
        else:
            self._transport.write(_AT_ONCE[asked.asks_for_usage])

    async def _pace(self, asked: Question) -> None:
        self._transport.write(_STREAM_HEAD)
        began_at = perf_counter()
        for number, chunk in enumerate(_CHUNKS[asked.asks_for_usage], 1):
            await asyncio.sleep(began_at + number * PACE_S - perf_counter())
            self._transport.write(chunk)
        self._transport.write(_LAST_CHUNK)


async def serve() -> None:
    """Serve on a free port, which is printed alone on its line."""
    server = await asyncio.get_running_loop().create_server(ScriptedConnection, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
