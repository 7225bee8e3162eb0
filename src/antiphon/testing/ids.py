"""Ids that count."""

from collections import Counter


class CountingIds:
    """Makes `chatcmpl-1`, `chatcmpl-2`, `call_1`, ...: each prefix has a count of its own."""

    def __init__(self) -> None:
        self._made = Counter[str]()

    def __call__(self, prefix: str) -> str:
        """Return the next id of the prefix."""
        self._made[prefix] += 1
        return f"{prefix}{self._made[prefix]}"
