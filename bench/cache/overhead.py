"""Part `overhead`: what our layer adds to short prompts that are never found in the cache."""

from dataclasses import dataclass
from pathlib import Path
from random import Random

from bench.cache.prompts import document
from bench.cache.servers import Ours, plain_llama

WORDS = (200, 900)


@dataclass(frozen=True, slots=True)
class Pair:
    """One prompt asked of both; milliseconds to the first text."""

    prompt_tokens: int
    ours_ms: float
    llama_ms: float


def measure(model: str, num_prompts: int, folder: Path) -> list[Pair]:
    """Ask both each prompt once, in turn, and each first as often as the other."""
    of = Random(f"{model} overhead")
    pairs: list[Pair] = []
    with Ours(folder).running(model) as ours, plain_llama(model, folder) as llama:
        for number in range(num_prompts):
            messages = document(of, *WORDS).asked(number)
            first, second = (ours, llama) if number % 2 == 0 else (llama, ours)
            seen = {target: target.ask(messages) for target in (first, second)}
            pairs.append(Pair(seen[ours].prompt_tokens, seen[ours].first_ms, seen[llama].first_ms))
            print(pairs[-1], flush=True)
    return pairs
