"""Who speaks in each part of the made set. The parts share no espeak voice, no phrase, and no pitch or pace of Piper's.

`fitting` is for the weights that know a backchannel, `choosing` for the choice between ways of fitting and for every
constant that was tuned, `proof` for the figures that are reported.
"""

from dataclasses import dataclass

from bench.turns import phrases
from bench.turns.voices import Speaker, Studio


@dataclass(frozen=True)
class Cast:
    """The speakers of a part, the phrases they cut in with, and what they hum."""

    speakers: tuple[Speaker, ...]
    interruptions: tuple[str, ...]
    sentences: tuple[str, ...]


def cast(part: str, studio: Studio, piper_voice: str) -> Cast:
    """Return the cast of a part, as far as the studio has their synthesisers."""
    espeak, pitches, paces, flite = _PARTS[part]
    speakers = [
        Speaker("espeak", voice, _PITCHES[index % len(_PITCHES)], _PACES[index % len(_PACES)])
        for index, voice in enumerate(espeak)
    ]
    speakers += [Speaker("piper", piper_voice, pitch, pace) for pace in paces for pitch in pitches]
    speakers += [Speaker("flite", voice, pitch) for voice in flite for pitch in (0.88, 1.0, 1.14)]
    here = tuple(speaker for speaker in speakers if studio.has(speaker.engine))
    return Cast(here, phrases.INTERRUPTIONS[part], phrases.SENTENCES[part])


def backchannels(speaker: Speaker) -> dict[str, tuple[str, ...]]:
    """Return how a speaker is made to say each kind of backchannel; flite cannot hum."""
    return phrases.BACKCHANNELS[speaker.engine]


_PITCHES = (1.0, 0.85, 1.08, 0.93, 1.18)
_PACES = (1.0, 0.85, 1.15)

_FITTING_VARIANTS = (
    *("m1", "m3", "m5", "m7", "m8", "f1", "f2", "f4", "klatt", "klatt2", "klatt5", "linda", "adam"),
    *("michael", "Andy", "steph", "quincy", "Alex", "Alicia", "anika", "david", "ed", "grandma", "john", "Lee", "Mr"),
    *("pablo", "paul", "sandro", "shelby", "travis", "victor", "zac", "Gene", "iven", "Jacky", "Storm", "Denis"),
)
_FITTING_ESPEAK = (
    *(f"en-us+{name}" for name in _FITTING_VARIANTS),
    *("en-gb+m7", "en-gb-scotland", "en-gb-x-rp+f1", "en-us-nyc", "en-029+m5", "en-gb-x-gbcwmd+f4"),
)
_CHOOSING_ESPEAK = (
    *("en-us+m2", "en-us+f3", "en-gb+f5", "en-us+m6", "en-gb+klatt4", "en-gb-x-gbclan+m4", "en-us+Annie"),
    *("en-us+edward", "en-us+rob", "en-us+belinda"),
)
_PROOF_ESPEAK = (
    *("en-us+m4", "en-us+f5", "en-gb+Marco", "en-us+max", "en-gb-x-rp+pedro", "en-us+steph2", "en-us+robert"),
    *("en-gb+boris", "en-us+benjamin", "en-us+kaukovalta"),
)
# Of a part: espeak's voices, Piper's pitches and paces, flite's voices.
_PARTS: dict[str, tuple[tuple[str, ...], tuple[float, ...], tuple[float, ...], tuple[str, ...]]] = {
    "fitting": (_FITTING_ESPEAK, (0.8, 0.88, 1.0, 1.1, 1.2, 1.35), (0.85, 1.0, 1.2), ("kal16", "awb")),
    "choosing": (_CHOOSING_ESPEAK, (0.92, 1.05, 1.25), (0.93, 1.1), ("rms",)),
    "proof": (_PROOF_ESPEAK, (0.84, 0.96, 1.15, 1.3), (0.9, 1.05), ("slt",)),
}
