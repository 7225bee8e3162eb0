"""What the detector does with the made set, as counts."""

from collections.abc import Iterable
from dataclasses import dataclass

from bench.turns.listening import Listener, Told
from bench.turns.scenes import Scene

from antiphon.realtime.config import SemanticVad, ServerVad
from antiphon.realtime.turns.frames import FRAME_MS
from antiphon.realtime.turns.signs import TurnEnded, VoiceBegan

CAUGHT_WITHIN_MS = 300.0
# A detector that hears a frame ahead of the onset heard the frame that the onset is in.
_EARLY_MS = FRAME_MS
_SILENCE_MS = 500
# A turn holds so much of what was said before it began.
_PADDING_MS = ServerVad().prefix_padding_ms
_FIRST_MS = 1_000


@dataclass(frozen=True)
class Count:
    """How many of how many, and which were not as they should be."""

    num: int
    of: int
    others: tuple[str, ...] = ()
    times_ms: tuple[float, ...] = ()

    def __str__(self) -> str:
        return f"{self.num} of {self.of}"


@dataclass(frozen=True)
class InNoise:
    """Sentences in one noise at one ratio: found in time, ended in a second, and noise that was taken for a voice.

    `first_second` is of the noise that nobody knows yet, `false_starts` of the three seconds after it.
    """

    found: Count
    first_second: Count
    false_starts: Count
    ended: Count


def in_noise(listener: Listener, scenes: Iterable[Scene]) -> InNoise:
    """Hear sentences in noise, with turns that end after 500 ms of silence; a soft last sound may drown."""
    found = first_second = false_starts = ended = num = 0
    for scene in scenes:
        assert scene.onset_ms is not None
        assert scene.end_ms is not None
        told, num = listener.hear(scene, ServerVad(silence_duration_ms=_SILENCE_MS)), num + 1
        begun = [one.sign.first_frame * FRAME_MS for one in told if isinstance(one.sign, VoiceBegan)]
        early = [at_ms for at_ms in begun if at_ms < scene.onset_ms - 100]
        first_second += any(at_ms < _FIRST_MS for at_ms in early)
        false_starts += any(at_ms >= _FIRST_MS for at_ms in early)
        found += any(scene.onset_ms - 100 <= at_ms <= scene.onset_ms + 300 for at_ms in begun)
        ended += any(scene.end_ms - 300 <= one.at_ms <= scene.end_ms + 1_000 for one in _ends(told)[-1:])
    return InNoise(Count(found, num), Count(first_second, num), Count(false_starts, num), Count(ended, num))


def interrupted_by_echo(listener: Listener, scenes: Iterable[Scene]) -> Count:
    """Count the answers that their own echo interrupts."""
    return _began(listener, scenes)


def interrupted_by_backchannels(listener: Listener, scenes: Iterable[Scene]) -> Count:
    """Count the answers that 'mm-hm' and 'yeah' interrupt."""
    return _began(listener, scenes)


def caught_interruptions(listener: Listener, scenes: Iterable[Scene]) -> Count:
    """Count the users who cut in and are heard within `CAUGHT_WITHIN_MS` of their first sound."""
    num = caught = 0
    others, times_ms = list[str](), list[float]()
    for scene in scenes:
        assert scene.onset_ms is not None
        began = [one.at_ms - scene.onset_ms for one in _begins(listener.hear(scene, stops=True))]
        num += 1
        is_caught = bool(began) and -_EARLY_MS <= began[0] <= CAUGHT_WITHIN_MS
        caught += is_caught
        times_ms += began[:1]
        if not is_caught:
            others.append(f"{scene.name}: {f'{began[0]:.0f} ms' if began else 'never'}")
    return Count(caught, num, tuple(others), tuple(times_ms))


def borne_pauses(listener: Listener, scenes: Iterable[Scene]) -> tuple[Count, Count]:
    """Count the sentences whose pause ends no turn under semantic_vad, and those whose end does within a second."""
    num = borne = ended = 0
    cut, times_ms = list[str](), list[float]()
    for scene in scenes:
        assert scene.end_ms is not None
        ends = _ends(listener.hear(scene, SemanticVad()))
        num += 1
        start_ms, stop_ms = scene.pauses_ms[0]
        is_cut = any(start_ms <= one.at_ms <= stop_ms + FRAME_MS for one in ends)
        borne += not is_cut
        if is_cut:
            cut.append(scene.name)
        waits_ms = [one.at_ms - scene.end_ms for one in ends if one.at_ms >= scene.end_ms]
        times_ms += waits_ms[:1]
        ended += bool(waits_ms) and waits_ms[0] <= 1_000
    return Count(borne, num, tuple(cut)), Count(ended, num, times_ms=tuple(times_ms))


def whole_turns(listener: Listener, scenes: Iterable[Scene]) -> Count:
    """Count the sentences that are one turn from their beginning to their end, with 500 ms of silence after it."""
    num = whole = 0
    others, times_ms = list[str](), list[float]()
    for scene in scenes:
        assert scene.onset_ms is not None
        assert scene.end_ms is not None
        told, num = listener.hear(scene, ServerVad(silence_duration_ms=_SILENCE_MS)), num + 1
        begun = [one.sign.first_frame * FRAME_MS for one in told if isinstance(one.sign, VoiceBegan)]
        ended = [one.at_ms for one in _ends(told)]
        if len(begun) == len(ended) == 1 and begun[0] <= scene.onset_ms + _PADDING_MS and ended[0] >= scene.end_ms:
            whole += 1
            times_ms.append(ended[0] - scene.end_ms)
        else:
            others.append(f"{scene.name}: {len(begun)} begun, {len(ended)} ended")
    return Count(whole, num, tuple(others), tuple(times_ms))


def _began(listener: Listener, scenes: Iterable[Scene]) -> Count:
    num, names, times_ms = 0, list[str](), list[float]()
    for scene in scenes:
        num += 1
        began = _begins(listener.hear(scene))
        if began:
            names.append(scene.name)
            times_ms.append(began[0].at_ms - (scene.onset_ms or 0.0))
    return Count(len(names), num, tuple(names), tuple(times_ms))


def _begins(told: list[Told]) -> list[Told]:
    return [one for one in told if isinstance(one.sign, VoiceBegan)]


def _ends(told: list[Told]) -> list[Told]:
    return [one for one in told if isinstance(one.sign, TurnEnded)]
