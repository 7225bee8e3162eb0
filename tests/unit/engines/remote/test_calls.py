"""Calls to an upstream that answers, refuses, breaks and stalls as it is told to, on a clock that the test moves."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any, cast

import pytest
import structlog
import structlog.testing

from antiphon.engines.http import Upstream, UpstreamRefusal
from antiphon.engines.remote.calls import Call, Calls, World
from antiphon.engines.remote.retries import BackOff
from antiphon.errors import (
    EngineFailed,
    EngineOverloaded,
    EngineTimedOut,
    EngineUnavailable,
    InvalidRequest,
    RateLimited,
    UpstreamFailed,
)
from antiphon.testing.clock import FakeClock

Answer = list[bytes | Exception]
STREAM = Call("/chat/completions", "m", b"{}", streams=True)
WHOLE = Call("/chat/completions", "m", b"{}", streams=False)
UNREACHABLE = EngineUnavailable("no one is there")
BROKEN = EngineFailed("the line went dead")


def refusal(status: int, headers: Mapping[str, str] | None = None) -> UpstreamRefusal:
    return UpstreamRefusal(status, b'{"error":{"message":"no"}}', headers or {})


class FakeUpstream:
    """Gives one answer after the other: pieces, and errors in their places. The last is given again and again."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.num_asked = 0
        self.num_open = 0
        self.headers: object = None

    async def stream(self, _path: str, _body: bytes, headers: object = None) -> AsyncGenerator[bytes, None]:
        self.headers = headers
        self.num_asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.num_open += 1
        try:
            for piece in answer:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            self.num_open -= 1

    async def pieces(self, path: str, body: bytes, headers: object = None) -> AsyncGenerator[bytes, None]:
        async for piece in self.stream(path, body, headers):
            yield piece

    async def post(self, path: str, body: bytes, headers: object = None) -> bytes:
        return b"".join([piece async for piece in self.stream(path, body, headers)])


class Pieces:
    """Reads each piece as one fact; a piece that begins with `!` is an error that it raises."""

    is_counted = True

    def read(self, data: bytes) -> list[str]:
        if data == b"!refusal":
            raise refusal(503)
        if data == b"!malformed":
            raise UpstreamFailed("what?")
        return [data.decode()] if data != b"nothing" else []

    def end(self) -> str:
        return "end"


class Line:
    """Calls to a fake upstream, and the clock that they wait by."""

    def __init__(self, *answers: Answer, num_retries: int = 2, max_in_flight: int = 8) -> None:
        self.clock = FakeClock()
        self.upstream = FakeUpstream(*answers)
        self.calls = Calls(
            "up",
            cast("Upstream", self.upstream),
            World(clock=self.clock, now=self.clock, draw=lambda: 0.0, sleep=self.clock.sleep),
            key=None,
            back_off=BackOff(num_retries),
            max_in_flight=max_in_flight,
        )

    def begin(self, call: Call = STREAM) -> AsyncGenerator[str, None]:
        return self.calls.told(call, Pieces)

    async def told(self, call: Call = STREAM) -> list[str]:
        return [fact async for fact in self.begin(call)]

    async def fails(self, kind: type[Exception]) -> Any:
        with pytest.raises(kind) as failure:
            await self.told()
        return failure.value


async def test_what_is_read_is_told_and_then_the_end():
    """Piece by piece, the mark of the end and empty events left out."""
    line = Line([b"a", b"", b"b", b"[DONE]"])
    assert await line.told() == ["a", "b", "end"]
    assert line.upstream.num_asked == 1


async def test_a_whole_answer_is_read_at_once():
    """It comes by a call that is not streamed."""
    assert await Line([b"a", b"b"]).told(WHOLE) == ["ab", "end"]


@pytest.mark.parametrize("call", [STREAM, WHOLE], ids=["streamed", "whole"])
@pytest.mark.parametrize("fault", [UNREACHABLE, BROKEN, *map(refusal, (408, 409, 429, 500, 502, 503, 504))], ids=repr)
async def test_a_fault_that_may_pass_is_tried_again(fault: Exception, call: Call):
    """The caller never learns of it; each wait is longer than the last."""
    line = Line([fault], [fault], [b"a"])
    assert await line.told(call) == ["a", "end"]
    assert line.clock.slept_s == [0.25, 0.5]


@pytest.mark.parametrize("fault", [EngineTimedOut("late"), *map(refusal, (400, 401, 403, 404, 422))], ids=repr)
async def test_a_fault_that_will_not_pass_is_told_at_once(fault: Exception):
    """Another try would say the same, or take as long again."""
    line = Line([fault])
    await line.fails(Exception)
    assert line.upstream.num_asked == 1


async def test_tries_come_to_an_end():
    """After the last of them the caller learns what went wrong."""
    line = Line([UNREACHABLE], num_retries=2)
    assert await line.fails(EngineUnavailable) is UNREACHABLE
    assert line.upstream.num_asked == 3


async def test_no_retries_may_be_wanted():
    """With none, the first fault is the caller's answer."""
    line = Line([UNREACHABLE], num_retries=0)
    await line.fails(EngineUnavailable)
    assert line.upstream.num_asked == 1


@pytest.mark.parametrize("fault", [UNREACHABLE, BROKEN, b"!refusal"], ids=repr)
async def test_nothing_is_tried_again_once_a_fact_was_told(fault: Any):
    """What the caller has read cannot be taken back."""
    line = Line([b"a", fault], [b"b"])
    facts = line.begin()
    assert await anext(facts) == "a"
    with pytest.raises(EngineFailed):
        await anext(facts)
    assert line.upstream.num_asked == 1


