"""Log lines: readable, whole, and without keys."""

import json

import pytest

from antiphon.server.logs import REQUEST_ID, add_request_id, json_line, mask_keys, text_line


def test_keys_are_masked_wherever_they_stand():
    """In the event, in a field and in an exception's text."""
    event = mask_keys(
        None, "info", {"event": "sk-abcdefgh1234 is wrong", "exception": "ValueError: sk-proj-zzzzzz9999"}
    )
    assert event == {"event": "sk-...1234 is wrong", "exception": "ValueError: sk-...9999"}


def test_a_text_without_end_is_cut():
    """A trace of a deep recursion fills no disk."""
    assert len(mask_keys(None, "info", {"event": "x" * 100_000})["event"]) == 8000


def test_lines_of_a_request_carry_its_id():
    """And lines of none carry none."""
    assert "request_id" not in add_request_id(None, "info", {})
    token = REQUEST_ID.set("req_1")
    assert add_request_id(None, "info", {})["request_id"] == "req_1"
    REQUEST_ID.reset(token)


def test_a_line_of_json_is_one_line_of_json():
    """Whatever the fields hold."""
    line = json_line(None, "info", {"event": "a\nb", "what": object(), "n": 1})
    assert "\n" not in line
    assert json.loads(line)["event"] == "a\nb"


@pytest.mark.parametrize(("value", "shown"), [("plain", "plain"), ("two words", "'two words'"), ("", "''"), (3, "3")])
def test_a_line_for_people_quotes_what_would_be_read_wrongly(value: object, shown: str):
    """Spaces and empty values."""
    event = {"timestamp": "2026-01-02T03:04:05.678901Z", "level": "info", "event": "request", "what": value}
    assert text_line(None, "info", event) == f"03:04:05.678 info    request what={shown}"


def test_an_exception_stands_below_its_line():
    """As Python prints it."""
    event = {"timestamp": "2026-01-02T03:04:05.678901Z", "level": "error", "event": "bug", "exception": "Traceback"}
    assert text_line(None, "error", event).splitlines() == ["03:04:05.678 error   bug", "Traceback"]
