"""Forms with files (RFC 7578), read part by part as they arrive and held to bounds.

Files stay in memory: what hears them needs them whole, and their sum is bounded by the edge.
"""

from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from antiphon.errors import BodyTooLarge, InvalidRequest

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MAX_FILE_BYTES = 25 * 1024 * 1024
_MAX_FIELD_BYTES = 64 * 1024
_MAX_PARTS = 256

Fields = list[tuple[str, bytes]]


async def read_fields(request: Request) -> Fields:
    """Return the fields of a form in order, a file as its bytes.

    Raises `InvalidRequest`, and `BodyTooLarge` for a file of more than `MAX_FILE_BYTES`: after all of the body was
    read, since many clients do not listen before they have sent it.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise InvalidRequest(
            "The body must be a form with the audio in its field 'file': send it as multipart/form-data."
        )
    form = _Form()
    try:
        parser = MultipartParser(boundary, form.callbacks())
        async for data in request.stream():
            parser.write(data)
        parser.finalize()
    except FormParserError as fault:
        raise InvalidRequest(f"Could not parse the multipart form: {fault}") from None
    return form.fields()


def without_boundary(content_type: str | None, body: bytes) -> bytes:
    """Return a form's body without the text between its parts, which is another one each time that it is sent."""
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    return body.replace(b"--" + boundary, b"--") if kind == b"multipart/form-data" and boundary else body


class _Form:
    """What a parser found so far."""

    def __init__(self) -> None:
        self._fields: Fields = []
        self._headers: dict[bytes, bytes] = {}
        self._header_name = bytearray()
        self._header_value = bytearray()
        self._name = ""
        self._data = bytearray()
        self._num_bytes = 0
        self._max_bytes = 0
        self._largest_file_bytes = 0
        self._is_whole = False

    def callbacks(self) -> "MultipartCallbacks":
        """Return what a parser calls."""
        return {
            "on_part_begin": self._begin_part,
            "on_header_field": self._take_header_name,
            "on_header_value": self._take_header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._take,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def fields(self) -> Fields:
        """Return the fields of the whole form. Raises as `read_fields` does."""
        if self._largest_file_bytes > MAX_FILE_BYTES:
            raise BodyTooLarge(
                f"Maximum content size limit ({MAX_FILE_BYTES}) exceeded ({self._largest_file_bytes} bytes read)"
            )
        if not self._is_whole:
            raise InvalidRequest("Could not parse the multipart form: it breaks off before its end.")
        return self._fields

    def _begin_part(self) -> None:
        if len(self._fields) >= _MAX_PARTS:
            raise InvalidRequest(f"The form has more than {_MAX_PARTS} fields.")
        self._headers = {}
        self._data = bytearray()
        self._num_bytes = 0

    def _take_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _take_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._headers[bytes(self._header_name).lower()] = bytes(self._header_value)
        self._header_name.clear()
        self._header_value.clear()

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        name = options.get(b"name")
        if not name:
            raise InvalidRequest("Could not parse the multipart form: a part of it has no name.")
        self._name = name.decode("utf-8", "replace")
        self._max_bytes = MAX_FILE_BYTES if b"filename" in options or self._name == "file" else _MAX_FIELD_BYTES

    def _take(self, data: bytes, start: int, end: int) -> None:
        self._num_bytes += end - start
        if self._num_bytes <= self._max_bytes:
            self._data += memoryview(data)[start:end]
        elif self._max_bytes == _MAX_FIELD_BYTES:
            raise InvalidRequest(
                f"Invalid '{self._name[:100]}': longer than {_MAX_FIELD_BYTES} bytes.", param=self._name[:100]
            )
        else:
            self._data.clear()

    def _end_part(self) -> None:
        self._fields.append((self._name, bytes(self._data)))
        if self._max_bytes == MAX_FILE_BYTES:
            self._largest_file_bytes = max(self._largest_file_bytes, self._num_bytes)
        self._data = bytearray()

    def _end(self) -> None:
        self._is_whole = True
