"""Speakers: Piper, espeak-ng and flite as programs of their own, with their pitch and pace changed, and a hummed
'mm-hm' made by arithmetic.

Waveforms are float32 at 16 kHz, peak below 1, without silence at either end. What was spoken once is kept in a folder.
"""

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from antiphon.catalogue.reading import shipped_catalogue
from antiphon.settings import read_settings
from antiphon.stores.models.folder import ModelFolder

RATE_HZ = 16_000

Wave = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Speaker:
    """A synthesiser with a voice. `pitch` multiplies pitch and formants, as another throat would; `pace` the speed."""

    engine: str  # piper, espeak or flite
    voice: str
    pitch: float = 1.0
    pace: float = 1.0


class Studio:
    """Lets speakers speak; a Piper voice is the path of its weights, which have their `.json` beside them."""

    def __init__(
        self, folder: Path, engines: tuple[str, ...] = ("piper", "espeak", "flite"), *, varies: bool = False
    ) -> None:
        self._folder = folder
        self._engines = engines
        # Piper's own chance makes each of its utterances another; without it figures can be had again.
        self._varies = varies
        folder.mkdir(parents=True, exist_ok=True)

    def has(self, engine: str) -> bool:
        """Whether the synthesiser is on this machine and wanted."""
        is_here = engine == "piper" or shutil.which({"espeak": "espeak-ng"}.get(engine, engine)) is not None
        return is_here and engine in self._engines

    def speak(self, speaker: Speaker, text: str) -> Wave:
        """Return one text as one speaker says it."""
        return self.speak_all(speaker, [text])[0]

    def speak_all(self, speaker: Speaker, texts: list[str]) -> list[Wave]:
        """Return all texts; those that were never spoken are spoken in as few runs of the program as it allows."""
        plain = [text for text in dict.fromkeys(texts) if not self._kept(speaker, text).exists()]
        for text, spoken in zip(plain, _synthesise(speaker, plain, varies=self._varies), strict=True):
            np.save(self._kept(speaker, text), trimmed(spoken))
        return [_pitched(np.load(self._kept(speaker, text)), speaker.pitch) for text in texts]

    def _kept(self, speaker: Speaker, text: str) -> Path:
        how = "" if self._varies or speaker.engine != "piper" else "steady|"
        said = f"{speaker.engine}|{Path(speaker.voice).name}|{speaker.pace}|{how}{text}"
        return self._folder / f"{hashlib.sha256(said.encode()).hexdigest()[:32]}.npy"


def weights_of(model: str) -> Path:
    """Return the weights of a catalogued model, as `antiphon pull` brought them. Raises `FileNotFoundError`."""
    stored = ModelFolder(read_settings().weights_dir).stored(shipped_catalogue().entry(model))
    if stored is None:
        raise FileNotFoundError(f"the model {model} is not here: antiphon pull {model}")
    return stored.path


def trimmed(samples: Wave, floor_db: float = -40.0) -> Wave:
    """Return the samples from the first to the last 5 ms that are louder than `floor_db` below the loudest."""
    power = np.convolve(samples**2, np.ones(80) / 80, "same")
    loud = np.flatnonzero(power > power.max() * 10 ** (floor_db / 10))
    return samples[loud[0] : loud[-1] + 1].astype(np.float32)


def hummed(rng: np.random.Generator, pitch_hz: float) -> Wave:
    """Return an 'mm-hm' through the nose: two hums with a breath between, the second one higher."""
    first, breath, second = (int(rng.uniform(*span) * 16) for span in ((90, 200), (30, 80), (120, 260)))
    length = first + breath + second
    at = np.arange(length)
    rise = rng.uniform(0.95, 1.35)
    turns = [1.0, rng.uniform(0.85, 1.0), 0.95 * rise, rise * rng.uniform(0.85, 1.1)]
    pitches = pitch_hz * np.interp(at, [0, first, first + breath, length], turns)
    phase, slope = 2 * np.pi * np.cumsum(pitches / RATE_HZ), rng.uniform(1.0, 1.15)
    source = sum(np.where(k * pitches < 7_500, np.sin(k * phase) / k**slope, 0) for k in range(1, 40))
    swell = np.interp(
        at,
        [0, 0.2 * first, 0.8 * first, first, first + breath, length - 0.85 * second, length - 0.4 * second, length],
        [0, 1, 0.9, 0, 0, 1, 0.7, 0],
    )
    breathing = np.interp(at, [0.8 * first, first + 0.5 * breath, first + 1.3 * breath], [0, 1, 0], left=0, right=0)
    voiced = source * swell + 0.03 * breathing * rng.normal(size=length)
    # A closed mouth lets little through but the nose's lowest resonance.
    lowest, middle, upper = rng.uniform(230, 320), rng.uniform(900, 1_200), rng.uniform(2_000, 2_500)
    resonances = ((lowest, 90, 1.0), (middle, 200, 0.1), (upper, 250, 0.06))
    hz = np.fft.rfftfreq(length, 1 / RATE_HZ)
    gain = sum(share / np.sqrt(1 + ((hz - at_hz) / width) ** 2) for at_hz, width, share in resonances)
    hum = np.fft.irfft(np.fft.rfft(voiced) * gain, length)
    return (0.5 * hum / np.abs(hum).max()).astype(np.float32)


def _pitched(samples: Wave, factor: float) -> Wave:
    return samples if factor == 1.0 else soxr.resample(samples, RATE_HZ * factor, RATE_HZ).astype(np.float32)


def _synthesise(speaker: Speaker, texts: list[str], *, varies: bool) -> list[Wave]:
    if speaker.engine == "piper":
        return _by_piper(speaker, texts, varies=varies) if texts else []
    return [_read(_program_output(speaker, text)) for text in texts]


def _program_output(speaker: Speaker, text: str) -> bytes:
    if speaker.engine == "espeak":
        command = ["espeak-ng", "-v", speaker.voice, "-s", str(round(165 * speaker.pace)), "--stdout", text]
        return subprocess.run(command, capture_output=True, check=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        pace = f"duration_stretch={1 / speaker.pace:.3f}"
        subprocess.run(["flite", "-voice", speaker.voice, "--setf", pace, "-t", text, "-o", str(path)], check=True)
        return path.read_bytes()


def _by_piper(speaker: Speaker, texts: list[str], *, varies: bool) -> list[Wave]:
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "lines.txt"
        lines.write_text("\n".join(texts) + "\n")
        command = [sys.executable, "-m", "piper", "-m", speaker.voice, "-i", str(lines), "-d", folder]
        command += ["--length-scale", f"{1 / speaker.pace:.3f}"]
        command += [] if varies else ["--noise-scale", "0", "--noise-w-scale", "0"]
        quiet = {**os.environ, "OMP_WAIT_POLICY": "passive", "OMP_NUM_THREADS": "1"}
        subprocess.run(command, check=True, capture_output=True, env=quiet)
        waves = sorted(Path(folder).glob("*.wav"), key=lambda path: (path.stat().st_mtime_ns, path.name))
        return [_read(path.read_bytes()) for path in waves]


def _read(data: bytes) -> Wave:
    with wave.open(io.BytesIO(data)) as file:
        # A program that writes to a pipe cannot know the length that the header wants.
        frames, rate_hz = file.readframes(min(file.getnframes(), 1 << 26)), file.getframerate()
    samples = np.frombuffer(frames, dtype="<i2").astype(np.float32) / 32768
    return samples if rate_hz == RATE_HZ else soxr.resample(samples, rate_hz, RATE_HZ).astype(np.float32)
