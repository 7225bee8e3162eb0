"""Measure the prompt cache: `python -m bench.cache [--quick] [--parts first-token,peers,trace,overhead]`.

`first-token`, `trace` and `overhead` are what the page's sections say; `peers` sets plain llama.cpp, and vLLM where it
is installed, beside the first two. The whole takes under half an hour, `--quick` under four minutes.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.cache import first_token, overhead, trace
from bench.cache.report import Results, page
from bench.cache.servers import has_vllm

MODELS = ("smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct")
SMALL = MODELS[0]
PARTS = ("first-token", "peers", "trace", "overhead")
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks" / "cache.md"
QUICK_SETTLE_S = 2.5
SETTLE_S = 4.0


@dataclass(frozen=True, slots=True)
class Extent:
    """How much one run measures. The larger model takes four times as long as the small one: half as many for it."""

    num_documents: int
    num_conversations: int
    num_turns: int
    num_prompts: int
    settle_s: float
    sizes: Sequence[str]

    def first_token(self, model: str) -> first_token.Extent:
        """Return the part's extent for a model."""
        num = self.num_documents if model == SMALL else max(1, self.num_documents // 2)
        return first_token.Extent(num, self.settle_s, self.sizes)


WHOLE = Extent(6, 20, 4, 16, SETTLE_S, tuple(first_token.SIZES))
QUICK = Extent(2, 8, 3, 8, QUICK_SETTLE_S, ("1k", "2k"))


def measure(extent: Extent, parts: Sequence[str], models: Sequence[str], hf_folder: Path | None) -> Results:
    """Measure part after part, each on a data folder of its own."""
    results = Results()
    with_llama = "peers" in parts
    with tempfile.TemporaryDirectory() as name:
        if "first-token" in parts:
            for model in models:
                folder = _made(Path(name) / f"first-token-{model}")
                found = first_token.measure(model, extent.first_token(model), folder, with_llama=with_llama)
                results.first_token += found
            if with_llama:
                _measure_vllm(results, extent, hf_folder, _made(Path(name) / "vllm"))
        if "trace" in parts:
            script = trace.requests(extent.num_conversations, extent.num_turns)
            folder = _made(Path(name) / "trace")
            results.trace = trace.measure(models[0], script, folder, with_llama=with_llama)
        if "overhead" in parts:
            for model in models:
                folder = _made(Path(name) / f"overhead-{model}")
                results.overhead[model] = overhead.measure(model, extent.num_prompts, folder)
    return results


def main() -> None:
    """Measure, print each request, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few requests of each kind, on the small model")
    parser.add_argument("--parts", default=",".join(PARTS), help="which parts to measure")
    parser.add_argument("--models", help="which embedded models; the trace takes the first")
    parser.add_argument("--vllm-weights", type=Path, help="the small model as a folder of safetensors")
    parser.add_argument("--documents", type=int, help="documents of each size for the small model; half for the other")
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args()
    parts = options.parts.split(",")
    if unknown := set(parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    models = options.models.split(",") if options.models else MODELS[:1] if options.quick else MODELS
    extent = QUICK if options.quick else WHOLE
    if options.documents:
        extent = replace(extent, num_documents=options.documents)
    results = measure(extent, parts, models, options.vllm_weights)
    options.page.parent.mkdir(parents=True, exist_ok=True)
    options.page.write_text(page(results), encoding="utf-8")
    print(options.page.read_text(encoding="utf-8"))


def _measure_vllm(results: Results, extent: Extent, hf_folder: Path | None, folder: Path) -> None:
    if hf_folder is None or not has_vllm():
        results.left_out = "vLLM is not part of this run: it is not installed, or `--vllm-weights` was not given."
    else:
        results.first_token += first_token.measure_vllm(SMALL, hf_folder, extent.first_token(SMALL), folder)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


if __name__ == "__main__":
    main()
