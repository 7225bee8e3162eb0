"""Measure spoken turns: `python -m bench.voice [--turns 100] [--parts voice,...]`; `report.py` says what each is."""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.gateway.processes import cores
from bench.voice import crowd, turns
from bench.voice.client import ANSWER_TOKENS
from bench.voice.figures import spread
from bench.voice.questions import INSTRUCTIONS, QUESTIONS
from bench.voice.report import AIMS_MS, Results, Row, write_page
from bench.voice.servers import PIPECAT_VERSION, antiphon, pipecat_turns, plain_llama, weights
from bench.voice.sound import Samples, spoken

SMALL, LARGE = AIMS_MS
PARTS = ("voice", "peer", "interruptions", "beside", "crowd", "listening")
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks" / "voice.md"
CUTS = ("Stop. I want to ask you something else.", "Wait a moment, please.", "No, that is not what I meant.")


class Run:
    """One run over the parts that were asked for."""

    def __init__(self, folder: Path, num_turns: int, num_peer_turns: int, parts: Sequence[str]) -> None:
        self._folder = folder
        self._num_turns = num_turns
        self._num_peer_turns = num_peer_turns
        self._parts = parts
        self.results = Results(len(QUESTIONS), PIPECAT_VERSION)

    def measure(self) -> None:
        """Measure part after part; each has the machine for itself."""
        with antiphon(self._folder) as (address, pid):
            questions = spoken(address, [question.text for question in QUESTIONS], self._folder)
            asyncio.run(self._spoken_parts(address, pid, questions))
        if "peer" in self._parts:
            self._peer()
        if "crowd" in self._parts:
            server_core, _ = cores()
            with antiphon(self._folder, server_core) as (address, pid):
                asyncio.run(self._crowd(address, pid))

    async def _spoken_parts(self, address: str, pid: int, questions: list[Samples]) -> None:
        if "voice" in self._parts:
            for model in (SMALL, LARGE):
                self._note(model, await turns.ask_all(address, model, questions, self._num_turns))
        if "beside" in self._parts:
            num = max(10, self._num_turns // 4)
            alone = await turns.ask_all(address, SMALL, questions, num)
            async with turns.long_prompts(address, LARGE, 4096):
                beside = await turns.ask_all(address, SMALL, questions, num)
            self.results.beside = spread(alone.voice_to_voice_ms()), spread(beside.voice_to_voice_ms())
        if "interruptions" in self._parts:
            await self._interruptions(address)
        if "listening" in self._parts:
            num = 20
            taken = await crowd.listening(address, pid, SMALL, questions[-1], num, seconds=15)
            self.results.listening = num, taken

    def _note(self, model: str, asked: turns.Asked) -> None:
        times = asked.voice_to_voice_ms()
        self.results.rows.append(
            Row(
                "Antiphon",
                model,
                spread(times),
                spread(asked.stopped_to_audio_ms()),
                asked.num_right(),
                len(asked.turns) - len(times),
            )
        )
        for number, turn in asked.turns:
            seen = {"question": number, "voice_to_voice_ms": turn.voice_to_voice_ms, "answer": turn.transcript}
            print(json.dumps({"model": model, **seen, "stages_ms": turn.stages_ms}), flush=True)

    async def _interruptions(self, address: str) -> None:
        num = max(6, self._num_turns // 5)
        story, *cuts = spoken(address, [turns.STORY, *CUTS], self._made_folder("cuts"))
        seen = []
        for number, cut in enumerate(cuts):
            seen += await turns.interrupt(address, SMALL, story, cut, num // len(cuts) + (number < num % len(cuts)))
        noticed = [one for one in seen if one.onset_to_started_ms is not None]
        self.results.num_interruptions = len(seen)
        self.results.num_interruptions_missed = len(seen) - len(noticed)
        onset = [one.onset_to_started_ms for one in noticed if one.onset_to_started_ms is not None]
        self.results.interruptions = [
            ("onset of the voice | `speech_started`", spread(onset)),
            (
                "confirmed (`speech_started`) | last stale byte",
                spread([one.started_to_last_byte_ms for one in noticed]),
            ),
            ("onset of the voice | last stale byte", spread([one.onset_to_last_byte_ms for one in noticed])),
        ]

    async def _crowd(self, address: str, pid: int) -> None:
        for num_sessions in (1, 50, 200):
            seen = await crowd.scripted(address, pid, num_sessions, num_turns=8)
            self.results.crowd.append((num_sessions, spread(seen.first_audio_ms), seen.cores))

    def _peer(self) -> None:
        for model in (SMALL, LARGE):
            with plain_llama(model, self._folder) as chat_url:
                for setting, name in (("default", "Pipecat as its guide has it"), ("best", "Pipecat at its best")):
                    order = self._order(model, f"{chat_url}/v1")
                    told = pipecat_turns(order, self._folder, setting)
                    self.results.rows.append(self._peer_row(name, model, told))

    def _peer_row(self, name: str, model: str, told: list[dict[str, Any]]) -> Row:
        times = [turn["voice_to_voice_ms"] for turn in told if turn["voice_to_voice_ms"] is not None]
        first = told[: len(QUESTIONS)]
        num_right = sum(QUESTIONS[turn["question"]].is_answered_by(turn["answer"]) for turn in first)
        return Row(name, model, spread(times), None, num_right, len(told) - len(times))

    def _order(self, model: str, chat_url: str) -> dict[str, Any]:
        return {
            "questions": [str(self._folder / f"{number}.wav") for number in range(len(QUESTIONS))],
            "turns": self._num_peer_turns,
            "turns_each": turns.TURNS_EACH,
            "recogniser": str(weights("whisper-tiny.en").parent),
            "voice": str(weights("piper-en-us-joe-medium")),
            "chat_url": chat_url,
            "model": model,
            "instructions": INSTRUCTIONS,
            "silence_s": 0.2,
            "answer_tokens": ANSWER_TOKENS,
        }

    def _made_folder(self, name: str) -> Path:
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        return folder


def main() -> None:
    """Measure, print each turn, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=100, help="turns with each of our models")
    parser.add_argument("--peer-turns", type=int, default=40, help="turns with each of the peer's")
    parser.add_argument("--parts", default=",".join(PARTS), help="which parts to measure")
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder), options.turns, options.peer_turns, options.parts.split(","))
        run.measure()
        write_page(run.results, options.page)
    print(options.page.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
