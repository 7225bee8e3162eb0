"""Fits the weights that know a backchannel by its first 192 to 288 ms, and writes `backchannel_weights.py`.

Each sound is heard several times as other microphones and throats would have it: another level, tilt, length of the
vocal tract, place within the first frame, noise of 15 to 35 dB below, our own answer 4 to 22 dB below, or neither.
`python -m bench.turns.fit` takes ten minutes, most of them for speaking; the seeds are fixed.
"""

import argparse
from base64 import b85encode
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr
from bench.turns import phrases
from bench.turns.speakers import backchannels, cast
from bench.turns.voices import Speaker, Studio, Wave, hummed, weights_of

from antiphon.realtime.turns.backchannels import MAX_FRAMES, MIN_FRAMES, features
from antiphon.realtime.turns.frames import FRAME_SAMPLES, RATE_HZ, hear

VOICE = "piper-en-us-joe-medium"
NUM_HIDDEN = 24
STEPS = 12_000
LEARNING_RATE = 5e-3
DECAY = 2e-3
BATCH = 256
# Words that are backchannels for some and answers for others teach less; there are fewer 'yeah' than 'mm-hm'.
KIND_WEIGHTS = {"other": 0.5, "yeah": 2.0}
# Of the backchannels that nothing was fitted on, so many may pass for interruptions by each number of frames.
PASSING = {6: 0.008, 7: 0.016, 8: 0.026, 9: 0.036}
WEIGHTS_PATH = Path(__file__).parents[2] / "src/antiphon/realtime/turns/backchannel_weights.py"

Array = npt.NDArray[np.float64]


def sounds(part: str, studio: Studio, voice: str, rng: np.random.Generator) -> list[tuple[str, Wave]]:
    """Return all sounds of a part with their kinds; that of an interruption is ''."""
    team = cast(part, studio, voice)
    made = [("mm-hm", hummed(rng, rng.uniform(85, 150) if i % 2 else rng.uniform(160, 260))) for i in range(120)]
    for speaker in team.speakers:
        for kind, texts in backchannels(speaker).items():
            made += [(kind, wave) for wave in studio.speak_all(speaker, list(texts))]
        made += [("", wave) for wave in studio.speak_all(speaker, _said_by(speaker, team.interruptions, rng))]
    return made


def _said_by(speaker: Speaker, texts: tuple[str, ...], rng: np.random.Generator) -> list[str]:
    """Return what a speaker says: there are so many voices and phrases that each says a part."""
    num_texts = min(len(texts), 50 if speaker.engine == "espeak" else 120)
    return [texts[int(index)] for index in rng.permutation(len(texts))[:num_texts]]


def heard(sound: Wave, answer: Wave, rng: np.random.Generator) -> Array:
    """Return the bands of a sound on one more microphone, over our own answer or not, frame by frame."""
    num_samples = MAX_FRAMES * FRAME_SAMPLES
    throat = rng.uniform(0.88, 1.15)
    other = _tilted(soxr.resample(sound[: 2 * num_samples], RATE_HZ * throat, RATE_HZ)[:num_samples], rng)
    # Where the beginning lies before the first frame's: a beginning in an echo is noticed late.
    lead = int(rng.triangular(-450, 0, 1_800))
    level = 10 ** (rng.uniform(-32, -18) / 20)
    scene = np.zeros(num_samples)
    span = other[max(0, lead) :][: num_samples - max(0, -lead)]
    scene[max(0, -lead) : max(0, -lead) + len(span)] = span * level / np.sqrt(np.mean(other**2))
    is_noisy = rng.random() < 0.4
    scene += rng.normal(size=num_samples) * (level * 10 ** (-rng.uniform(15, 35) / 20) if is_noisy else 3e-4)
    if rng.random() < 0.6:
        start = int(rng.integers(len(answer) - num_samples))
        gain = level * 10 ** (-rng.uniform(4, 22) / 20) / np.sqrt(np.mean(answer**2))
        scene += answer[start : start + num_samples] * gain
    frames = (np.clip(scene, -1, 1) * 32767).astype(np.int16).reshape(MAX_FRAMES, FRAME_SAMPLES)
    return np.asarray([hear(frame).bands_db for frame in frames])


