"""Forms are read part by part, and within bounds."""

import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fixtures.spoken import form
from tests.unit.server.asgi import Client, Exchange, Sent

from antiphon.server import forms
from antiphon.server.errors import install_error_handler
from antiphon.server.exchange import open_exchange
from antiphon.server.forms import Fields, read_fields


class FormReader:
    """An application that notes the fields of the forms that it is sent."""

    def __init__(self) -> None:
        self.fields: Fields = []
        routes = APIRouter()

        @routes.post("/")
        async def take(request: Request) -> Response:
            self.fields = await read_fields(request)
            return Response()

        self._app = FastAPI()
        install_error_handler(self._app)
        self._app.include_router(routes)

    async def __call__(self, scope, receive, send) -> None:
        open_exchange(scope, 0)
        await self._app(scope, receive, send)


@pytest.fixture
def reader() -> FormReader:
    return FormReader()


async def sent(reader: FormReader, body: bytes, headers: dict[str, str], num_bytes: int = 1000) -> Sent:
    parts = [body[start : start + num_bytes] for start in range(0, len(body), num_bytes)] or [b""]
    return await Exchange(Client(reader), "POST", "/", parts, headers).run()


async def test_fields_come_in_order_and_a_file_as_its_bytes(reader: FormReader):
    """A file may hold what looks like the fence, as long as it is not."""
    file = b"\r\n--fenc\r\n--\x00\xff"
    answer = await sent(reader, *form([("a", "1"), ("file", file), ("a", "Zoë")]))
    assert (answer.status, reader.fields) == (200, [("a", b"1"), ("file", file), ("a", "Zoë".encode())])


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=200), st.integers(1, 40))
async def test_a_form_is_the_same_however_it_arrives(file: bytes, num_bytes: int):
    """In pieces of any size."""
    reader = FormReader()
    await sent(reader, *form([("model", "whisper-1"), ("file", file)]), num_bytes)
    assert reader.fields == [("model", b"whisper-1"), ("file", file)]


async def test_a_file_that_is_too_large_is_refused_after_it_was_read(reader: FormReader, monkeypatch):
    """In OpenAI's words, which count all of it: a client that still sends does not listen."""
    monkeypatch.setattr(forms, "MAX_FILE_BYTES", 5000)
    answer = await sent(reader, *form([("model", "m"), ("file", bytes(7001))]))
    assert answer.status == 413
    assert answer.error["message"] == "Maximum content size limit (5000) exceeded (7001 bytes read)"


BOUNDARY = {"content-type": "multipart/form-data; boundary=fence"}
NAMED = b'--fence\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'


@pytest.mark.parametrize(
    ("body", "headers", "says"),
    [
        (b"{}", {"content-type": "application/json"}, "multipart/form-data"),
        (b"a=1", {"content-type": "application/x-www-form-urlencoded"}, "multipart/form-data"),
        (b"", {}, "multipart/form-data"),
        (NAMED, {"content-type": "multipart/form-data"}, "multipart/form-data"),
        (NAMED, BOUNDARY, "breaks off"),
        (b"", BOUNDARY, "breaks off"),
        (NAMED[:30], BOUNDARY, "Could not parse the multipart form"),
        (b"hello", BOUNDARY, "Could not parse the multipart form"),
        (b"--fence\r\nContent-Type: text/plain\r\n\r\n1\r\n--fence--\r\n", BOUNDARY, "has no name"),
        (b"--fence\r\n" + b"X: y\r\n" * 100 + b"\r\n1\r\n--fence--\r\n", BOUNDARY, "Could not parse"),
        (b"--fence\r\nX: " + b"y" * 100_000 + b"\r\n\r\n1\r\n--fence--\r\n", BOUNDARY, "Could not parse"),
        (NAMED * 300 + b"--fence--\r\n", BOUNDARY, "more than 256 fields"),
        (form([("prompt", "a" * 70_000)])[0], BOUNDARY, "longer than 65536 bytes"),
    ],
)
async def test_what_is_no_form_is_refused_in_words(reader: FormReader, body: bytes, headers: dict, says: str):
    """Whatever the bytes are, it is the request's fault."""
    answer = await sent(reader, body, headers)
    assert (answer.status, answer.error["type"]) == (400, "invalid_request_error")
    assert says in answer.error["message"]
