"""The one question, its answer in each form, and the check that an answer is that one.

The form of an answer follows from the model that is asked: `scripted` answers whole, or streams all chunks at once;
`paced` waits before each chunk of a stream, as a model does that computes them.
"""

from enum import Enum

import msgspec

MODEL = "scripted"
PACED_MODEL = "paced"
PACE_S = 0.005

# 32 pieces of 20 letters: the body of a whole answer is about 1 kB.
PIECES = tuple(f" piece {number:02d} of the tale" for number in range(32))
TEXT = "".join(PIECES)
FIRST_PIECE = PIECES[0].encode()

_HEAD = {"id": "chatcmpl-scripted", "created": 1_790_000_000, "model": MODEL, "system_fingerprint": "fp_scripted"}
_USAGE = {"prompt_tokens": 32, "completion_tokens": len(PIECES), "total_tokens": 32 + len(PIECES)}
_DONE = b"data: [DONE]\n\n"


class Form(Enum):
    """How an answer comes."""

    WHOLE = "whole"
    STREAM = "streamed"
    PACED = "streamed, 5 ms a chunk"

    @property
    def streams(self) -> bool:
        """Whether it comes in chunks."""
        return self is not Form.WHOLE


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message | None = None
    delta: _Message | None = None
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    completion_tokens: int


class _Answer(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None


class _StreamOptions(msgspec.Struct):
    include_usage: bool = False


class Question(msgspec.Struct):
    """What the upstream reads of a request."""

    model: str
    stream: bool = False
    stream_options: _StreamOptions | None = None

    @property
    def asks_for_usage(self) -> bool:
        """Whether a stream is to end with a count."""
        return self.stream_options is not None and self.stream_options.include_usage


class WrongAnswer(Exception):
    """What came is not the answer of the script."""


read_question = msgspec.json.Decoder(Question).decode
_read_answer = msgspec.json.Decoder(_Answer).decode


def question(form: Form) -> bytes:
    """Return the body that asks for an answer in this form: two messages, as an application sends them."""
    body = {
        "model": PACED_MODEL if form is Form.PACED else MODEL,
        "messages": [
            {"role": "system", "content": "You are a storyteller. Answer in the words of the script, no others."},
            {"role": "user", "content": "Tell me the tale of the thirty-two pieces, from the first to the last."},
        ],
        "temperature": 0.7,
        "max_tokens": 256,
    }
    if form.streams:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return msgspec.json.encode(body)


def whole_answer() -> bytes:
    """Return the body of a chat completion."""
    message = {"role": "assistant", "content": TEXT, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return msgspec.json.encode({**_HEAD, "object": "chat.completion", "choices": [choice], "usage": _USAGE})


def events(*, with_usage: bool) -> list[bytes]:
    """Return the server-sent events of a stream: the role, 32 pieces, the reason, the usage if wanted, the end."""
    deltas = [{"role": "assistant", "content": ""}, *({"content": piece} for piece in PIECES)]
    told = [_event([_chunk_choice(delta, None)]) for delta in deltas]
    told.append(_event([_chunk_choice({}, "stop")]))
    if with_usage:
        told.append(_event([], usage=_USAGE))
    return [*told, _DONE]


def check(form: Form, status: int, body: bytes) -> None:
    """Raise `WrongAnswer` unless this is the script's answer: the text, the reason, the usage and the end."""
    if status != 200:
        raise WrongAnswer(f"status {status}: {body[:300]!r}")
    try:
        pieces = _pieces(body) if form.streams else [_read_answer(body)]
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise WrongAnswer(f"{fault}: {body[:300]!r}") from fault
    choices = [choice for piece in pieces for choice in piece.choices]
    text = "".join(_text(choice) for choice in choices)
    if text != TEXT:
        raise WrongAnswer(f"another text: {text[:300]!r}")
    if [choice.finish_reason for choice in choices if choice.finish_reason] != ["stop"]:
        raise WrongAnswer("it does not finish once, with 'stop'")
    if [piece.usage.completion_tokens for piece in pieces if piece.usage] != [len(PIECES)]:
        raise WrongAnswer("the usage is not told once, as the upstream counted")


def _pieces(body: bytes) -> list[_Answer]:
    told = [event.removeprefix(b"data: ") for event in body.replace(b"\r", b"").split(b"\n\n") if event]
    if told[-1:] != [b"[DONE]"]:
        raise WrongAnswer(f"the stream does not end with [DONE]: {body[-300:]!r}")
    return [_read_answer(data) for data in told[:-1] if not data.startswith(b":")]


def _text(choice: _Choice) -> str:
    message = choice.message or choice.delta
    return (message.content or "") if message else ""


def _chunk_choice(delta: dict[str, str], reason: str | None) -> dict[str, object]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}


def _event(choices: list[dict[str, object]], usage: dict[str, int] | None = None) -> bytes:
    chunk = {**_HEAD, "object": "chat.completion.chunk", "choices": choices, "usage": usage}
    return b"data: " + msgspec.json.encode(chunk) + b"\n\n"
