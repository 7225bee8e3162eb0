"""The figures of spoken answers as a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

from bench.speech.figures import Cut, median_size
from bench.speech.speaking import SpokenAnswer


@dataclass(frozen=True, slots=True)
class Results:
    """One run. `time_errors_ms` are of beginnings and ends, ours less the recogniser's."""

    answers: Sequence[SpokenAnswer]
    word_error_rates: Sequence[tuple[float, str]]
    num_exact: int
    num_cuts: int
    heard_cuts: Sequence[Cut]
    edge_errors_ms: Sequence[float]
    time_errors_ms: Sequence[tuple[float, float]]

    def rows(self) -> list[tuple[str, str]]:
        """Each figure with what it is of."""
        rates = [rate for rate, _ in self.word_error_rates]
        first_ms = [answer.first_ms for answer in self.answers]
        took_ms = sum(answer.took_ms for answer in self.answers)
        audio_ms = sum(answer.duration_ms for answer in self.answers)
        return [
            ("first clause to its samples, median", f"{median(first_ms):.0f} ms"),
            ("time to speak, of the time that it sounds", f"{took_ms / audio_ms:.1%}"),
            (f"word error rate over {len(rates)} answers, median", f"{median(rates):.1%}"),
            ("word error rate, mean", f"{mean(rates):.1%}"),
            ("cuts whose transcript is exactly the words that ended", f"{self.num_exact} of {self.num_cuts}"),
            ("cuts heard as they were kept", _share(cut.is_agreed for cut in self.heard_cuts)),
            ("the same, give or take a word", _share(cut.is_off_by_one_at_most for cut in self.heard_cuts)),
            (
                "a word's end before a pause, from the sound's, median",
                f"{median(self.edge_errors_ms):+.0f} ms",
            ),
            ("the same, without its sign", f"{median_size(self.edge_errors_ms):.0f} ms"),
            ("a word's beginning, from Whisper's, median", f"{median(one for one, _ in self.time_errors_ms):+.0f} ms"),
            ("a word's end, from Whisper's, median", f"{median(end for _, end in self.time_errors_ms):+.0f} ms"),
        ]


def _signed(value_ms: float) -> str:
    return f"{value_ms:+.0f} ms"


def printed(results: Results) -> str:
    """The figures, and what the recogniser heard otherwise."""
    lines = [f"{what}: {figure}" for what, figure in results.rows()]
    wrong = zip(results.answers, results.word_error_rates, strict=True)
    lines += [f"{rate:.0%}  {answer.text!r}  {heard!r}" for answer, (rate, heard) in wrong if rate > 0.1]
    lines += [
        f"cut at {cut.cut_ms:.0f} ms: kept {cut.kept!r}, heard {cut.heard!r}"
        for cut in results.heard_cuts
        if not cut.is_agreed
    ]
    return "\n".join(lines)


def write_page(path: Path, results: Results) -> None:
    """Write the page, which `python -m bench.speech` makes anew."""
    table = "\n".join(f"| {what} | {figure} |" for what, figure in results.rows())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_PAGE.format(table=table, num_heard=len(results.heard_cuts)), encoding="utf-8")


def _share(are: Iterable[bool]) -> str:
    every = list(are)
    return f"{sum(every)} of {len(every)}"


_PAGE = """# Spoken answers

`python -m bench.speech` has the embedded synthesiser speak fifty answers with numbers, dates, money, abbreviations,
markup and small words that run together, clause by clause as a conversation does, and lets Whisper base listen, with
nothing of ours in between. On two cores, which other programs may have used at the same time.

| of | figure |
| --- | --- |
{table}

The word error rate is taken with numerals spelt out in both texts. A cut is made at a random place in the audio; the
transcript that a conversation keeps of it is held against the words that ended by then, and for {num_heard} of the cuts
against what Whisper hears of the audio before the cut: all that was kept, and no word that had not begun. A recogniser
that hears half a word makes a whole one of it, or none, and of a quarter of a second it guesses: hence the
second figure. Whisper's own word times come from its attention and lie early; where the sound falls away
before a pause is measured in the samples.
"""
