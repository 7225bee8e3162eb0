"""One run of a child process, from its start to its end.

The agreement between us and a child: its configuration is one line of JSON on its standard input, which carries a fresh
`api_key`; once it listens on loopback it prints one line `{"port": ...}`; it ends when its standard input closes, so
that it never outlives us; whatever else it writes is its log.
"""

import asyncio
import json
import secrets
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from antiphon.engines.supervisor.log import LogRing

# A child that neither ended by itself nor by SIGTERM within these times is ended harder.
CLOSE_S = 3.0
TERMINATE_S = 1.0


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """How to start a child: its command, the configuration that it reads, and variables beside those that we have."""

    command: tuple[str, ...]
    config: Mapping[str, Any]
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    start_timeout_s: float = 120.0

    def whole_command(self) -> tuple[str, ...]:
        """Return the command that sets the variables and then becomes the child."""
        if not self.variables:
            return self.command
        return ("env", *(f"{name}={value}" for name, value in self.variables.items()), *self.command)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a run of a child listens, and the key that it wants; each run has its own."""

    port: int
    api_key: str


class ChildDied(Exception):
    """The child ended, or had to be ended, before it was ready."""


class Child:
    """A process that said where it listens."""

    def __init__(self, process: Process, endpoint: Endpoint, readers: "asyncio.Future[Any]") -> None:
        self._process = process
        self._readers = readers
        self.endpoint = endpoint
        self.is_paused = False

    @classmethod
    async def start(cls, spec: ChildSpec, log: LogRing) -> "Child":
        """Start a process and wait until it listens. Raises `ChildDied` with the reason."""
        try:
            process = await asyncio.create_subprocess_exec(*spec.whole_command(), stdin=PIPE, stdout=PIPE, stderr=PIPE)
        except OSError as error:
            raise ChildDied(f"it cannot be started: {error}") from error
        assert process.stdout is not None
        assert process.stderr is not None
        errors = asyncio.ensure_future(_keep(process.stderr, log))
        api_key = secrets.token_urlsafe(32)
        try:
            port = await _handshake(process, {**spec.config, "api_key": api_key}, spec.start_timeout_s)
        except BaseException:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            await errors
            raise
        return cls(process, Endpoint(port, api_key), asyncio.gather(errors, _keep(process.stdout, log)))

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    async def ended(self) -> int:
        """Wait until the process has ended and return its exit status, negative for a signal."""
        status = await self._process.wait()
        await self._readers
        return status

    def kill(self) -> None:
        """End the process at once."""
        with suppress(ProcessLookupError):
            self._process.kill()

    def pause(self) -> None:
        """Let the process stand still until `resume`; it keeps its memory and its connections."""
        if not self.is_paused:
            self.is_paused = True
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused process go on."""
        if self.is_paused:
            self.is_paused = False
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGCONT)

    async def stop(self) -> None:
        """Let the process end by itself, and make it if it does not."""
        self.resume()
        await _end(self._process)
        await self._readers


async def _handshake(process: Process, config: Mapping[str, Any], timeout_s: float) -> int:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(timeout_s):
            process.stdin.write(json.dumps(config).encode() + b"\n")
            await process.stdin.drain()
            line = await process.stdout.readline()
            return int(json.loads(line)["port"])
    except TimeoutError:
        raise ChildDied(f"it did not listen within {timeout_s:g} s") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise ChildDied("it ended before it listened") from None


async def _keep(stream: asyncio.StreamReader, log: LogRing) -> None:
    while piece := await stream.read(65536):
        log.feed(piece)


async def _end(process: Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    for timeout_s, harder in ((CLOSE_S, process.terminate), (TERMINATE_S, process.kill)):
        try:
            async with asyncio.timeout(timeout_s):
                await process.wait()
                return
        except TimeoutError:
            with suppress(ProcessLookupError):
                harder()
    await process.wait()
