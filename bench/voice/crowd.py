"""Many sessions at once, on one core: what the protocol alone adds, and how many may listen."""

import asyncio
import base64
import json
import time
from dataclasses import dataclass

import numpy as np
from bench.gateway.processes import cpu_s
from bench.voice.sound import Samples
from websockets.asyncio.client import ClientConnection, connect

CHUNK_MS = 40
_SCRIPT = {"script": [{"say": "One two three four five six seven eight nine ten."}]}
_SILENCE = base64.b64encode(bytes(24_000 * CHUNK_MS // 1000 * 2)).decode()


@dataclass(frozen=True, slots=True)
class Crowd:
    """What a crowd saw: the time from `response.create` to the first audio of each answer, and the server's load."""

    first_audio_ms: list[float]
    cores: float


async def scripted(address: str, pid: int, num_sessions: int, num_turns: int) -> Crowd:
    """Let sessions with the scripted model, whose microphones stay open, ask a question every two seconds."""
    async with asyncio.TaskGroup() as group:
        began, cpu_before = time.monotonic(), cpu_s(pid)
        tasks = [
            group.create_task(_scripted(address, num_turns, delay_s=2 * place / num_sessions))
            for place in range(num_sessions)
        ]
    times = [time_ms for task in tasks for time_ms in task.result()]
    return Crowd(times, (cpu_s(pid) - cpu_before) / (time.monotonic() - began))


async def listening(address: str, pid: int, model: str, speech: Samples, num_sessions: int, seconds: float) -> float:
    """Return how many cores the server takes while sessions are spoken to and none is answered."""
    sockets = [await _connected(address, model) for _ in range(num_sessions)]
    for socket in sockets:
        detection = {"type": "server_vad", "create_response": False, "silence_duration_ms": 500}
        session = {"type": "realtime", "audio": {"input": {"turn_detection": detection}}}
        await socket.send(json.dumps({"type": "session.update", "session": session}))
    chunk = 24_000 * CHUNK_MS // 1000
    padded = np.concatenate([speech, np.zeros(24_000, dtype=np.int16)])
    frames = [base64.b64encode(padded[at : at + chunk].tobytes()).decode() for at in range(0, len(padded), chunk)]
    readers = [asyncio.create_task(_drain(socket)) for socket in sockets]
    began, cpu_before = time.monotonic(), cpu_s(pid)
    due, number = began, 0
    while time.monotonic() < began + seconds:
        due += CHUNK_MS / 1000
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        message = json.dumps({"type": "input_audio_buffer.append", "audio": frames[number % len(frames)]})
        number += 1
        for socket in sockets:
            await socket.send(message)
    taken = (cpu_s(pid) - cpu_before) / (time.monotonic() - began)
    for reader, socket in zip(readers, sockets, strict=True):
        reader.cancel()
        await socket.close()
    return taken


async def _scripted(address: str, num_turns: int, *, delay_s: float) -> list[float]:
    await asyncio.sleep(delay_s)
    socket = await _connected(address, "antiphon-scripted")
    microphone = asyncio.create_task(_silence(socket))
    times = []
    for _ in range(num_turns):
        item = {
            "type": "message",
            "role": "user",
            "content": [{"type": "input_text", "text": json.dumps(_SCRIPT)}],
        }
        await socket.send(json.dumps({"type": "conversation.item.create", "item": item}))
        asked_at = time.monotonic()
        await socket.send(json.dumps({"type": "response.create"}))
        times.append((await _first_audio_at(socket) - asked_at) * 1000)
        await asyncio.sleep(max(0.0, asked_at + 2 - time.monotonic()))
    microphone.cancel()
    await socket.close()
    return times


async def _connected(address: str, model: str) -> ClientConnection:
    url = f"{address.replace('http', 'ws', 1)}/v1/realtime?model={model}"
    return await connect(url, compression=None, max_size=None)


async def _silence(socket: ClientConnection) -> None:
    message = json.dumps({"type": "input_audio_buffer.append", "audio": _SILENCE})
    due = time.monotonic()
    while True:
        due += CHUNK_MS / 1000
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        await socket.send(message)


async def _first_audio_at(socket: ClientConnection) -> float:
    """Read until the response is done and return when its first audio came."""
    first: float | None = None
    async for frame in socket:
        if first is None and '"response.output_audio.delta"' in frame[:80]:
            first = time.monotonic()
        if '"response.done"' in frame[:60]:
            break
    if first is None:
        raise RuntimeError("the answer had no audio")
    return first


async def _drain(socket: ClientConnection) -> None:
    async for _ in socket:
        pass