def _tilted(sound: Wave, rng: np.random.Generator) -> Wave:
    hz = np.maximum(np.fft.rfftfreq(len(sound), 1 / RATE_HZ), 50)
    tilt_db = rng.uniform(-3, 3) * np.log2(hz / 800)
    bump_db = rng.uniform(-6, 6) * np.exp(-0.5 * (np.log2(hz / rng.uniform(200, 3_500)) / 0.5) ** 2)
    return np.fft.irfft(np.fft.rfft(sound) * 10 ** ((tilt_db + bump_db) / 20), len(sound)).astype(np.float32)


class Net:
    """Features, tanh, a number: above 0 for a backchannel. Adam, weight decay, a cosine of the learning rate."""

    def __init__(self, inputs: Array, rng: np.random.Generator) -> None:
        self.mean, self.spread = inputs.mean(axis=0), inputs.std(axis=0) + 0.05
        self.into = rng.normal(size=(inputs.shape[1], NUM_HIDDEN)) / np.sqrt(inputs.shape[1])
        self.bias, self.out, self.out_bias = np.zeros(NUM_HIDDEN), rng.normal(size=NUM_HIDDEN) / 4, np.zeros(1)

    def scores(self, inputs: Array) -> Array:
        """Return the number for each row."""
        hidden = np.tanh((inputs - self.mean) / self.spread @ self.into + self.bias)
        return hidden @ self.out + self.out_bias

    def fit(self, inputs: Array, is_backchannel: Array, weights: Array, rng: np.random.Generator) -> None:
        """Lessen the weighted cross entropy."""
        parts = [self.into, self.bias, self.out, self.out_bias]
        first, second = ([np.zeros_like(part) for part in parts] for _ in range(2))
        scaled = (inputs - self.mean) / self.spread
        for step in range(1, STEPS + 1):
            rows = rng.integers(len(inputs), size=BATCH)
            slopes = self._slopes(scaled[rows], is_backchannel[rows], weights[rows])
            rate = LEARNING_RATE * (0.5 + 0.5 * np.cos(np.pi * step / STEPS))
            for index, slope in enumerate(slopes):
                first[index] += 0.1 * (slope - first[index])
                second[index] += 0.001 * (slope**2 - second[index])
                size = np.sqrt(second[index] / (1 - 0.999**step)) + 1e-8
                parts[index] -= rate * first[index] / (1 - 0.9**step) / size

    def _slopes(self, rows: Array, truth: Array, weights: Array) -> list[Array]:
        hidden = np.tanh(rows @ self.into + self.bias)
        wrong = (1 / (1 + np.exp(-(hidden @ self.out + self.out_bias))) - truth) * weights / len(rows)
        back = np.outer(wrong, self.out) * (1 - hidden**2)
        return [
            rows.T @ back + DECAY * self.into,
            back.sum(axis=0),
            hidden.T @ wrong + DECAY * self.out,
            np.atleast_1d(wrong.sum()),
        ]

    def folded(self) -> bytes:
        """Return all weights for features as they are, as half-precision numbers."""
        into = self.into / self.spread[:, np.newaxis]
        flat = [into.ravel(), self.bias - self.mean @ into, self.out, self.out_bias]
        return np.concatenate(flat).astype("<f2").tobytes()


