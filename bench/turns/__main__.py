"""`python -m bench.turns`: what the turn detector does with the made set, of the part that nothing was tuned on."""

import argparse
from collections import defaultdict
from pathlib import Path
from statistics import median

from bench.turns import measure
from bench.turns.listening import Listener
from bench.turns.made_set import MadeSet
from bench.turns.scenes import Scene
from bench.turns.voices import Studio, weights_of

from antiphon.engines.hearing.sessions import open_session
from antiphon.engines.hearing.silero import SileroVoiceActivity
from antiphon.engines.hearing.smart_turn import SmartTurnJudge

VOICE, ACTIVITY, JUDGE = "piper-en-us-joe-medium", "silero-vad-v6.2", "smart-turn-v3.2"


def main() -> None:
    """Make the set, hear it, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("choosing", "proof"), default="proof")
    parser.add_argument("--scenes", type=int, default=30, help="of each kind")
    parser.add_argument("--minutes", type=float, default=10, help="of echo")
    parser.add_argument("--folder", type=Path, default=Path.home() / ".cache/antiphon-bench/turns")
    parser.add_argument("--quick", action="store_true", help="without the noises")
    parser.add_argument("--verbose", action="store_true")
    chosen = parser.parse_args()
    voices = open_session(weights_of(ACTIVITY))
    listener = Listener(lambda: SileroVoiceActivity(voices), SmartTurnJudge(open_session(weights_of(JUDGE))))
    made = MadeSet(chosen.part, Studio(chosen.folder), str(weights_of(VOICE)), chosen.scenes)
    if not chosen.quick:
        _noise(listener, made, min(chosen.scenes, 20))
    _over_answers(listener, made, chosen)
    whole = measure.whole_turns(listener, made.telephoned())
    _print("sentences over a telephone that are one whole turn", whole, is_verbose=chosen.verbose)
    borne, ended = measure.borne_pauses(listener, made.pauses())
    _print("pauses of 400 ms that end no turn", borne, is_verbose=chosen.verbose)
    _print("turns ended within 1 s of their end", ended, is_verbose=chosen.verbose)
    print(f"    median wait {median(ended.times_ms):.0f} ms, longest {max(ended.times_ms):.0f} ms")


def _noise(listener: Listener, made: MadeSet, num_scenes: int) -> None:
    groups = defaultdict[tuple[str, float], list[Scene]](list)
    for name, snr_db, scene in made.in_noise(num_scenes):
        groups[name, snr_db].append(scene)
    for (name, snr_db), scenes in groups.items():
        heard = measure.in_noise(listener, scenes)
        print(
            f"{name} at {snr_db:.0f} dB: sentences found {heard.found}, ended within 1 s {heard.ended}, "
            f"noise taken for a voice in the first second {heard.first_second}, later {heard.false_starts}"
        )


def _over_answers(listener: Listener, made: MadeSet, chosen: argparse.Namespace) -> None:
    echo = measure.interrupted_by_echo(listener, made.echoes(chosen.minutes))
    _print(f"answers interrupted by their echo in {chosen.minutes:.0f} minutes", echo, is_verbose=chosen.verbose)
    backchannels = measure.interrupted_by_backchannels(listener, made.backchannels())
    _print("backchannels that interrupt", backchannels, is_verbose=chosen.verbose)
    caught = measure.caught_interruptions(listener, made.interruptions())
    _print("interruptions caught within 300 ms", caught, is_verbose=chosen.verbose)
    print(f"    median {median(caught.times_ms):.0f} ms after the first sound")
    loud = sum("echo -10" in other for other in caught.others)
    print(f"    of the others, {loud} over an echo of -10 dB, {len(caught.others) - loud} over a softer one or none")


def _print(what: str, count: measure.Count, *, is_verbose: bool) -> None:
    print(f"{what}: {count}")
    for other in count.others if is_verbose else ():
        print(f"    {other}")


if __name__ == "__main__":
    main()
