"""Stored completions that are kept in memory."""

from dataclasses import dataclass

from antiphon.callers import Caller
from antiphon.wire.chat.answer import ChatCompletion
from antiphon.wire.chat.request import ChatRequest


@dataclass(frozen=True, slots=True)
class StoredCompletion:
    """One completion as it was saved."""

    caller: Caller
    request: ChatRequest
    completion: ChatCompletion


class StoredInMemory:
    """Keeps what is saved in `saved`, in order."""

    def __init__(self) -> None:
        self.saved: list[StoredCompletion] = []

    async def save(self, caller: Caller, request: ChatRequest, completion: ChatCompletion) -> None:
        """Keep a completion."""
        self.saved.append(StoredCompletion(caller, request, completion))
