"""A file that is heard."""

from antiphon.errors import InvalidRequest
from antiphon.ports import AudioFiles
from antiphon.speech.work import RECOGNITION_RATE_HZ

MAX_FILE_BYTES = 25 * 1024 * 1024
_SAMPLE_BYTES = 2


async def samples_of(files: AudioFiles, data: bytes, param: str) -> bytes:
    """Return the samples of a file as recognisers take them.

    Raises `InvalidRequest` that names `param`.
    """
    if len(data) > MAX_FILE_BYTES:
        raise InvalidRequest(
            f"Maximum content size limit ({MAX_FILE_BYTES}) exceeded ({len(data)} bytes read)",
            param=param,
            code="audio_too_large",
        )
    try:
        return await files.decode(data, RECOGNITION_RATE_HZ)
    except InvalidRequest as refusal:
        raise InvalidRequest(refusal.message, param=param, code=refusal.code) from None


def seconds_of(samples: bytes) -> float:
    """Return how long samples are."""
    return len(samples) / (RECOGNITION_RATE_HZ * _SAMPLE_BYTES)
