"""How much a long prompt in the bulk engine delays the first token of a short interactive request.

    python -m bench.interference [--model NAME] [--tokens 4096] [--rounds 12]

Prints one JSON object with the times in seconds, alone and while the bulk engine computes, and their ratio. The two
are measured in turns, so that whatever else the machine does falls on both.
"""

import argparse
import asyncio
import json
import statistics
import time
from contextlib import aclosing
from typing import Self

from antiphon.catalogue.entry import Entry
from antiphon.catalogue.reading import shipped_catalogue
from antiphon.engines.llama.engine import LlamaEngine
from antiphon.engines.llama.fleet import FleetLimits, LlamaFleet
from antiphon.generation.facts import TextProduced
from antiphon.generation.work import ChatWork, Urgency
from antiphon.settings import read_settings
from antiphon.stores.models.folder import ModelFolder
from antiphon.wire.chat.request import ChatRequest

URGENCIES: tuple[Urgency, ...] = ("interactive", "bulk")
QUESTION = "What is the capital of France? Answer in one word."


def chat(text: str, max_tokens: int) -> ChatWork:
    """Return the work of one message."""
    body = {"model": "m", "messages": [{"role": "user", "content": text}], "max_tokens": max_tokens, "temperature": 0}
    return ChatWork("chatcmpl-bench", "org", "m", ChatRequest.model_validate(body))


async def first_token_s(engine: LlamaEngine) -> float:
    """Return the seconds to the first text of a short answer."""
    start = time.monotonic()
    async with aclosing(engine.chat(chat(QUESTION, 2))) as facts:
        async for fact in facts:
            if isinstance(fact, TextProduced):
                return time.monotonic() - start
    raise RuntimeError("the model said nothing")


class BulkLoad:
    """A long prompt that the bulk engine computes for as long as the block lasts, again and again."""

    def __init__(self, engine: LlamaEngine, num_tokens: int) -> None:
        self._engine = engine
        # Two tokens a word in the vocabularies of the catalogue's models.
        self._text = " ".join(f"w{number % 10}" for number in range(num_tokens // 2 - 20))

    async def __aenter__(self) -> Self:
        self._work = asyncio.create_task(self._run())
        await asyncio.sleep(0.5)  # into the prompt
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._work.done():
            self._work.result()
            raise RuntimeError("the bulk engine stopped computing")
        self._work.cancel()
        await asyncio.gather(self._work, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            async with aclosing(self._engine.chat(chat(self._text, 1))) as facts:
                async for _ in facts:
                    pass


async def measure(entry: Entry, num_tokens: int, num_rounds: int) -> dict[str, object]:
    """Measure in turns, alone and beside bulk work."""
    settings = read_settings()
    folder = ModelFolder(settings.weights_dir)
    fleet = LlamaFleet(folder.stored, FleetLimits(settings.engine_threads, settings.engine_slots, 16))
    interactive, bulk = (fleet.text_engine(entry, urgency) for urgency in URGENCIES)
    if interactive is None or bulk is None:
        raise SystemExit(f"The model {entry.name} is not here: antiphon pull {entry.name}")
    load = BulkLoad(bulk, num_tokens)
    alone_s: list[float] = []
    beside_s: list[float] = []
    try:
        for engine in (interactive, bulk):  # both processes start, and touch their weights once
            await first_token_s(engine)
        for _ in range(num_rounds):
            alone_s.append(await first_token_s(interactive))
            async with load:
                beside_s.append(await first_token_s(interactive))
    finally:
        await fleet.drain(grace_s=0)
    alone, beside = statistics.median(alone_s), statistics.median(beside_s)
    return {
        "model": entry.name,
        "bulk_prompt_tokens": num_tokens,
        "alone_s": [round(seconds, 3) for seconds in alone_s],
        "beside_bulk_s": [round(seconds, 3) for seconds in beside_s],
        "median_alone_s": round(alone, 3),
        "median_beside_bulk_s": round(beside, 3),
        "ratio": round(beside / alone, 2),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="qwen2.5-coder-0.5b-instruct")
    parser.add_argument("--tokens", type=int, default=4096)
    parser.add_argument("--rounds", type=int, default=12)
    options = parser.parse_args()
    entry = shipped_catalogue().entry(options.model)
    print(json.dumps(asyncio.run(measure(entry, options.tokens, options.rounds)), indent=2))


if __name__ == "__main__":
    main()
