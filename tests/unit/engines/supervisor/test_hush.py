"""Processes that stand still while somebody waits for a sound."""

from collections.abc import Callable
from contextlib import ExitStack

import pytest

from antiphon.engines.supervisor.hush import Hush
from antiphon.engines.supervisor.pauses import MAX_PAUSE_S
from antiphon.testing.clock import FakeClock


class Process:
    """Remembers whether it stands still."""

    is_paused = False

    def pause(self) -> None:
        self.is_paused = True

    def resume(self) -> None:
        self.is_paused = False


class Timer:
    """A call that is to come."""

    def __init__(self, at_s: float, call: Callable[[], None]) -> None:
        self.at_s = at_s
        self.call = call
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class World:
    """A process, a clock and what is to be called."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.process = Process()
        self.timers: list[Timer] = []
        self.hush = Hush(lambda: [self.process], clock=self.clock, call_later=self._call_later)  # type: ignore[arg-type]

    def _call_later(self, delay_s: float, call: Callable[[], None]) -> Timer:
        self.timers.append(Timer(self.clock.now_s + delay_s, call))
        return self.timers[-1]

    def wait(self, seconds: float) -> None:
        """Let time pass, and call what is due."""
        until_s = self.clock.now_s + seconds
        while due := [timer for timer in self.timers if not timer.is_cancelled and timer.at_s <= until_s]:
            self.timers.remove(due[0])
            self.clock.now_s = due[0].at_s
            due[0].call()
        self.clock.now_s = until_s


def test_a_process_stands_still_while_the_block_lasts():
    world = World()
    with world.hush.hush():
        assert world.process.is_paused
    assert not world.process.is_paused


def test_the_last_block_to_end_lets_it_go_on():
    world = World()
    with world.hush.hush():
        with world.hush.hush():
            pass
        assert world.process.is_paused
    assert not world.process.is_paused


def test_an_error_in_the_block_lets_it_go_on():
    world = World()
    with pytest.raises(ValueError, match="broken"), world.hush.hush():
        raise ValueError("broken")
    assert not world.process.is_paused


def test_a_block_that_lasts_long_lets_it_run_in_turns():
    world = World()
    with world.hush.hush():
        world.wait(MAX_PAUSE_S * 1.5)
        assert not world.process.is_paused
        world.wait(MAX_PAUSE_S)
        assert world.process.is_paused
        world.wait(MAX_PAUSE_S)
        assert not world.process.is_paused


def test_nothing_is_left_to_be_called_after_the_last_block():
    world = World()
    with ExitStack() as blocks:
        for _ in range(3):
            blocks.enter_context(world.hush.hush())
            world.wait(0.1)
    assert all(timer.is_cancelled for timer in world.timers)


def test_a_process_that_comes_while_it_is_quiet_is_paused_by_the_next_wish():
    world = World()
    late = Process()
    processes = [world.process]
    hush = Hush(lambda: processes, clock=world.clock, call_later=world._call_later)  # type: ignore[arg-type]
    with hush.hush():
        processes.append(late)
        with hush.hush():
            assert late.is_paused
    assert not late.is_paused
