"""Several generators told as one."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TypeVar

T = TypeVar("T")


async def interleave(generators: Sequence[AsyncGenerator[T, None]]) -> AsyncGenerator[T, None]:
    """Yield what the generators yield, as it comes.

    The first error of one ends all; closing this generator closes them before it returns.
    """
    if len(generators) == 1:
        async with aclosing(generators[0]) as only:
            async for item in only:
                yield item
        return
    # An entry is an item, or a task that has ended.
    news: asyncio.Queue[tuple[T] | asyncio.Task[None]] = asyncio.Queue()
    tasks = [asyncio.create_task(_pump(generator, news)) for generator in generators]
    for task in tasks:
        task.add_done_callback(news.put_nowait)
    try:
        num_running = len(tasks)
        while num_running:
            entry = await news.get()
            if isinstance(entry, asyncio.Task):
                entry.result()
                num_running -= 1
            else:
                yield entry[0]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pump(generator: AsyncGenerator[T, None], news: "asyncio.Queue[tuple[T] | asyncio.Task[None]]") -> None:
    async with aclosing(generator) as items:
        async for item in items:
            news.put_nowait((item,))
