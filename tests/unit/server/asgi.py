"""A client for ASGI applications without a socket: one request in, what was sent out."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Scope


@dataclass
class Sent:
    """An answer as the application sent it."""

    messages: list[Message] = field(default_factory=list)

    @property
    def status(self) -> int:
        return self.messages[0]["status"]

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.messages[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages[1:])

    @property
    def error(self) -> dict[str, Any]:
        return json.loads(self.body)["error"]

    @property
    def events(self) -> list[str]:
        return [line.removeprefix("data: ") for line in self.body.decode().split("\n\n") if line]


class Client:
    """Sends requests to `app`; `headers` go with each."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str] | None = None) -> None:
        self.app = app
        self.headers = {"host": "127.0.0.1:8000", **(headers or {})}

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Sent:
        return await self.send("GET", path, headers=headers)

    async def post(self, path: str, body: object = b"", headers: Mapping[str, str] | None = None) -> Sent:
        return await self.send("POST", path, body, headers)

    async def send(self, method: str, path: str, body: object = b"", headers: Mapping[str, str] | None = None) -> Sent:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await Exchange(self, method, path, [data], headers).run()


class Exchange:
    """One request whose client can send its body in parts and hang up."""

    def __init__(
        self, client: Client, method: str, path: str, parts: list[bytes], headers: Mapping[str, str] | None = None
    ) -> None:
        self._app = client.app
        self.scope = scope(method, path, {**client.headers, **(headers or {})})
        self._parts = list(parts)
        self._left = asyncio.Event()
        self.sent = Sent()
        self.progress = asyncio.Condition()

    async def run(self) -> Sent:
        await self._app(self.scope, self._receive, self._send)
        return self.sent

    def hang_up(self) -> None:
        self._left.set()

    async def until_sent(self, num_messages: int) -> None:
        """Wait until the application has sent so many messages."""
        async with self.progress:
            await self.progress.wait_for(lambda: len(self.sent.messages) >= num_messages)

    async def _receive(self) -> Message:
        if self._parts:
            part = self._parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(self._parts)}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        async with self.progress:
            self.sent.messages.append(message)
            self.progress.notify_all()
        await asyncio.sleep(0)


def scope(method: str, path: str, headers: Mapping[str, str], kind: str = "http") -> Scope:
    """The scope of a request as uvicorn makes it."""
    path, _, query = path.partition("?")
    return {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
