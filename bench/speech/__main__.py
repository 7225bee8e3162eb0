"""Measure spoken answers: `python -m bench.speech [--heard 60] [--page PATH]`; `report.py` says what each figure is."""

import argparse
import asyncio
import os
from pathlib import Path

from bench.speech.answers import ANSWERS
from bench.speech.figures import edge_errors, is_exact, judged, random_cuts, time_errors, word_error_rates
from bench.speech.listening import Listener
from bench.speech.report import Results, printed, write_page
from bench.speech.speaking import SpokenAnswer, spoken_answer
from tests.fixtures.weights import weights_of

from antiphon.engines.speech.synthesiser import PiperSynthesiser
from antiphon.speech.voices import Voice

MODEL = "piper-en-us-joe-medium"
NUM_CUTS = 200
NUM_TIMED = 15
NUM_THREADS = 2
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks" / "speech.md"


async def spoken_answers() -> list[SpokenAnswer]:
    """Speak all answers, after one that nobody hears."""
    _, stored = weights_of(MODEL)
    synthesiser = PiperSynthesiser.of_model(MODEL, stored.path, digest=stored.sha256, num_threads=NUM_THREADS)
    voice = Voice("alloy", MODEL)
    try:
        await spoken_answer(synthesiser, voice, "Here I am.")
        return [await spoken_answer(synthesiser, voice, text) for text in ANSWERS]
    finally:
        await synthesiser.link.drain(0)


def measured(answers: list[SpokenAnswer], listener: Listener, num_heard: int) -> Results:
    """Hold spoken answers against what is written and what is heard."""
    cuts = random_cuts(answers, NUM_CUTS)
    return Results(
        answers=answers,
        word_error_rates=word_error_rates(answers, listener),
        num_exact=sum(is_exact(answer, cut_ms) for answer, cut_ms in cuts),
        num_cuts=len(cuts),
        heard_cuts=[judged(answer, cut_ms, listener) for answer, cut_ms in cuts[:num_heard]],
        edge_errors_ms=[error for answer in answers for error in edge_errors(answer)],
        time_errors_ms=[
            error
            for answer in answers[:NUM_TIMED]
            for error in time_errors(answer, listener.words(answer.samples, answer.rate_hz))
        ],
    )


def main() -> None:
    """Measure, print and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heard", type=int, default=60, help="how many of the 200 cuts the recogniser listens to")
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args()
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    answers = asyncio.run(spoken_answers())
    _, stored = weights_of("whisper-base")
    results = measured(answers, Listener(stored.path.parent), options.heard)
    print(printed(results))
    write_page(options.page, results)


if __name__ == "__main__":
    main()