async def test_a_stream_that_broke_before_its_first_fact_is_tried_again():
    """Events that told nothing do not count."""
    line = Line([b"nothing", BROKEN], [b"nothing", b"!refusal"], [b"a"])
    assert await line.told() == ["a", "end"]


async def test_a_stream_that_stalls_times_out():
    """In mid-stream too the error says that it was time that ran out."""
    line = Line([b"a", EngineTimedOut("late")])
    facts = line.begin()
    await anext(facts)
    with pytest.raises(EngineTimedOut):
        await anext(facts)


async def test_what_cannot_be_read_is_not_asked_for_again():
    """A server that speaks another language will not learn ours."""
    line = Line([b"!malformed"])
    await line.fails(UpstreamFailed)
    assert line.upstream.num_asked == 1


async def test_an_upstream_that_says_when_is_waited_for():
    """`retry-after` takes the place of our own wait."""
    line = Line([refusal(429, {"retry-after": "3"})], [b"a"])
    assert await line.told() == ["a", "end"]
    assert line.clock.slept_s == [3.0]


async def test_an_upstream_that_wants_a_long_wait_sends_the_caller_away():
    """The caller is told when to come back."""
    line = Line([refusal(429, {"retry-after": "60"})])
    limited = await line.fails(RateLimited)
    assert limited.retry_after_s == 60
    assert line.clock.slept_s == []


async def test_closing_the_facts_closes_the_connection():
    """At once, not when the garbage is collected."""
    line = Line([b"a", b"b"])
    facts = line.begin()
    await anext(facts)
    assert (line.upstream.num_open, line.calls.num_in_flight) == (1, 1)
    await facts.aclose()
    assert (line.upstream.num_open, line.calls.num_in_flight) == (0, 0)


async def test_calls_over_the_bound_are_turned_away():
    """They do not wait: the caller may try elsewhere."""
    line = Line([b"a", b"b"], max_in_flight=2)
    first, second = line.begin(), line.begin()
    await anext(first)
    await anext(second)
    await line.fails(EngineOverloaded)
    await first.aclose()
    assert await line.told() == ["a", "b", "end"]
    await second.aclose()


@pytest.mark.parametrize("answer", [[b"a"], [b"a", BROKEN], [refusal(400)], [UNREACHABLE]], ids=repr)
async def test_a_call_that_ended_in_any_way_gives_up_its_place(answer: Answer):
    """Nothing leaks a place among those in flight."""
    line = Line(answer, num_retries=0)
    await asyncio.gather(line.told(), return_exceptions=True)
    assert line.calls.num_in_flight == 0


async def test_an_upstream_that_fails_and_fails_is_left_alone():
    """Five failures in a row open the circuit; then callers are turned away without a call."""
    line = Line([UNREACHABLE], num_retries=0)
    for _ in range(5):
        await line.fails(EngineUnavailable)
    turned_away = await line.fails(EngineUnavailable)
    assert "left alone for 1 s" in turned_away.message
    assert line.upstream.num_asked == 5


async def test_the_circuit_closes_when_the_upstream_is_well():
    """One call is tried after the cool-down, and its success lets the others pass."""
    line = Line(*[[UNREACHABLE]] * 5, [b"a"], num_retries=0)
    for _ in range(5):
        await line.fails(EngineUnavailable)
    line.clock.advance(1)
    assert await line.told() == ["a", "end"]
    assert await line.told() == ["a", "end"]


async def test_a_call_that_is_on_trial_lets_others_pass_from_its_first_fact():
    """A long answer does not keep the circuit open."""
    line = Line(*[[UNREACHABLE]] * 5, [b"a", b"b"], num_retries=0)
    for _ in range(5):
        await line.fails(EngineUnavailable)
    line.clock.advance(1)
    trial = line.begin()
    await anext(trial)
    assert await line.told() == ["a", "b", "end"]
    await trial.aclose()


async def test_a_trial_that_its_caller_gave_up_leaves_the_next_call_to_try():
    """A caller that hung up says nothing about the upstream."""
    line = Line(*[[UNREACHABLE]] * 5, [b"nothing", b"a"], num_retries=0)
    for _ in range(5):
        await line.fails(EngineUnavailable)
    line.clock.advance(1)
    held = asyncio.Event()

    async def stalled(_path: str, _body: bytes) -> AsyncGenerator[bytes, None]:
        await held.wait()
        yield b"never"

    stream, line.upstream.stream = line.upstream.stream, stalled  # pyright: ignore[reportAttributeAccessIssue]
    given_up = asyncio.ensure_future(line.told())
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    line.upstream.stream = stream  # pyright: ignore[reportAttributeAccessIssue]
    assert await line.told() == ["a", "end"]


async def test_what_the_caller_did_wrong_says_nothing_against_the_upstream():
    """It answered, and well."""
    line = Line([refusal(400)])
    for _ in range(8):
        await line.fails(InvalidRequest)
    assert line.upstream.num_asked == 8


async def test_a_circuit_that_opens_during_the_tries_tells_what_went_wrong():
    """The caller reads of the fault, and not of the circuit that it opened."""
    line = Line([refusal(503, {"retry-after": "0"})], num_retries=9)
    assert "status 503" in (await line.fails(UpstreamFailed)).message
    assert line.upstream.num_asked == 5


class Uncounted(Pieces):
    """Reads answers of an upstream that tells no usage."""

    is_counted = False


async def test_the_operator_is_warned_once_of_an_upstream_that_does_not_count():
    """Its answers would seem to cost nothing."""
    line = Line([b"a"])
    with structlog.testing.capture_logs() as logs:
        for _ in range(2):
            assert [fact async for fact in line.calls.told(STREAM, Uncounted)] == ["a", "end"]
    assert [(entry["log_level"], entry["engine"]) for entry in logs] == [("warning", "up")]
