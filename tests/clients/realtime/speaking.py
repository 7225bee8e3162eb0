"""What the stories share: spoken questions, from the server itself."""

import os
from pathlib import Path

import httpx

RATE_HZ = 24_000


def spoken(text: str, voice: str = "echo") -> bytes:
    """Return a text as 16-bit samples at 24 kHz, with a second of silence after it."""
    answer = httpx.post(
        f"{os.environ['OPENAI_BASE_URL']}/audio/speech",
        json={"model": "tts-1", "voice": voice, "input": text, "response_format": "pcm"},
        timeout=60,
    )
    answer.raise_for_status()
    return answer.content + bytes(RATE_HZ * 2)


def realtime_url() -> str:
    """The address of the socket, up to `/v1`."""
    return os.environ["REALTIME_BASE_URL"]


def here() -> Path:
    """The folder of the stories."""
    return Path(__file__).parent
