"""The made set: scenes of each kind, spoken by the cast of one part in turn."""

from collections.abc import Iterator
from itertools import cycle, islice

import numpy as np
from bench.turns import phrases
from bench.turns.noises import Array, noises
from bench.turns.scenes import ANSWER_DBFS, USER_DBFS, Echo, Scene, at_level, over_answer, spoken, telephoned
from bench.turns.speakers import Cast, backchannels, cast
from bench.turns.voices import RATE_HZ, Speaker, Studio, Wave, hummed

from antiphon.audio.formats import AudioFormat

SNRS_DB = (20.0, 10.0, 5.0)
LOSSES_DB = (20.0, 10.0)
# Who wears headphones hears us without an echo.
HEARD_LOSSES_DB = (None, *LOSSES_DB)
# Who cuts in speaks up, as loud as what is to be drowned; who only agrees speaks softly.
INTERRUPTION_DBFS = -24.0
BACKCHANNEL_DBFS = -28.0
PAUSE_MS = 400.0
LEAD_MS, TAIL_MS = 4_000.0, 1_500.0
# An answer of this length lets the echo be learned, as the greeting of a conversation does.
_ANSWER_MS = 9_000
# Below the sentence's level, where nobody hears a voice.
_QUIET_DB = -25.0
_SEEDS = {"choosing": 11, "proof": 12}


