"""Engines that die under load, again and again: every stream ends in words, and the server goes on."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Iterator

import httpx
import pytest
from tests.server_process import ServerProcess, running_server

NUM_ROUNDS = 8
NUM_STREAMS = 4
KILL_WITHIN_S = 1.5  # after the streams were begun: while they are queued, while prompts are read, while text comes
RECOVERED_WITHIN_S = 5.0


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server whose engines may be killed."""
    with running_server(tmp_path_factory.mktemp("chaos")) as server:
        yield server


def _chat(text: str, *, max_tokens: int, stream: bool) -> dict[str, object]:
    messages = [{"role": "user", "content": text}]
    return {"model": "gpt-4o", "messages": messages, "max_tokens": max_tokens, "stream": stream}


async def _stream_end(client: httpx.AsyncClient, number: int) -> str:
    """Return how a stream ended: `done`, `error` (told as OpenAI does), or what it ended in instead."""
    body = _chat(f"Tell a long story about the number {number}.", max_tokens=96, stream=True)
    last = ""
    async with client.stream("POST", "/v1/chat/completions", json=body) as response:
        if response.status_code != 200:
            return "error" if "error" in (await response.aread()).decode() else f"status {response.status_code}"
        async for line in response.aiter_lines():
            last = line or last
    if last == "data: [DONE]":
        return "done"
    return "error" if last.startswith('data: {"error"') else f"nothing after {last!r}"


async def _one_round(client: httpx.AsyncClient, server: ServerProcess, kill_after_s: float) -> tuple[list[str], float]:
    """Kill every engine amid streams; return how these ended, and the seconds until a new request was answered."""
    streams = [asyncio.create_task(_stream_end(client, number)) for number in range(NUM_STREAMS)]
    await asyncio.sleep(kill_after_s)
    for pid in server.children():
        os.kill(pid, signal.SIGKILL)
    killed_at = time.monotonic()
    answer = await client.post("/v1/chat/completions", json=_chat("Say hello.", max_tokens=4, stream=False))
    recovered_s = time.monotonic() - killed_at if answer.status_code == 200 else float("inf")
    return await asyncio.gather(*streams), recovered_s


@pytest.mark.chaos
@pytest.mark.timeout(600)
async def test_a_server_outlives_its_engines(server: ServerProcess):
    """Killed engines cost their own streams, which say so, and the next request is answered within five seconds."""
    moments = random.Random(7)
    ends = list[str]()
    recoveries_s = list[float]()
    async with httpx.AsyncClient(base_url=server.address, timeout=60) as client:
        for _ in range(NUM_ROUNDS):
            ended, recovered_s = await _one_round(client, server, moments.uniform(0, KILL_WITHIN_S))
            ends += ended
            recoveries_s.append(recovered_s)
    assert set(ends) <= {"done", "error"}
    assert "error" in ends, "no stream was running when the engines died"
    assert max(recoveries_s) < RECOVERED_WITHIN_S, recoveries_s
    assert server.process.poll() is None
