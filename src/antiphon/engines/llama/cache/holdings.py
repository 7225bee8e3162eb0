"""What each slot of one process holds, as far as somebody may count on it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from antiphon.engines.llama.cache.asked import AskedPrompt
from antiphon.prefix.entry import Entry, Tier
from antiphon.prefix.placement import FreeSlot
from antiphon.prefix.sequence import TokenSequence
from antiphon.prefix.tree import Match


@dataclass(slots=True, eq=False)
class Holding:
    """A slot begins with `sequence`, computed in whole chunks for `asked`; what follows it is nobody's.

    `entry` is its entry in the tree, None where nothing is kept. `is_cut` says that the next token is a stranger to the
    prompt that it is of.
    """

    asked: AskedPrompt
    sequence: TokenSequence
    used_at: float
    entry: Entry | None = None
    is_cut: bool = False

    @property
    def tokens(self) -> Sequence[int]:
        """The engine's tokens of the sequence."""
        return self.asked.tokens[: self.sequence.num_tokens]

    @property
    def is_kept(self) -> bool:
        """Whether anybody may count on it: what was deleted or has expired is in the slot until that is erased."""
        entry = self.entry
        return entry is not None and Tier.MEMORY in entry.stays and not entry.is_doomed

    def goes_on(self, earlier: "Holding") -> bool:
        """Whether it begins with an earlier one, and for the same organisation: nobody learns what others asked."""
        is_own = self.asked.prompt.key == earlier.asked.prompt.key
        return is_own and self.sequence.shared_tokens(earlier.sequence) == earlier.sequence.num_tokens


class Holdings:
    """The holdings of a process by slot; a slot in work holds nothing that counts."""

    def __init__(self) -> None:
        self._by_slot: dict[int, Holding] = {}

    def put(self, slot: int, holding: Holding) -> None:
        """Note what a slot holds now."""
        self._by_slot[slot] = holding

    def note_nothing(self, slot: int, owner: AskedPrompt, now: float) -> None:
        """Note that nobody may count on a slot, which is erased before another organisation than the owner's has it."""
        self.put(slot, Holding(owner, owner.prompt.sequence.prefix(0), now))

    def get(self, slot: int) -> Holding | None:
        """Return what a slot holds."""
        return self._by_slot.get(slot)

    def take(self, slot: int) -> Holding | None:
        """Return what a slot holds, which from now on is in work."""
        return self._by_slot.pop(slot, None)

    def clear(self) -> Sequence[Holding]:
        """Forget everything, and return it."""
        gone, self._by_slot = list(self._by_slot.values()), {}
        return gone

    def slots_of(self, entry: Entry) -> Sequence[int]:
        """Return the slots that hold an entry."""
        return [slot for slot, holding in self._by_slot.items() if holding.entry is entry]

    def free_slots(self, numbers: Sequence[int], on_disk: Callable[[Holding], Match | None]) -> Sequence[FreeSlot]:
        """Return the slots of these numbers as a request's place is chosen among them."""
        return [self._free_slot(number, on_disk) for number in numbers]

    def _free_slot(self, number: int, on_disk: Callable[[Holding], Match | None]) -> FreeSlot:
        holding = self._by_slot.get(number)
        if holding is None:
            return FreeSlot(number)
        prompt = holding.asked.prompt
        if not holding.is_kept:
            return FreeSlot(number, prompt.key, cache_key=prompt.cache_key)
        return FreeSlot(
            number,
            prompt.key,
            holding.sequence,
            holding.used_at,
            prompt.cache_key,
            on_disk(holding),
            is_savable=holding.asked.is_savable,
        )
