"""Numbers of sessions and responses are held to their documented ranges, in both generations."""

from typing import Any

import pytest

from antiphon.errors import InvalidRequest
from antiphon.wire.reading import read_value
from antiphon.wire.realtime import beta, ga
from antiphon.wire.request import WireRequest

SEMANTIC: dict[str, Any] = {"type": "semantic_vad"}
SERVER: dict[str, Any] = {"type": "server_vad"}


def heard(**vad: Any) -> dict[str, Any]:
    return {"audio": {"input": {"turn_detection": {**SERVER, **vad}}}}


def spoken(**output: Any) -> dict[str, Any]:
    return {"audio": {"output": output}}


def kept(ratio: float) -> dict[str, Any]:
    return {"truncation": {"type": "retention_ratio", "retention_ratio": ratio}}


RANGES = [
    (ga.RealtimeSession, "max_output_tokens", lambda value: {"max_output_tokens": value}, 1, 4096, 1),
    (ga.RealtimeSession, "audio.output.speed", lambda value: spoken(speed=value), 0.25, 1.5, 0.01),
    (ga.RealtimeSession, "truncation.retention_ratio", kept, 0.0, 1.0, 0.01),
    (
        ga.RealtimeSession,
        "audio.input.turn_detection.threshold",
        lambda value: heard(threshold=value),
        0.0,
        1.0,
        0.01,
    ),
    (
        ga.RealtimeSession,
        "audio.input.turn_detection.idle_timeout_ms",
        lambda value: heard(idle_timeout_ms=value),
        5000,
        30_000,
        1,
    ),
    (
        ga.RealtimeSession,
        "audio.input.turn_detection.silence_duration_ms",
        lambda value: heard(silence_duration_ms=value),
        0,
        60_000,
        1,
    ),
    (ga.Response, "max_output_tokens", lambda value: {"max_output_tokens": value}, 1, 4096, 1),
    (beta.Session, "max_response_output_tokens", lambda value: {"max_response_output_tokens": value}, 1, 4096, 1),
    (beta.Session, "temperature", lambda value: {"temperature": value}, 0.6, 1.2, 0.01),
    (beta.Session, "speed", lambda value: {"speed": value}, 0.25, 1.5, 0.01),
    (
        beta.Session,
        "turn_detection.prefix_padding_ms",
        lambda value: {"turn_detection": {"prefix_padding_ms": value}},
        0,
        60_000,
        1,
    ),
    (beta.Response, "temperature", lambda value: {"temperature": value}, 0.6, 1.2, 0.01),
]  # fmt: skip


@pytest.mark.parametrize(("model", "place", "make", "least", "most", "step"), RANGES)
def test_a_number_within_its_range_is_taken(
    model: type[WireRequest], place: str, make: Any, least: float, most: float, step: float
):
    """Both ends belong to it."""
    for value in (least, most):
        read_value(model, make(value))


@pytest.mark.parametrize(("model", "place", "make", "least", "most", "step"), RANGES)
def test_a_number_outside_its_range_is_refused(
    model: type[WireRequest], place: str, make: Any, least: float, most: float, step: float
):
    """A step beyond either end is told with its place."""
    for value in (least - step, most + step):
        with pytest.raises(InvalidRequest) as fault:
            read_value(model, make(value))
        assert fault.value.param == place


@pytest.mark.parametrize("model", [ga.RealtimeSession, beta.Session])
@pytest.mark.parametrize("value", ["infinite", 1.5, True])
def test_a_limit_is_a_whole_number_or_inf(model: type[WireRequest], value: object):
    """Nothing else is one."""
    name = "max_output_tokens" if model is ga.RealtimeSession else "max_response_output_tokens"
    with pytest.raises(InvalidRequest) as fault:
        read_value(model, {name: value})
    assert fault.value.param == name
    read_value(model, {name: "inf"})
