"""A clock that stands still until it is told to go on."""

import asyncio


class FakeClock:
    """Tells `now_s` when called. Whoever sleeps by it goes on at once, and the clock is later by that long."""

    def __init__(self, now_s: float = 1_700_000_000.0) -> None:
        self.now_s = now_s
        self.slept_s: list[float] = []

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now_s

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now_s += seconds

    async def sleep(self, seconds: float) -> None:
        """Let others run once, and time pass."""
        self.slept_s.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)
