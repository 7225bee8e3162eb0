"""Where the messages of a conversation stand in its prompt, and how many of its tokens each of them is. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from antiphon.generation.facts import PromptCounted


@dataclass(frozen=True, slots=True)
class Layout:
    """The places, in characters, of the messages in the prompt's `text`.

    The first message begins at `start`, and each ends where `ends` says. `instructed` is what the server itself wrote
    into the first message: what the model is told of its functions and of the form of its answer.
    """

    text: str
    start: int
    ends: tuple[int, ...]
    instructed: tuple[int, int] = (0, 0)

    def begins(self, text: str) -> bool:
        """Whether another prompt begins with these messages."""
        end = self.ends[-1] if self.ends else 0
        return text[:end] == self.text[:end]

    def up_to(self, num_messages: int) -> "Layout":
        """Return the layout of the first messages alone."""
        return replace(self, ends=self.ends[:num_messages])

    def counted(self, token_bytes: Sequence[int]) -> PromptCounted | None:
        """Share the prompt's tokens out among its messages; each belongs to where its first byte stands.

        `token_bytes` has each token's length. Returns None where they are not the tokens of the text, as where a
        vocabulary writes its white space in another way.
        """
        lengths = self._lengths_within(token_bytes)
        if lengths is None:
            return None
        instructed_from, instructed_to = map(self._byte, self.instructed)
        bounds = [*map(self._byte, (self.start, *self.ends))]
        counts = [0] * len(self.ends)
        place = message = 0
        for length in lengths:
            while message < len(counts) and place >= bounds[message + 1]:
                message += 1
            is_in_messages = place >= bounds[0] and message < len(counts)
            if is_in_messages and not instructed_from <= place < instructed_to:
                counts[message] += 1
            place += length
        return PromptCounted(tuple(counts), len(token_bytes) - sum(counts))

    def _lengths_within(self, token_bytes: Sequence[int]) -> Sequence[int] | None:
        """Return the lengths, where a token that the vocabulary puts before every text takes no place in it."""
        num_bytes = self._byte(len(self.text))
        if sum(token_bytes) == num_bytes:
            return token_bytes
        return [0, *token_bytes[1:]] if sum(token_bytes[1:]) == num_bytes else None

    def _byte(self, character: int) -> int:
        return len(self.text[:character].encode())


def common(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    at_least, at_most = 0, min(len(one), len(other))
    while at_least < at_most:
        middle = (at_least + at_most + 1) // 2
        if one[:middle] == other[:middle]:
            at_least = middle
        else:
            at_most = middle - 1
    return at_least


def between(longer: str, shorter: str) -> tuple[int, int]:
    """Return the part of the longer text that stands between what both begin with and what both end with."""
    begins = common(longer, shorter)
    ends = common(longer[begins:][::-1], shorter[begins:][::-1])
    return begins, len(longer) - ends
