"""The form of every id: a prefix that names the kind, then random letters and digits."""

import secrets
import string
from typing import Protocol

_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 29  # as long as OpenAI's own; about 172 bits


class Ids(Protocol):
    """Makes ids; tests count instead."""

    def __call__(self, prefix: str) -> str:
        """Return a new id that begins with `prefix`, for example `chatcmpl-`."""
        ...


def random_id(prefix: str) -> str:
    """Return `prefix` and 29 random letters and digits."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
