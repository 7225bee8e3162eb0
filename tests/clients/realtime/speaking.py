"""What the stories share: spoken questions, from the server itself."""

import json
import os
import urllib.request

RATE_HZ = 24_000


def spoken(text: str, voice: str = "echo") -> bytes:
    """Return a text as 16-bit samples at 24 kHz, with a second of silence after it."""
    body = {"model": "tts-1", "voice": voice, "input": text, "response_format": "pcm"}
    request = urllib.request.Request(
        f"{os.environ['OPENAI_BASE_URL']}/audio/speech", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read() + bytes(RATE_HZ * 2)


def realtime_url() -> str:
    """The address of the socket, up to `/v1`."""
    return os.environ["REALTIME_BASE_URL"]
