"""Addresses and names of programs as a person reads them out: `example.com/a` is example dot com slash a."""

import re

from antiphon.speech.letters import spoken_letters, spoken_mixture

_URL = re.compile(r"(?:https?://|ftp://)?(?:www\.)?(?P<rest>(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?(?:/[^\s?#]*)?)(?:[?#]\S*)?")
_HAS_SCHEME = re.compile(r"(?:https?://|ftp://|www\.)\S+")
_EMAIL = re.compile(r"[\w.+-]+@(?:[\w-]+\.)+\w{2,}")
_DOTTED = re.compile(r"\.?[A-Za-z_]\w*(?:\.[a-z_]\w*)+|\.[a-z]\w{1,4}")
_PARTS = re.compile(r"[.@/_:+-]|[^.@/_:+-]+")
_MARKS = {".": "dot", "@": "at", "/": "slash", "_": "underscore", ":": "colon", "+": "plus", "-": "dash"}

# Endings of addresses and files that are said as they are spelled.
_SPELLED_ENDINGS = frozenset(
    {"py", "js", "ts", "md", "txt", "html", "css", "uk", "us", "eu", "cpp", "pdf", "csv", "xml"}
)


def spoken_address(word: str) -> list[str] | None:
    """Return what is said for an address of the web or of mail, or for a dotted name; `None` where it is none.

    A query is not read out, since nobody could follow it.
    """
    url = _URL.fullmatch(word)
    if url and (_HAS_SCHEME.match(word) or "/" in word or word.count(".") >= 1):
        return _read_out(url["rest"].rstrip("/"))
    if _EMAIL.fullmatch(word) or _DOTTED.fullmatch(word):
        return _read_out(word)
    if _HAS_SCHEME.fullmatch(word):
        return _read_out(word.partition("://")[2] or word)
    return None


def _read_out(address: str) -> list[str]:
    words: list[str] = []
    for part in _PARTS.findall(address):
        words += [_MARKS[part]] if part in _MARKS else _read_part(part)
    return words


def _read_part(part: str) -> list[str]:
    if part in _SPELLED_ENDINGS:
        return [".".join(part.upper())]
    words = spoken_mixture(part) or spoken_letters(part) or [part]
    return [word for word in words if any(letter.isalnum() for letter in word)]
