"""The handshake says which generation a connection speaks."""

import pytest

from antiphon.realtime.dialects import answered_protocol, chosen

KEY = "openai-insecure-api-key.ek_1"
BETA = "openai-beta.realtime-v1"


@pytest.mark.parametrize(
    ("header", "subprotocols", "name"),
    [
        (None, [], "ga"),
        ("", ["realtime"], "ga"),
        ("assistants=v2", [], "ga"),
        (None, ["realtime", KEY, "openai-agents-sdk.0.20.0"], "ga"),
        ("realtime=v1", [], "beta"),
        ("assistants=v2, realtime=v1", [], "beta"),
        (None, ["realtime", KEY, BETA], "beta"),
        ("realtime=v10", [], "ga"),
    ],
)
def test_which_dialect_it_is(header: str | None, subprotocols: list[str], name: str):
    """A header or a subprotocol asks for beta, and nothing else does."""
    assert chosen(header, subprotocols).name == name


@pytest.mark.parametrize(
    ("offered", "answered"),
    [
        ([], None),
        (["realtime", KEY, BETA], "realtime"),
        ([KEY, "realtime"], "realtime"),
        ([KEY, BETA], BETA),
        ([KEY], None),
    ],
)
def test_which_subprotocol_is_accepted(offered: list[str], answered: str | None):
    """One of those that were offered is, and never the one with the key."""
    assert answered_protocol(offered) == answered
