"""Fields of a form become the JSON that they stand for, and what is wrong is told as for JSON."""

import pytest

from antiphon.errors import InvalidRequest
from antiphon.wire.audio.transcriptions import ServerVad, TranscriptionForm
from antiphon.wire.forms import read_form

FILE = [("file", b"\xff\x00"), ("model", b"whisper-1")]


def read(*fields: tuple[str, bytes]) -> TranscriptionForm:
    return read_form(TranscriptionForm, [*FILE, *fields])


def test_a_file_stays_bytes_and_a_text_becomes_text():
    """Whatever the bytes are."""
    form = read(("prompt", "Zoë".encode()))
    assert (form.file, form.model, form.prompt) == (b"\xff\x00", "whisper-1", "Zoë")


def test_numbers_and_booleans_are_read_where_they_are_wanted():
    """A text that looks like a number stays one where a text is wanted."""
    form = read(("temperature", b"0.5"), ("stream", b"True"), ("prompt", b"12"))
    assert (form.temperature, form.stream, form.prompt) == (0.5, True, "12")


@pytest.mark.parametrize("name", ["timestamp_granularities[]", "timestamp_granularities", "timestamp_granularities[0]"])
def test_a_list_is_read_however_its_name_is_written(name: str):
    """The SDKs write brackets, others none, and some count."""
    assert read((name, b"word"), (name, b"segment")).timestamp_granularities == ["word", "segment"]


def test_an_object_is_read_from_its_brackets():
    """Each of its fields as its own kind."""
    form = read(("chunking_strategy[type]", b"server_vad"), ("chunking_strategy[silence_duration_ms]", b"300"))
    assert form.chunking_strategy == ServerVad(type="server_vad", silence_duration_ms=300)


def test_a_field_that_comes_twice_counts_as_its_last():
    """As a header does."""
    assert read(("language", b"de"), ("language", b"en")).language == "en"


@pytest.mark.parametrize(
    ("field", "code", "param"),
    [
        (("temperature", b"hot"), "invalid_type", "temperature"),
        (("temperature", b"1.5"), "decimal_above_max_value", "temperature"),
        (("temperature", b"nan"), "decimal_above_max_value", "temperature"),
        (("stream", b"perhaps"), "invalid_type", "stream"),
        (("response_format", b"docx"), "invalid_value", "response_format"),
        (("timestamp_granularities[]", b"letter"), "invalid_value", "timestamp_granularities[0]"),
        (("chunking_strategy[type]", b"tarot"), "invalid_value", "chunking_strategy.type"),
        (("mood", b"sad"), None, None),
        (("language[x]", b"en"), "invalid_type", "language"),
        (("prompt", b"\xff"), None, None),
        (("a[b]]", b""), None, None),
    ],
)
def test_what_is_wrong_is_named(field: tuple[str, bytes], code: str | None, param: str | None):
    """With OpenAI's code and the place."""
    with pytest.raises(InvalidRequest) as refusal:
        read(field)
    assert (refusal.value.code, refusal.value.param) == (code, param)


@pytest.mark.parametrize("left_out", ["file", "model"])
def test_what_is_missing_is_named(left_out: str):
    """The file as any other field."""
    with pytest.raises(InvalidRequest, match=f"Missing required parameter: '{left_out}'"):
        read_form(TranscriptionForm, [field for field in FILE if field[0] != left_out])
