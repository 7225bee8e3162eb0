"""Part `first-token`: how soon an answer begins when its prompt is new, repeated, half known or known from before."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from bench.cache.client import Seen, Target
from bench.cache.prompts import Document, document
from bench.cache.servers import Ours, plain_llama, vllm

# Words of the document, and about as many tokens: all of 1,024 tokens and more, below which nothing counts as cached.
SIZES = {"1k": (1040, 1300), "2k": (1750, 2300), "4k": (3600, 4500)}
CASES = ("cold", "repeated", "other question", "after restart")
OURS, LLAMA, VLLM = "Antiphon", "llama.cpp", "vLLM"


@dataclass(frozen=True, slots=True)
class Timed:
    """One request of the part."""

    system: str
    model: str
    size: str
    prompt: int
    case: str
    seen: Seen

    def row(self) -> dict[str, object]:
        """Return it flat, for a line of JSON."""
        fields = asdict(self)
        return fields | fields.pop("seen")


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured: documents of each size, and how long ours is left idle after each to write it behind."""

    num_documents: int
    settle_s: float
    sizes: Sequence[str] = tuple(SIZES)


def measure(model: str, extent: Extent, folder: Path, *, with_llama: bool) -> list[Timed]:
    """Ask ours and, in turn with it, a plain llama.cpp; then kill ours, start it again and ask it once more."""
    documents = _documents(model, extent)
    ours = Ours(folder)
    seen: list[Timed] = []
    if with_llama:
        with ours.running(model) as target, plain_llama(model, folder) as llama:
            for place, (size, text) in enumerate(documents):
                seen += _asked_thrice(OURS, target, (size, place), text)
                seen += _asked_thrice(LLAMA, llama, (size, place), text)
                time.sleep(extent.settle_s)
    else:
        with ours.running(model) as target:
            for place, (size, text) in enumerate(documents):
                seen += _asked_thrice(OURS, target, (size, place), text)
                time.sleep(extent.settle_s)
    with ours.running(model) as target:
        for place, (size, text) in enumerate(documents):
            seen.append(_told(Timed(OURS, model, size, place, "after restart", target.ask(text.asked(0)))))
    return seen


def measure_vllm(model: str, hf_folder: Path, extent: Extent, folder: Path) -> list[Timed]:
    """Ask vLLM the same."""
    seen: list[Timed] = []
    with vllm(model, hf_folder, folder) as target:
        for place, (size, text) in enumerate(_documents(model, extent)):
            seen += _asked_thrice(VLLM, target, (size, place), text)
    return seen


def _asked_thrice(system: str, target: Target, which: tuple[str, int], text: Document) -> list[Timed]:
    size, place = which
    order = (("cold", 0), ("repeated", 0), ("other question", 1))
    return [
        _told(Timed(system, target.model, size, place, case, target.ask(text.asked(question))))
        for case, question in order
    ]


def _told(timed: Timed) -> Timed:
    print(timed.row(), flush=True)
    return timed


def _documents(model: str, extent: Extent) -> list[tuple[str, Document]]:
    """The sizes in turn, so that whatever the machine does meanwhile falls on all."""
    of = Random(f"{model} first token")
    return [(size, document(of, *SIZES[size])) for _ in range(extent.num_documents) for size in extent.sizes]
