"""Which work of a process is taken next, and what is told of it: one step at a time, by hand."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.speech.queue import WorkQueue
from antiphon.engines.speech.serving import Refused, step
from antiphon.engines.speech.wire import WINDOW, Answered, Ended, Failed, Told


def three_parts(payload: bytes) -> Iterator[bytes]:
    """Tell a payload three times."""
    for _ in range(3):
        yield payload


class Desk:
    """A queue, and all that was answered."""

    def __init__(self) -> None:
        self.queue = WorkQueue()
        self.answers: list[Answered] = []

    def order(self, num_steps: int) -> list[int]:
        """Take steps and return which works told something, in order."""
        for _ in range(num_steps):
            step(self.queue, three_parts)
        return [answer.work_id for answer in self.answers if isinstance(answer, Told)]


def test_works_are_done_one_after_the_other():
    """Of two works of a kind the first is finished first."""
    desk = Desk()
    desk.queue.add(1, b"a", desk.answers.append, is_urgent=False)
    desk.queue.add(2, b"b", desk.answers.append, is_urgent=False)
    assert desk.order(8) == [1, 1, 1, 2, 2, 2]
    assert desk.answers[3] == Ended(1)


def test_urgent_work_comes_between_the_steps_of_other_work():
    """An urgent work that comes in the midst is done before the rest of what had begun."""
    desk = Desk()
    desk.queue.add(1, b"a", desk.answers.append, is_urgent=False)
    desk.order(1)
    desk.queue.add(2, b"b", desk.answers.append, is_urgent=True)
    assert desk.order(7) == [1, 2, 2, 2, 1, 1]


def test_work_that_is_cancelled_before_it_began_is_never_begun():
    """Nothing of it is told, not even its end."""
    desk = Desk()
    work = desk.queue.add(1, b"a", desk.answers.append, is_urgent=False)
    desk.queue.cancel(work)
    step(desk.queue, three_parts)
    assert desk.answers == []
    assert work.steps is None


def test_work_that_is_cancelled_in_the_midst_is_closed():
    """The iterator is closed at its next turn, so that what it holds is let go."""
    desk = Desk()
    closed: list[bytes] = []

    def holding(payload: bytes) -> Iterator[bytes]:
        try:
            yield payload
            yield payload
        finally:
            closed.append(payload)

    work = desk.queue.add(1, b"a", desk.answers.append, is_urgent=False)
    step(desk.queue, holding)
    desk.queue.cancel(work)
    step(desk.queue, holding)
    assert closed == [b"a"]
    assert desk.answers == [Told(1, b"a")]


def test_work_whose_listener_is_slow_rests():
    """No more than a window of answers is on its way; others have the thread, and a taken answer lets it go on."""
    desk = Desk()

    def endless(payload: bytes) -> Iterator[bytes]:
        while True:
            yield payload

    work = desk.queue.add(1, b"a", desk.answers.append, is_urgent=True)
    other = desk.queue.add(2, b"b", desk.answers.append, is_urgent=False)
    for _ in range(WINDOW + 1):
        step(desk.queue, endless)
    assert desk.answers == [*[Told(1, b"a")] * WINDOW, Told(2, b"b")]
    desk.queue.cancel(other)
    step(desk.queue, endless)
    desk.queue.want_more(work)
    step(desk.queue, endless)
    assert desk.answers[-1] == Told(1, b"a")


def test_work_that_rests_is_closed_when_it_is_cancelled():
    """A listener that is gone leaves nothing behind."""
    desk = Desk()
    closed: list[bytes] = []

    def endless(payload: bytes) -> Iterator[bytes]:
        try:
            while True:
                yield payload
        finally:
            closed.append(payload)

    work = desk.queue.add(1, b"a", desk.answers.append, is_urgent=True)
    for _ in range(WINDOW):
        step(desk.queue, endless)
    desk.queue.cancel(work)
    step(desk.queue, endless)
    assert closed == [b"a"]


def test_a_refusal_and_a_fault_are_told_apart():
    """What was asked is at fault in one, the engine in the other."""

    def refusing(payload: bytes) -> Iterator[bytes]:
        yield from ()
        raise Refused("Ask otherwise.")

    def failing(payload: bytes) -> Iterator[bytes]:
        yield from ()
        raise RuntimeError("out of memory")

    desk = Desk()
    desk.queue.add(1, b"", desk.answers.append, is_urgent=False)
    step(desk.queue, refusing)
    desk.queue.add(2, b"", desk.answers.append, is_urgent=False)
    step(desk.queue, failing)
    assert desk.answers == [
        Failed(1, is_refusal=True, message="Ask otherwise."),
        Failed(2, is_refusal=False, message="RuntimeError: out of memory"),
    ]


def test_a_fault_that_nobody_foresaw_is_let_through():
    """It ends the process, which is better than an engine in an unknown state."""

    def broken(payload: bytes) -> Iterator[bytes]:
        yield from ()
        raise AssertionError("this cannot be")

    desk = Desk()
    desk.queue.add(1, b"", desk.answers.append, is_urgent=False)
    with pytest.raises(AssertionError):
        step(desk.queue, broken)


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_every_work_is_told_whole_and_urgent_ones_first(urgencies: list[bool]):
    """Whatever comes in, urgent works end before the others, each kind in the order of arrival."""
    desk = Desk()
    for work_id, is_urgent in enumerate(urgencies):
        desk.queue.add(work_id, b"x", desk.answers.append, is_urgent=is_urgent)
    desk.order(4 * len(urgencies))
    ended = [answer.work_id for answer in desk.answers if isinstance(answer, Ended)]
    assert ended == sorted(range(len(urgencies)), key=lambda number: not urgencies[number])
