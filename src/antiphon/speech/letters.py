"""Words that are not read as words: initialisms, letters with digits, names of programs.

An initialism is one spoken word, its letters with full stops between them: `F.B.I`. A lone letter is a capital.
"""

import re

from antiphon.speech.numerals import decimal, version

# Spelled in capitals, and said as words all the same.
_SAID_AS_WORDS = frozenset({
    "ACID", "AIDS", "AJAX", "ASAP", "BASIC", "CAD", "COVID", "CRUD", "DOS", "FAQ", "FIFA", "FOMO", "GIF", "GUI",
    "JPEG", "LAN", "LASER", "LED", "MIDI", "NASA", "NATO", "NASDAQ", "OPEC", "PIN", "RADAR", "RAID", "RAM", "REST",
    "ROM", "SCUBA", "SIM", "SOAP", "SONAR", "SWAT", "UNESCO", "UNICEF", "WAN", "YAML", "ZIP", "JSON", "BIOS",
    "CAPTCHA", "YOLO",
})  # fmt: skip
# Words that somebody may shout.
_SHOUTED = frozenset({
    "A", "ALL", "ALWAYS", "AM", "AN", "AND", "ANY", "ARE", "AS", "AT", "BE", "BIG", "BUT", "BY", "CAN", "DAY",
    "DID", "DO", "FOR", "GET", "GO", "GOOD", "HAD", "HAS", "HE", "HER", "HIM", "HIS", "HOW", "I", "IF", "IN", "IS",
    "ITS", "MAY", "ME", "MORE", "MUST", "MY", "NEVER", "NEW", "NO", "NOT", "NOW", "OF", "OLD", "ON", "ONE", "ONLY",
    "OR", "OUR", "OUT", "SEE", "SHE", "SO", "STOP", "THAT", "THE", "THIS", "TO", "TOO", "TWO", "UP", "VERY", "WAS",
    "WAY", "WE", "WHO", "WHY", "YES", "YOU", "YOUR", "MR", "MRS",
})  # fmt: skip
_SPELLED = frozenset({"USDA", "IEEE", "AARP", "ACLU"})
_VOWELS = frozenset("AEIOUY")
_PLURAL = re.compile(r"([A-Z]{2,5})(['’]?s)")  # noqa: RUF001
_RUNS = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def spoken_letters(word: str) -> list[str] | None:
    """Return what is said for a word in capitals, `None` where it is read as any other."""
    plural = _PLURAL.fullmatch(word)
    if plural:
        stem = spoken_letters(plural[1]) or [plural[1]]
        return [f"{stem[0]}'s" if "." in stem[0] else stem[0] + plural[2]]
    if not (word.isascii() and word.isalpha() and word.isupper()) or len(word) == 1:
        return None
    if word in _SAID_AS_WORDS or word in _SHOUTED:
        return [word.lower()]
    is_spelled = len(word) <= 3 or word in _SPELLED or (len(word) <= 5 and not _is_sayable(word))
    return [spelled(word)] if is_spelled else [word.lower()]


def spelled(letters: str) -> str:
    """Return letters as one spoken word, in which each is said."""
    return ".".join(letters.upper())


def spoken_mixture(word: str) -> list[str] | None:
    """Return what is said for letters and digits in one word, such as `H2O`; `None` where it is no such word."""
    runs = _RUNS.findall(word)
    if not any(run[0].isdecimal() for run in runs) or not any(run[0].isalpha() for run in runs):
        return None
    return [said for run in runs for said in (_number(run) if run[0].isdecimal() else _letters_in_mixture(run))]


def spoken_camel(word: str) -> list[str] | None:
    """Return the parts of a name such as `OpenAI` or `getName`; `None` where it is no such name."""
    parts = _CAMEL.split(word)
    if len(parts) == 1 or not (word[0].islower() or re.search(r"[A-Z]{2}s?$", word)):
        return None
    return [said for part in parts for said in (spoken_letters(part) or [part])]


def _number(run: str) -> list[str]:
    return version(run) if run.count(".") > 1 else decimal(run)


def _letters_in_mixture(run: str) -> list[str]:
    if len(run) == 1 or (len(run) <= 3 and not _VOWELS & set(run.upper())):
        return [spelled(run)]
    return spoken_letters(run) or [run]


def _is_sayable(word: str) -> bool:
    return bool(_VOWELS & set(word)) and not re.search(r"[^AEIOUY]{3}", word)
