"""The form of every id: a prefix that names the kind, then random letters and digits."""

import secrets
import string
from typing import Protocol

_ALPHABET = (string.ascii_letters + string.digits).encode()
_LENGTH = 29  # as long as OpenAI's own; about 172 bits
# A letter for every byte. 256 is no multiple of 62, so eight letters are a quarter likelier: a bit is not lost.
_LETTERS = bytes(_ALPHABET[byte % len(_ALPHABET)] for byte in range(256))


class Ids(Protocol):
    """Makes ids; tests count instead."""

    def __call__(self, prefix: str) -> str:
        """Return a new id that begins with `prefix`, for example `chatcmpl-`."""
        ...


def random_id(prefix: str) -> str:
    """Return `prefix` and 29 random letters and digits."""
    return prefix + secrets.token_bytes(_LENGTH).translate(_LETTERS).decode()
