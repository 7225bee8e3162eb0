"""Names that were meant otherwise than they were written."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

_LONGEST_CHARS = 128  # no name is longer, and the comparison takes the square of it
_LIKENESS = 0.75


def slip_of(name: str, names: Iterable[str]) -> str | None:
    """Return the one of `names` that `name` is one letter away from, `None` where it is none.

    A letter more, less or another one, or two neighbours that changed places. Digits are no letters: `gpt-6` may well
    be a name where `gpt-5` is one.
    """
    if len(name) > _LONGEST_CHARS:
        return None
    return next((one for one in names if _is_slip(name, one)), None)


def likeliest(name: str, names: Sequence[str]) -> str | None:
    """Return the one of `names` that is most like `name`, `None` where none is much like it."""
    if len(name) > _LONGEST_CHARS:
        return None
    found = get_close_matches(name.lower(), names, n=1, cutoff=_LIKENESS)
    return slip_of(name, names) or next(iter(found), None)


def _is_slip(written: str, meant: str) -> bool:
    if abs(len(written) - len(meant)) > 1 or written == meant:
        return False
    start = next((i for i, (a, b) in enumerate(zip(written, meant, strict=False)) if a != b), None)
    if start is None:  # one goes on where the other ends
        return not max(written, meant, key=len)[-1].isdigit()
    if len(written) != len(meant):
        longer, shorter = sorted((written, meant), key=len, reverse=True)
        return longer[start + 1 :] == shorter[start:] and not longer[start].isdigit()
    if written[start + 1 :] == meant[start + 1 :]:
        return not (written[start].isdigit() and meant[start].isdigit())
    changed = written[start : start + 2]
    is_turned = changed == meant[start : start + 2][::-1] and written[start + 2 :] == meant[start + 2 :]
    return is_turned and not changed.isdigit()
