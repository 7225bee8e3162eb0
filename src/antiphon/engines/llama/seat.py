"""A slot for one piece of work, and what of its prompt is there already."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from antiphon.engines.llama.sampling import MOST_TOKENS
from antiphon.engines.supervisor.slots import Slot
from antiphon.prefix.sequence import TokenSequence


class Seat:
    """Holds a slot until `release` or the end of a `with` block.

    `follows` says that the slot holds the beginning of the prompt, of which `most_cached_tokens` were computed before
    this work. `note_computed` is called as soon as the first prompt is. As the slot is given back `settle` is told the
    prompt that the slot begins with, or None where that did not come to be computed; it returns how many of its tokens
    are newly kept, which is then `num_written`.
    """

    def __init__(
        self,
        slot: Slot,
        *,
        follows: bool,
        most_cached_tokens: int = MOST_TOKENS,
        settle: Callable[[TokenSequence | None], int] | None = None,
        note_computed: Callable[[], None] | None = None,
    ) -> None:
        self.number = slot.number
        self.follows = follows
        self.most_cached_tokens = most_cached_tokens
        self.num_written = 0
        self._slot = slot
        self._settle = settle
        self._tell_computed = note_computed
        self._prompt: TokenSequence | None = None
        self._is_computed = False

    def __enter__(self) -> Self:
        """Hold the slot for the length of a block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back."""
        self.release()

    def computes(self, prompt: TokenSequence) -> None:
        """Note the prompt that is computed next; of an earlier one the slot keeps what both begin with."""
        shared = prompt if self._prompt is None else prompt.prefix(prompt.shared_tokens(self._prompt))
        self._prompt, self._is_computed = shared, False

    def note_answered(self, cached_tokens: int) -> None:
        """Note that a question was answered, of which the slot had so many tokens: what follows goes on there."""
        self.most_cached_tokens = min(self.most_cached_tokens, cached_tokens)
        self.follows = True
        self.note_computed()

    def note_computed(self) -> None:
        """Note that the prompt is computed: the answer has begun."""
        self._is_computed = True
        tell, self._tell_computed = self._tell_computed, None
        if tell is not None:
            tell()

    def release(self) -> None:
        """Give the slot back; a second time changes nothing."""
        settle, self._settle = self._settle, None
        try:
            if settle is not None:
                self.num_written = settle(self._prompt if self._is_computed else None)
        finally:
            self._slot.release()
