"""A text is spoken clause by clause, into a file that leaves while it is made."""

from base64 import b64decode
from typing import Any

import pytest
from tests.fixtures.spoken import CALLER, SpokenServer, heard_in

from antiphon.audio.files import FILE_RATE_HZ
from antiphon.errors import EngineFailed, EngineUnavailable, InvalidRequest, ModelNotFound
from antiphon.wire.audio.speech import SpeechAudioDelta, SpeechAudioDone, SpeechRequest

TEXT = "Hello there, my good friend. The sea is wide, and the night is long."


def request(text: str = TEXT, **fields: Any) -> SpeechRequest:
    return SpeechRequest.model_validate(
        {"input": text, "model": "tts-1", "voice": "alloy", "response_format": "pcm", **fields}
    )


async def test_all_of_a_text_is_spoken_in_order(server: SpokenServer):
    """However many clauses it has: the voice says it to the letter."""
    pieces = [data async for data in server.speaking.audio(CALLER, request())]
    assert heard_in(b"".join(pieces), FILE_RATE_HZ) == TEXT


async def test_the_file_leaves_while_the_text_is_spoken(server: SpokenServer):
    """The first piece is there before a later clause is begun, which then fails."""
    failing = "A good beginning. " + '{"script": [{"fail": {"status": 503, "message": "Out of breath."}}]}'
    pieces: list[bytes] = []

    async def listen() -> None:
        async for data in server.speaking.audio(CALLER, request(failing)):
            pieces.append(data)  # noqa: PERF401 - what came before the failure counts

    with pytest.raises(EngineUnavailable, match=r"Out of breath\."):
        await listen()
    assert heard_in(b"".join(pieces), FILE_RATE_HZ).startswith("A good")


async def test_speed_makes_it_shorter(server: SpokenServer):
    """Twice the speed is half the time."""
    slow, fast = [
        len(b"".join([data async for data in server.speaking.audio(CALLER, request(speed=speed))])) for speed in (1, 2)
    ]
    assert fast == pytest.approx(slow / 2, rel=0.05)


async def test_events_carry_the_file_and_then_the_usage(server: SpokenServer):
    """Twenty tokens a second of sound, and the text's own."""
    events = [event async for event in server.speaking.events(CALLER, request())]
    data = b"".join(b64decode(event.audio) for event in events if isinstance(event, SpeechAudioDelta))
    assert heard_in(data, FILE_RATE_HZ) == TEXT
    (done,) = [event for event in events if isinstance(event, SpeechAudioDone)]
    assert done is events[-1]
    seconds = len(data) / (2 * FILE_RATE_HZ)
    assert done.usage.output_tokens == pytest.approx(20 * seconds, abs=1)
    assert done.usage.total_tokens == done.usage.input_tokens + done.usage.output_tokens


async def test_a_voice_may_be_named_by_its_id(server: SpokenServer):
    """As custom voices are."""
    assert await anext(server.speaking.audio(CALLER, request(voice={"id": "echo"})))


@pytest.mark.parametrize(
    ("fields", "error", "says"),
    [
        ({"voice": "nobody"}, InvalidRequest, "alloy, echo"),
        ({"model": "no-such-model"}, ModelNotFound, "no-such-model"),
        ({"text": " \n "}, InvalidRequest, "nothing in 'input' that can be spoken"),
        ({"text": '{"script": [{"crash": "The voice broke."}]}'}, EngineFailed, "The voice broke"),
    ],
)
async def test_what_fails_before_the_first_sound_is_an_error(
    server: SpokenServer, fields: dict, error: type[Exception], says: str
):
    """With nothing sent, not even the head of a file."""
    with pytest.raises(error, match=says):
        await anext(server.speaking.audio(CALLER, request(**{"response_format": "wav", **fields})))
