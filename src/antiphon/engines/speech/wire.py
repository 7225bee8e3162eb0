"""The loopback protocol of speech engines: frames of msgpack, each after its length in four bytes, big-endian.

    us     Hello(key)                           first, once for each connection
    child  Welcome                              or it closes the connection: the key is wrong
    us     Start(work_id, is_urgent, payload)   ids are ours, and new for each work of a connection
    child  Told(work_id, payload) ...           as often as the work has something to tell
    child  Ended(work_id) | Failed(work_id, is_refusal, message)
    us     More(work_id)                        for each Told that was taken: at most `WINDOW` are on their way
    us     Cancel(work_id)                      nothing is told of that work any more

What a payload means is between an adapter and its process.
"""

from asyncio import StreamReader

import msgspec

# Two hours of samples at 16 kHz.
MAX_FRAME_BYTES = 256 * 1024 * 1024
# How many answers of a work may wait for its listener; then the work rests, and others have the thread.
WINDOW = 16
_LENGTH_BYTES = 4


class BadFrame(Exception):
    """What arrived is no frame of this protocol."""


class Hello(msgspec.Struct, frozen=True, gc=False, tag=True, array_like=True):
    """Who calls knows the key of this run of the process."""

    key: str


class Start(msgspec.Struct, frozen=True, gc=False, tag=True, array_like=True):
    """Work to be done; urgent work goes before all that is not."""

    work_id: int
    is_urgent: bool
    payload: bytes


class More(msgspec.Struct, frozen=True, gc=False, tag=True, array_like=True):
    """One more answer of the work was taken."""

    work_id: int


class Cancel(msgspec.Struct, frozen=True, gc=False, tag=True, array_like=True):
    """Nobody wants the work any more."""

    work_id: int


class Welcome(msgspec.Struct, frozen=True, gc=False, tag=True, array_like=True):
    """The key was right."""


class Told(msgspec.Struct, frozen=True, gc=False, tag=True, array_like=True):
    """Something that the work gave."""

    work_id: int
    payload: bytes


class Ended(msgspec.Struct, frozen=True, gc=False, tag=True, array_like=True):
    """All was told."""

    work_id: int


class Failed(msgspec.Struct, frozen=True, gc=False, tag=True, array_like=True):
    """The work came to nothing: `is_refusal` where what was asked is at fault, not the engine."""

    work_id: int
    is_refusal: bool
    message: str


Asked = Hello | Start | More | Cancel
Answered = Welcome | Told | Ended | Failed

_encoder = msgspec.msgpack.Encoder()
_asked = msgspec.msgpack.Decoder[Asked](Asked)
_answered = msgspec.msgpack.Decoder[Answered](Answered)


def frame(message: Asked | Answered) -> bytearray:
    """Return a message as it goes over the connection."""
    buffer = bytearray(_LENGTH_BYTES)
    _encoder.encode_into(message, buffer, _LENGTH_BYTES)
    buffer[:_LENGTH_BYTES] = (len(buffer) - _LENGTH_BYTES).to_bytes(_LENGTH_BYTES, "big")
    return buffer


async def read_asked(reader: StreamReader) -> Asked:
    """Read what the child is asked. Raises `BadFrame`, and `EOFError` where the connection ends."""
    try:
        return _asked.decode(await _body(reader))
    except msgspec.DecodeError as fault:
        raise BadFrame(str(fault)) from fault


async def read_answered(reader: StreamReader) -> Answered:
    """Read what the child answers. Raises as `read_asked` does."""
    try:
        return _answered.decode(await _body(reader))
    except msgspec.DecodeError as fault:
        raise BadFrame(str(fault)) from fault


async def _body(reader: StreamReader) -> bytes:
    num_bytes = int.from_bytes(await reader.readexactly(_LENGTH_BYTES), "big")
    if num_bytes > MAX_FRAME_BYTES:
        raise BadFrame(f"a frame of {num_bytes} bytes")
    return await reader.readexactly(num_bytes)
