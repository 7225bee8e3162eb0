"""Which requests are the same, and which answers settle one."""

import pytest

from antiphon.limits.repeats import fingerprint, is_worth_keeping


def test_a_fingerprint_depends_on_all_that_makes_a_request():
    """Method, path and body, and on where one ends and the next begins."""
    prints = {
        fingerprint("POST", "/v1/a", b"{}"),
        fingerprint("PUT", "/v1/a", b"{}"),
        fingerprint("POST", "/v1/b", b"{}"),
        fingerprint("POST", "/v1/a", b"{ }"),
        fingerprint("POST", "/v1/", b"a{}"),
    }
    assert len(prints) == 5


@pytest.mark.parametrize(
    ("status", "is_kept"),
    [(200, True), (400, True), (404, False), (409, False), (429, False), (500, False), (503, False)],
)
def test_only_what_settles_a_request_is_kept(status: int, is_kept: bool):
    """A failure of ours and a refusal for haste may end differently the next time."""
    assert is_worth_keeping(status) is is_kept
