"""The reader of server-sent events."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines import http
from antiphon.engines.http import EventData
from antiphon.errors import UpstreamFailed

STREAM = b': ping\n\ndata: {"a": 1}\n\nevent: x\r\ndata:{"b":"\xc3\xa9"}\r\n\r\ndata: [DONE]\n\n'


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_any_cut_of_a_stream_gives_the_same_events(cuts: list[int]):
    """Bytes arrive in any pieces, and comments and other fields are passed over."""
    edges = [0, *sorted(cuts), len(STREAM)]
    events = EventData()
    found = [data for start, end in pairwise(edges) for data in events.feed(STREAM[start:end])]
    assert found == [b'{"a": 1}', b'{"b":"\xc3\xa9"}', b"[DONE]"]


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch):
    """An upstream cannot fill the memory with one line."""
    monkeypatch.setattr(http, "MAX_LINE_BYTES", 10)
    with pytest.raises(UpstreamFailed):
        EventData().feed(b"data: 0123456789")
