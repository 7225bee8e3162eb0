"""How a Piper model speaks a whole work: pieces, the voice's rate and pitch, pauses, and the times of words."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import soxr

from antiphon.engines.speech.piper_voice import PiperVoice, Voiced
from antiphon.speech.alignment import PAUSE_MARKS, align, timed_words
from antiphon.speech.facts import AudioSpoken
from antiphon.speech.pieces import SENTENCE_PAUSES, pieces, readable
from antiphon.speech.spoken import SpokenWord, spoken_words
from antiphon.speech.words import TimedWord
from antiphon.speech.work import SpeechWork

# Piper's models give some 50 ms of near silence before the first sound; this much of it stays.
_KEPT_LEAD_MS = 8.0
# A clause that ends in the midst of a sentence goes on without a pause: only the last sound's end stays.
_KEPT_TAIL_MS = 25.0
# Between sentences a speaker pauses at least so long.
_SENTENCE_PAUSE_MS = 220.0
# Below this share of the loudest 5 ms there is no sound yet.
_SILENCE = 0.04
# Below this share of the loudest sample nobody hears the end of a sound.
_FAINT = 0.02
# What Piper's models give has peaks of about 0.6, whatever they say: every clause is made louder by the same.
_GAIN = 1.3

Samples = npt.NDArray[np.float32]


def speak(voice: PiperVoice, work: SpeechWork) -> Iterator[AudioSpoken]:
    """Yield the audio of a work, a piece of its text at a time, with the words that end in it.

    A text that says nothing gives its words and no audio. Raises `ValueError` for a speaker that the model lacks.
    """
    language = work.voice.languages[0] if work.voice.languages else "en"
    speaker_id = voice.speaker_id(work.voice.speaker)
    bend = _Bend(work.voice.rate * work.speed, work.voice.pitch_semitones)
    num_samples = 0
    for piece in pieces(spoken_words(work.text, language)):
        from_ms = num_samples * 1000 / voice.rate_hz
        samples, words = _spoken_piece(voice, piece, bend, speaker_id, from_ms)
        num_samples += len(samples)
        yield AudioSpoken(samples=_as_bytes(samples), words=tuple(words))


class _Bend:
    """A rate and a pitch as what a model and a resampler have to do.

    The model speaks slower or faster by the factor of the pitch, and its samples are read at another rate: the whole
    spectrum moves, and with the two together the speed stays what was asked for.
    """

    def __init__(self, rate: float, pitch_semitones: float) -> None:
        self.factor = 2 ** (pitch_semitones / 12)
        self.slowness = self.factor / rate

    def apply(self, samples: Samples, rate_hz: int) -> Samples:
        """Return samples of the model as they are to be heard."""
        if self.factor == 1:
            return samples
        return np.asarray(soxr.resample(samples, rate_hz * self.factor, rate_hz, quality="MQ"), dtype=np.float32)


def _spoken_piece(
    voice: PiperVoice, piece: Sequence[SpokenWord], bend: _Bend, speaker_id: int, from_ms: float
) -> tuple[Samples, list[TimedWord]]:
    phonemes = _without_end_gaps(voice.phonemes(readable(piece)))
    if not any(map(_is_sound, phonemes)):
        return np.zeros(0, dtype=np.float32), [TimedWord(word.text, from_ms, from_ms) for word in piece]
    voiced = voice.voiced(phonemes, speaker_id=speaker_id, slowness=bend.slowness)
    voiced = _without_faint_ends(voiced, phonemes, voice.rate_hz)
    cut = _num_silent(voiced.samples, voice.rate_hz)
    end = _end(voiced, phonemes, piece, round(voice.rate_hz * bend.factor))
    samples = bend.apply(voiced.samples[cut:end], voice.rate_hz)
    if _last_pause(piece) in SENTENCE_PAUSES:
        sounding = _sound_end(voiced, phonemes) - cut
        pause = round(_SENTENCE_PAUSE_MS * voice.rate_hz / 1000) - (len(samples) - round(sounding / bend.factor))
        samples = np.concatenate((samples, np.zeros(max(0, pause), dtype=np.float32)))
    ms_per_sample = 1000 / (voice.rate_hz * bend.factor)
    spans = align([voice.phonemes_of_word(word) for part in piece for word in part.words], phonemes)
    first_ms = from_ms + (voiced.lead_samples - cut) * ms_per_sample
    words = timed_words(piece, spans, voiced.lengths, ms_per_sample, first_ms)
    return samples, [TimedWord(word.text, max(from_ms, word.start_ms), max(from_ms, word.end_ms)) for word in words]


def _without_end_gaps(phonemes: list[str]) -> list[str]:
    while phonemes and phonemes[-1] == " ":
        phonemes = phonemes[:-1]
    return phonemes


def _is_sound(phoneme: str) -> bool:
    return phoneme != " " and phoneme not in PAUSE_MARKS


def _last_pause(piece: Sequence[SpokenWord]) -> str:
    """The pause after the last word that says something."""
    pauses = [word.pause for word in piece]
    speaking = max(index for index, word in enumerate(piece) if word.words)
    return next((pause for pause in pauses[speaking:] if pause), "")


def _without_faint_ends(voiced: Voiced, phonemes: Sequence[str], rate_hz: int) -> Voiced:
    """Give the silence at the end of a phoneme before a pause to the pause: a word ends where nobody hears it."""
    faint = _FAINT * float(np.abs(voiced.samples).max())
    lengths = [*voiced.lengths, voiced.tail_samples]
    end = voiced.lead_samples
    for index, phoneme in enumerate(phonemes):
        start, end = end, end + lengths[index]
        is_last = index + 1 == len(phonemes) or phonemes[index + 1] in PAUSE_MARKS
        if is_last and _is_sound(phoneme):
            heard = np.flatnonzero(np.abs(voiced.samples[start:end]) > faint)
            kept = min(lengths[index], int(heard[-1] if len(heard) else 0) + rate_hz // 100)
            lengths[index + 1] += lengths[index] - kept
            lengths[index] = kept
            end = start + kept
    return voiced._replace(lengths=lengths[:-1], tail_samples=lengths[-1])


def _sound_end(voiced: Voiced, phonemes: Sequence[str]) -> int:
    """The sample at which the last sound ends."""
    last = max(index for index, phoneme in enumerate(phonemes) if _is_sound(phoneme))
    return voiced.lead_samples + sum(voiced.lengths[: last + 1])


def _end(voiced: Voiced, phonemes: Sequence[str], piece: Sequence[SpokenWord], rate_hz: int) -> int:
    """The sample at which the piece is cut off."""
    if _last_pause(piece):
        return len(voiced.samples)
    return min(len(voiced.samples), _sound_end(voiced, phonemes) + round(_KEPT_TAIL_MS * rate_hz / 1000))


def _num_silent(samples: Samples, rate_hz: int) -> int:
    """How many samples at the beginning are cut off."""
    window = rate_hz // 200
    frames = samples[: len(samples) // window * window].reshape(-1, window)
    levels = np.sqrt(np.mean(frames**2, axis=1)) if len(frames) else np.zeros(1)
    onset = int(np.argmax(levels > _SILENCE * levels.max())) * window
    return max(0, onset - round(_KEPT_LEAD_MS * rate_hz / 1000))


def _as_bytes(samples: Samples) -> bytes:
    return (np.clip(samples * _GAIN, -1.0, 1.0) * 32767).astype("<i2").tobytes()
