"""How much a long prompt of less urgent work delays the first token of a short request of more urgent work.

    python -m bench.interference [--model NAME] [--pair interactive/bulk] [--no-hush] [--tokens 4096] [--rounds 12]

Prints one JSON object with the times in seconds, alone and while the less urgent engine computes, and their ratio. The
two are measured in turns, so that whatever else the machine does falls on both. A spoken request lets the others
pause, as the server does, unless `--no-hush` is given.
"""

import argparse
import asyncio
import json
import statistics
import time
from contextlib import aclosing, nullcontext
from dataclasses import dataclass, replace
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

QUESTION = "What is the capital of France? Answer in one word."


@dataclass(frozen=True, slots=True)
class Pair:
    """Who waits, who computes beside it, and whether the one lets the other pause."""

    waits: Urgency = "interactive"
    computes: Urgency = "bulk"
    hushes: bool = True


PAIRS = {f"{pair.waits}/{pair.computes}": pair for pair in (Pair(), Pair("spoken"), Pair("spoken", "interactive"))}


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


class Load:
    """A long prompt that an engine computes for as long as the block lasts, again and again."""

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
            raise RuntimeError("the engine stopped computing")
        self._work.cancel()
        await asyncio.gather(self._work, return_exceptions=True)
        while await self._engine.server.num_working():  # noqa: ASYNC110  (the process can only be asked)
            await asyncio.sleep(0.01)

    async def _run(self) -> None:
        while True:
            async with aclosing(self._engine.chat(chat(self._text, 1))) as facts:
                async for _ in facts:
                    pass


async def measure(entry: Entry, num_tokens: int, num_rounds: int, pair: Pair | None = None) -> dict[str, object]:
    """Measure in turns, alone and beside other work."""
    pair = pair or Pair()
    settings = read_settings()
    folder = ModelFolder(settings.weights_dir)
    fleet = LlamaFleet(folder.stored, FleetLimits(settings.engine_threads, settings.engine_slots, 16))
    waiting, computing = (fleet.text_engine(entry, urgency) for urgency in (pair.waits, pair.computes))
    if waiting is None or computing is None:
        raise SystemExit(f"The model {entry.name} is not here: antiphon pull {entry.name}")
    load = Load(computing, num_tokens)
    hushes = pair.hushes and pair.waits == "spoken"
    alone_s: list[float] = []
    beside_s: list[float] = []
    try:
        for engine in (waiting, computing):  # both processes start, and touch their weights once
            await first_token_s(engine)
        for _ in range(num_rounds):
            alone_s.append(await first_token_s(waiting))
            async with load:
                with fleet.hush() if hushes else nullcontext():
                    beside_s.append(await first_token_s(waiting))
    finally:
        await fleet.drain(grace_s=0)
    alone, beside = statistics.median(alone_s), statistics.median(beside_s)
    return {
        "model": entry.name,
        "waits": pair.waits,
        "computes": pair.computes,
        "hushes": hushes,
        "prompt_tokens": num_tokens,
        "alone_s": [round(seconds, 3) for seconds in alone_s],
        "beside_s": [round(seconds, 3) for seconds in beside_s],
        "median_alone_s": round(alone, 3),
        "median_beside_s": round(beside, 3),
        "ratio": round(beside / alone, 2),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="qwen2.5-coder-0.5b-instruct")
    parser.add_argument("--pair", choices=PAIRS, default="interactive/bulk")
    parser.add_argument("--no-hush", action="store_true")
    parser.add_argument("--tokens", type=int, default=4096)
    parser.add_argument("--rounds", type=int, default=12)
    options = parser.parse_args()
    entry = shipped_catalogue().entry(options.model)
    pair = replace(PAIRS[options.pair], hushes=not options.no_hush)
    print(json.dumps(asyncio.run(measure(entry, options.tokens, options.rounds, pair)), indent=2))


if __name__ == "__main__":
    main()
