"""Several generators told as one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from antiphon.engines.llama.interleave import interleave
from antiphon.errors import EngineFailed


class Source:
    """A generator whose items come when it is told, and which knows that it was closed."""

    def __init__(self) -> None:
        self.items: asyncio.Queue[str | Exception | None] = asyncio.Queue()
        self.is_closed = False

    async def generate(self) -> AsyncGenerator[str, None]:
        try:
            while (item := await self.items.get()) is not None:
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            self.is_closed = True


def three() -> list[Source]:
    """Return three sources."""
    return [Source() for _ in range(3)]


async def test_items_come_in_the_order_in_which_they_are_made():
    """None waits for another source."""
    sources = three()
    async with aclosing(interleave([source.generate() for source in sources])) as told:
        for place, item in ((2, "a"), (0, "b"), (2, "c"), (1, "d")):
            sources[place].items.put_nowait(item)
            assert await anext(told) == item


async def test_it_ends_when_all_have_ended():
    """And tells all of each."""
    sources = three()
    for source in sources:
        for item in ("x", "y", None):
            source.items.put_nowait(item)
    found = [item async for item in interleave([source.generate() for source in sources])]
    assert sorted(found) == ["x", "x", "x", "y", "y", "y"]


@pytest.mark.parametrize("num_sources", [1, 3])
async def test_an_error_of_one_closes_all(num_sources: int):
    """The error is the caller's as it was raised, and nothing goes on behind it."""
    sources = three()[:num_sources]
    sources[-1].items.put_nowait(EngineFailed("broken"))
    with pytest.raises(EngineFailed, match="broken"):
        _ = [item async for item in interleave([source.generate() for source in sources])]
    assert all(source.is_closed for source in sources)


@pytest.mark.parametrize("num_sources", [1, 3])
async def test_closing_it_closes_all(num_sources: int):
    """Nobody works for a caller who left."""
    sources = three()[:num_sources]
    sources[0].items.put_nowait("a")
    async with aclosing(interleave([source.generate() for source in sources])) as told:
        await anext(told)
    assert all(source.is_closed for source in sources)
