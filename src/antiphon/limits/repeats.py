"""Repeated requests: which are the same, and which answers are worth giving again."""

from dataclasses import dataclass
from hashlib import sha256

from antiphon.errors import Conflict, InvalidRequest

KEPT_FOR_S = 24 * 60 * 60.0
# A claim without an answer holds for so long: its process may have died. No answer takes longer.
CLAIM_HOLDS_S = 15 * 60.0
MAX_KEY_CHARS = 255
MAX_ANSWER_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class RepeatKey:
    """What the caller promises to use for one request alone, and what the request was."""

    organization: str
    project: str
    key: str
    fingerprint: str

    @property
    def scoped(self) -> str:
        """The key among those of its organisation: the keys of two projects never meet, since no name has a slash."""
        return f"{self.project}/{self.key}"


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """An answer as it was sent; `headers` are those that describe the body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def fingerprint(method: str, path: str, body: bytes) -> str:
    """Return a digest of everything that makes two requests the same."""
    digest = sha256(f"{method} {path}\n".encode())
    digest.update(body)
    return digest.hexdigest()


def is_worth_keeping(status: int) -> bool:
    """Whether an answer settles its request: a failure of ours, a conflict, a refusal for haste and
    what may yet be there do not."""
    return status < 500 and status not in {404, 408, 409, 429}


def known_answer(repeat: RepeatKey, fingerprint: str, answer: RecordedAnswer | None) -> RecordedAnswer:
    """Return the answer to a request that was claimed before.

    Raises `InvalidRequest` where it was another request, and `Conflict` where there is no answer yet.
    """
    if fingerprint != repeat.fingerprint:
        raise InvalidRequest(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{repeat.key}' if you meant to execute a different request.",
            code="idempotency_key_reused",
        )
    if answer is None:
        raise under_way()
    return answer


def under_way() -> Conflict:
    """The error for a request whose twin has no answer yet."""
    return Conflict(
        "The request with this Idempotency-Key is still being carried out. Try again when it has ended.",
        code="idempotency_key_in_use",
    )