class MadeSet:
    """Scenes of one part, so many of each kind; the same numbers give the same scenes on the same machine."""

    def __init__(self, part: str, studio: Studio, piper_voice: str, num_scenes: int) -> None:
        self._studio = studio
        self._seed = _SEEDS[part]
        self._cast: Cast = cast(part, studio, piper_voice)
        self._plain = Speaker("piper", piper_voice)
        self._answers = phrases.ANSWERS[part]
        self._num_scenes = num_scenes
        self._prepare()

    def _prepare(self) -> None:
        """Let Piper, which takes long to start, say all that it will have to say."""
        sentences = self._cast.sentences[: self._num_scenes]
        self._studio.speak_all(self._plain, [*self._answers, *sentences])
        of_pace = {speaker.pace: speaker for speaker in self._cast.speakers if speaker.engine == "piper"}
        for speaker in of_pace.values():
            hums = [text for texts in backchannels(speaker).values() for text in texts]
            self._studio.speak_all(speaker, [*hums, *sentences, *self._cast.interruptions[: self._num_scenes]])

    def in_noise(self, num_scenes: int) -> Iterator[tuple[str, float, Scene]]:
        """Yield for each noise and ratio (dB) scenes in which the user says a sentence after four seconds."""
        sentences = [wave for _, wave in self._sentences(num_scenes, self._rng("noise"))]
        for noise_name, make in noises(
            self._studio.speak_all(self._plain, list(self._cast.sentences[: self._num_scenes]))
        ).items():
            for snr_db in SNRS_DB:
                rng = self._rng(f"{noise_name} {snr_db}")
                for sentence in sentences:
                    num_samples = len(sentence) + round((LEAD_MS + TAIL_MS) * RATE_HZ / 1000)
                    noise = make(num_samples, rng) * 10 ** ((USER_DBFS - snr_db) / 20)
                    scene = spoken(noise_name, at_level(sentence, USER_DBFS), LEAD_MS, TAIL_MS, noise)
                    yield noise_name, snr_db, scene

    def echoes(self, num_minutes: float) -> Iterator[Scene]:
        """Yield answers with nobody there but their echo: half the time for each loss, a delay and voice of its own."""
        for loss_db in LOSSES_DB:
            rng, left_ms = self._rng(f"echo {loss_db}"), num_minutes * 60_000 / len(LOSSES_DB)
            while left_ms > 0:
                length_ms = min(left_ms, 30_000.0)
                answer = self._answer(length_ms, rng)
                echo = Echo(loss_db, rng.uniform(0, 380))
                yield over_answer(f"echo at -{loss_db:.0f} dB", answer, None, 0.0, echo)
                left_ms -= length_ms

    def backchannels(self) -> Iterator[Scene]:
        """Yield 'mm-hm' and 'yeah' in turn, into answers with no echo, one at -20 dB and one at -10 dB in turn."""
        rng = self._rng("backchannels")
        told = islice(zip(cycle(("mm-hm", "yeah")), self._hums_and_yeahs(rng), strict=False), self._num_scenes)
        for index, (_, (name, wave)) in enumerate(told):
            voice = at_level(wave, BACKCHANNEL_DBFS + rng.uniform(-3, 3))
            yield self._into_answer(name, voice, HEARD_LOSSES_DB[index % len(HEARD_LOSSES_DB)], rng)

    def interruptions(self, losses_db: tuple[float | None, ...] = HEARD_LOSSES_DB) -> Iterator[Scene]:
        """Yield users who cut in, into answers with each of these echoes in turn."""
        rng = self._rng("interruptions")
        texts, speakers = self._cast.interruptions, self._shuffled(rng)
        for index in range(self._num_scenes):
            # Each round of the phrases meets other echoes.
            speaker, text = speakers[index % len(speakers)], texts[(index + index // len(texts)) % len(texts)]
            wave = self._studio.speak(speaker, text)
            voice = at_level(wave, INTERRUPTION_DBFS + rng.uniform(-3, 3))
            loss_db = losses_db[index % len(losses_db)]
            yield self._into_answer(f"{speaker.engine}: {text}", voice, loss_db, rng)

    def pauses(self) -> Iterator[Scene]:
        """Yield sentences that stop for `PAUSE_MS` at a gap between two words, in their middle."""
        rng = self._rng("pauses")
        for engine, sentence in self._sentences(self._num_scenes, rng):
            voice = at_level(sentence, USER_DBFS)
            first, last = _gap(voice)
            silence = np.zeros(round(PAUSE_MS * RATE_HZ / 1000))
            scene = spoken(engine, np.concatenate([voice[:first], silence, voice[last:]]), 600.0, 5_000.0)
            start_ms = 600.0 + first * 1000 / RATE_HZ
            yield Scene(
                scene.name,
                scene.heard,
                onset_ms=scene.onset_ms,
                end_ms=scene.end_ms,
                pauses_ms=((start_ms, start_ms + PAUSE_MS),),
            )

    def telephoned(self) -> Iterator[Scene]:
        """Yield sentences over a telephone, in both of its codings in turn."""
        sentences = self._sentences(self._num_scenes, self._rng("telephone"))
        codings = cycle((AudioFormat.MULAW, AudioFormat.ALAW))
        for (engine, sentence), coding in zip(sentences, codings, strict=False):
            yield telephoned(spoken(engine, at_level(sentence, USER_DBFS), 600.0, TAIL_MS), coding)

    def _into_answer(self, name: str, voice: Array, loss_db: float | None, rng: np.random.Generator) -> Scene:
        echo = Echo(loss_db, rng.uniform(0, 380)) if loss_db is not None else None
        at_ms = rng.uniform(2_500, 5_500)
        how = "headphones" if loss_db is None else f"echo -{loss_db:.0f}"
        return over_answer(f"{name} ({how})", self._answer(_ANSWER_MS, rng), voice, at_ms, echo)

    def _hums_and_yeahs(self, rng: np.random.Generator) -> Iterator[tuple[str, Wave]]:
        """Yield 'mm-hm' and 'yeah' in turn, each time by another speaker."""
        hummers = [speaker for speaker in self._shuffled(rng) if "mm-hm" in backchannels(speaker)]
        for index, (hummer, speaker) in enumerate(zip(cycle(hummers), cycle(self._shuffled(rng)), strict=False)):
            if index % 4 == 0:
                yield "hummed: mm-hm", hummed(rng, rng.uniform(90, 240))
            else:
                text = str(rng.choice(backchannels(hummer)["mm-hm"]))
                yield f"{hummer.engine}: {text}", self._studio.speak(hummer, text)
            text = str(rng.choice(backchannels(speaker)["yeah"]))
            yield f"{speaker.engine}: {text}", self._studio.speak(speaker, text)

    def _sentences(self, num_scenes: int, rng: np.random.Generator) -> Iterator[tuple[str, Wave]]:
        speakers, texts = self._shuffled(rng), self._cast.sentences[: self._num_scenes]
        for index in range(num_scenes):
            speaker = speakers[index % len(speakers)]
            yield speaker.engine, self._studio.speak(speaker, texts[index % len(texts)])

    def _answer(self, length_ms: float, rng: np.random.Generator) -> Array:
        """Return our own speech, in one of our voices' pitches."""
        pitch, length = rng.choice((0.9, 1.0, 1.12)), round(length_ms * RATE_HZ / 1000)
        speaker = Speaker(self._plain.engine, self._plain.voice, float(pitch))
        texts = [text for _, text in zip(range(8), cycle(self._answers), strict=False)]
        order = rng.permutation(len(texts))
        parts = list[Array]()
        for index in cycle(order):
            said = self._studio.speak(speaker, texts[int(index)])
            parts += [at_level(said, ANSWER_DBFS), np.zeros(round(rng.uniform(0.1, 0.4) * RATE_HZ))]
            if sum(map(len, parts)) >= length:
                return np.concatenate(parts)[:length]
        raise AssertionError("a cycle does not end")

    def _shuffled(self, rng: np.random.Generator) -> list[Speaker]:
        return [self._cast.speakers[int(index)] for index in rng.permutation(len(self._cast.speakers))]

    def _rng(self, what: str) -> np.random.Generator:
        return np.random.default_rng([self._seed, *what.encode()])


def _gap(voice: Array) -> tuple[int, int]:
    """Return from where to where a sentence is quiet in its middle half: between two words, if it is a sentence."""
    power = np.convolve(voice**2, np.ones(160) / 160, "same")
    first, last = len(voice) // 4, 3 * len(voice) // 4
    quietest = first + int(np.argmin(np.convolve(power, np.ones(320) / 320, "same")[first:last]))
    is_quiet = power < np.mean(power) * 10 ** (_QUIET_DB / 10)
    before, after = np.flatnonzero(~is_quiet[:quietest]), np.flatnonzero(~is_quiet[quietest:])
    return int(before[-1]), quietest + int(after[0])
