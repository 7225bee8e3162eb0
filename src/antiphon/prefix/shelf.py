"""One tier: the prefixes in it in the order of their last use, and the bytes they take."""

from collections import OrderedDict

from antiphon.prefix.entry import Allowance, Entry, Place, Stay, Tier


class Shelf:
    """The prefixes of one tier; `num_bytes` never exceeds the budget."""

    def __init__(self, tier: Tier, allowance: Allowance) -> None:
        self.num_bytes = 0
        self._tier = tier
        self._allowance = allowance
        self._entries = OrderedDict[Entry, None]()  # the least recently used first

    def room_makers(self, num_bytes: int, instead_of: Entry | None = None) -> list[Entry] | None:
        """Return who has to go before `num_bytes` fit, the least recently used first; None if they cannot fit.

        `instead_of` gives back the bytes that it takes itself.
        """
        if self._allowance.budget_bytes is None:
            return []
        stay = instead_of and instead_of.stays.get(self._tier)
        excess = self.num_bytes - (stay.num_bytes if stay else 0) + num_bytes - self._allowance.budget_bytes
        leaving = list[Entry]()
        for entry in self._entries:
            if excess <= 0:
                break
            if entry.may_go and entry is not instead_of:
                leaving.append(entry)
                excess -= entry.stays[self._tier].num_bytes
        return leaving if excess <= 0 else None

    def put(self, entry: Entry, place: Place, now: float) -> None:
        """Put an entry here, or change the bytes it takes, as the most recently used."""
        if entry in self._entries:
            self.take(entry)
        entry.stays[self._tier] = Stay(place.num_bytes, now if place.since is None else place.since, now)
        self._entries[entry] = None
        self.num_bytes += place.num_bytes

    def touch(self, entry: Entry, now: float) -> None:
        """Note that an entry was used here. Raises `KeyError` where it does not stay."""
        self._entries.move_to_end(entry)
        entry.stays[self._tier].used_at = now

    def take(self, entry: Entry) -> None:
        """Take an entry away. Raises `KeyError` where it does not stay."""
        del self._entries[entry]
        self.num_bytes -= entry.stays.pop(self._tier).num_bytes

    def expired(self, now: float) -> list[Entry]:
        """Return the entries that nobody holds and whose time is over."""
        return [entry for entry in self._entries if entry.may_go and self.is_over(entry, now)]

    def is_over(self, entry: Entry, now: float) -> bool:
        """Whether an entry's time here is over."""
        return entry.expires_at(self._tier, self._allowance) <= now
