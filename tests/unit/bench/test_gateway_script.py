"""The gateway's measurement takes no wrong answer for a right one."""

import msgspec
import pytest
from bench.gateway.script import Form, WrongAnswer, check, events, question, read_question, whole_answer

STREAM = events(with_usage=True)


@pytest.mark.parametrize(("form", "body"), [(Form.WHOLE, whole_answer()), (Form.STREAM, b"".join(STREAM))])
def test_the_upstreams_own_answer_is_right(form: Form, body: bytes):
    """The script's answer passes its check in each form."""
    check(form, 200, body)


def test_a_stream_with_other_line_ends_and_comments_is_right():
    """What the protocol of events leaves to the server is no fault of it."""
    body = b": ping\n\n" + b"".join(STREAM)
    check(Form.STREAM, 200, body.replace(b"\n", b"\r\n"))


@pytest.mark.parametrize(
    "body",
    [
        b"".join(STREAM[:5] + STREAM[6:]),
        b"".join(STREAM[:-1]),
        b"".join(STREAM[:-2] + STREAM[-1:]),
        b"".join(STREAM[:-3] + STREAM[-2:]),
        b"".join(STREAM[:3] + STREAM[2:]),
        b"data: {}\n\n" + STREAM[-1],
        b"",
    ],
    ids=["piece lost", "no [DONE]", "no usage", "no reason", "piece twice", "not a chunk", "nothing"],
)
def test_a_stream_that_lacks_something_is_caught(body: bytes):
    """Each part of a stream is missed."""
    with pytest.raises(WrongAnswer):
        check(Form.STREAM, 200, body)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, whole_answer()),
        (200, whole_answer().replace(b"piece 07", b"piece 70")),
        (200, whole_answer().replace(b'"stop"', b'"length"')),
        (200, whole_answer()[:-1]),
    ],
    ids=["status", "text", "reason", "JSON"],
)
def test_a_whole_answer_that_is_another_is_caught(status: int, body: bytes):
    """Status, text, reason and form are all looked at."""
    with pytest.raises(WrongAnswer):
        check(Form.WHOLE, status, body)


def test_each_question_asks_for_its_form():
    """The upstream reads in the question which form is wanted, and that a stream shall tell its usage."""
    asked = {form: read_question(question(form)) for form in Form}
    assert [(asked[form].stream, asked[form].asks_for_usage) for form in Form] == [
        (False, False),
        (True, True),
        (True, True),
    ]
    assert asked[Form.PACED].model != asked[Form.STREAM].model


def test_a_stream_tells_its_usage_only_where_it_is_asked_to():
    """As OpenAI has it."""
    chunks = [msgspec.json.decode(event.removeprefix(b"data: ")) for event in events(with_usage=False)[:-1]]
    assert all(chunk["usage"] is None for chunk in chunks)