def examples(part: str, studios: tuple[Studio, ...], voice: str, repeats: tuple[int, int]) -> tuple[Array, list[str]]:
    """Return the bands and the kinds of a part; backchannels and interruptions are repeated so often."""
    rng = np.random.default_rng({"fitting": 1, "choosing": 2}[part])
    plain = Speaker("piper", voice)
    answer = np.concatenate(studios[0].speak_all(plain, list(phrases.ANSWERS[part])))
    rows, kinds = list[Array](), list[str]()
    for kind, sound in chain.from_iterable(sounds(part, studio, voice, rng) for studio in studios):
        for _ in range(repeats[0] if kind else repeats[1]):
            rows.append(heard(sound, answer, rng))
            kinds.append(kind)
    return np.stack(rows), kinds


def featured(bands: Array, num_frames: int) -> Array:
    """Return the features of the first frames of all examples."""
    return np.stack([features(example[:num_frames].tolist()) for example in bands])


def fitted(bands: Array, kinds: list[str], num_frames: int) -> Net:
    """Return a net that weighs so many frames; both sorts count alike."""
    truth = np.asarray([bool(kind) for kind in kinds])
    weights = np.where(truth, 0.5 / truth.mean(), 0.5 / (1 - truth.mean()))
    weights *= np.asarray([KIND_WEIGHTS.get(kind, 1.0) for kind in kinds])
    inputs = featured(bands, num_frames)
    net = Net(inputs, np.random.default_rng(0))
    net.fit(inputs, truth.astype(np.float64), weights, np.random.default_rng(0))
    return net


def main() -> None:
    """Fit, choose the thresholds, tell the errors, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path.home() / ".cache/antiphon-bench/turns")
    chosen = parser.parse_args()
    studio, voice = Studio(chosen.folder, varies=True), str(weights_of(VOICE))
    steady = Studio(chosen.folder)
    bands, kinds = examples("fitting", (studio, steady), voice, (5, 3))
    others, their_kinds = examples("choosing", (studio, steady), voice, (2, 2))
    labels = np.asarray(their_kinds)
    is_backchannel = (labels == "mm-hm") | (labels == "yeah")
    passes, nets, thresholds = np.zeros(len(labels), dtype=bool), dict[int, Net](), dict[int, float]()
    for num_frames in range(MIN_FRAMES, MAX_FRAMES + 1):
        nets[num_frames] = fitted(bands, kinds, num_frames)
        scores = nets[num_frames].scores(featured(others, num_frames))
        # Those that passed before are gone; of the rest so many may pass now.
        left = np.sort(scores[is_backchannel & ~passes])
        may_pass = round(PASSING[num_frames] * is_backchannel.sum()) - int((is_backchannel & passes).sum())
        thresholds[num_frames] = float(left[max(0, may_pass)]) - 1e-3
        passes |= scores <= thresholds[num_frames]
        shares = {kind or "interruptions": float(np.mean(passes[labels == kind])) for kind in sorted(set(their_kinds))}
        print(f"after {num_frames} frames: " + ", ".join(f"{kind} {share:.3f}" for kind, share in shares.items()))
    _write(nets, thresholds)


def _write(nets: dict[int, Net], thresholds: dict[int, float]) -> None:
    blocks = list[str]()
    for num_frames, net in nets.items():
        text = b85encode(net.folded()).decode()
        lines = "\n".join(text[start : start + 110] for start in range(0, len(text), 110))
        blocks.append(f'    {num_frames}: """\n{lines}\n""",\n')
    shown = ", ".join(f"{num_frames}: {threshold:.3f}" for num_frames, threshold in thresholds.items())
    WEIGHTS_PATH.write_text(
        '"""The weights of `backchannels` by the number of frames that they weigh.\n\nInto the hidden numbers, a row '
        "for each feature, their bias, to the score, its bias: half-precision numbers in\nbase 85, written by "
        '`bench/turns/fit.py`.\n"""\n\n'
        f"NUM_HIDDEN = {NUM_HIDDEN}\n"
        "# Scores of voices that were not fitted: few backchannels pass below.\n"
        f"THRESHOLDS = {{{shown}}}\n"
        f"WEIGHTS = {{\n{''.join(blocks)}}}\n"
    )


if __name__ == "__main__":
    main()
