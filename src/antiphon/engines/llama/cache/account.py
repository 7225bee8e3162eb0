"""The account of a server's prompt cache: what slots and the disk hold, for whom, what was asked and what was lost."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from antiphon.engines.llama.cache.asked import AskedPrompt
from antiphon.engines.llama.cache.measures import ModelMeasures
from antiphon.prefix.entry import DISK_ALLOWANCE, MEMORY_ALLOWANCE, Allowance, Entry, Place, Removal, Removed, Tier
from antiphon.prefix.header import FoundPrefix
from antiphon.prefix.history import History
from antiphon.prefix.key import PrefixKey
from antiphon.prefix.record import Outcome, Record
from antiphon.prefix.sequence import TokenSequence
from antiphon.prefix.tree import Match, PrefixTree


@dataclass(slots=True)
class About:
    """What is known of an entry beside what it holds."""

    model: str
    num_hits: int = 0
    cache_key: str | None = None


class Account:
    """Keeps the account of tiers; nothing here touches a slot or a file.

    `now` reads seconds since 1970. `free` is told what left a tier: whoever keeps the bytes there frees them.
    """

    def __init__(self, disk_bytes: int, now: Callable[[], float], free: Callable[[Sequence[Removed]], None]) -> None:
        disk = Allowance(disk_bytes, DISK_ALLOWANCE.idle_s, DISK_ALLOWANCE.max_age_s)
        self._allowances = {Tier.MEMORY: MEMORY_ALLOWANCE, Tier.DISK: disk}
        self.tree = PrefixTree(self._allowances)
        self.history = History()
        self.now = now
        self._free = free
        self._about: dict[str, About] = {}
        self._postponed: dict[tuple[str, Tier], Removal] = {}
        self._measures: dict[str, ModelMeasures] = {}

    def measures(self, model: str) -> ModelMeasures:
        """Return what was measured and counted of a model."""
        return self._measures.setdefault(model, ModelMeasures())

    def models(self) -> Sequence[str]:
        """Return the models of which anything was measured."""
        return list(self._measures)

    def about(self, entry: Entry) -> About:
        """Return what is known of an entry."""
        return self._about.get(entry.id) or About("")

    def take_over(self, found: Iterable[FoundPrefix], model_of: Callable[[PrefixKey], str]) -> None:
        """Note what earlier processes left on the disk, which comes with the last used first."""
        for one in reversed(list(found)):
            header = one.header
            place = Place(Tier.DISK, one.file_bytes, header.created_at)
            insertion = self.tree.insert(header.key, header.sequence, place, one.used_at, header.id)
            if insertion.entry is not None:
                insertion.entry.is_pinned = header.is_pinned
                self._about.setdefault(insertion.entry.id, About(model_of(header.key)))
            self._lose(insertion.removed)

    def expires_at(self, entry: Entry, tier: Tier) -> float:
        """Return when an entry expires in a tier in which it stays."""
        return entry.expires_at(tier, self._allowances[tier])

    def on_disk(self, key: PrefixKey, sequence: TokenSequence) -> Match | None:
        """Return what the disk holds of the beginning of a sequence."""
        return self.tree.longest_prefix(key, sequence, self.now(), Tier.DISK)

    def note_placed(self, asked: AskedPrompt, reused_tokens: int, source: Entry | None, tier: Tier) -> None:
        """Remember what a request found; `source` is the entry that gave it, out of `tier`.

        That counts as a use of it wherever it stays: what is asked for in memory is not forgotten on the disk.
        """
        prompt, now = asked.prompt, self.now()
        held = self.tree.longest_prefix(prompt.key, prompt.sequence, now)
        outcome = Outcome(
            reused_tokens,
            held.num_tokens if held is not None else 0,
            asked.wanted_tokens,
            source_id=source.id if source is not None and reused_tokens else None,
            source_tier=tier if reused_tokens else None,
        )
        # Of several choices the first is told of, as in the request's usage: the others find what it left.
        if self.history.find(prompt.key.organization, asked.request_id) is None:
            self.history.note(
                Record(asked.request_id, prompt, outcome, now, asked.opening, asked.segments, asked.extra_bytes)
            )
        self.measures(asked.model).note_lookup(prompt.sequence.num_tokens, reused_tokens)
        if source is not None and reused_tokens and source.id in self._about:
            self._about[source.id].num_hits += 1
            for each in source.stays:
                self.tree.touch(source, each, now)

    def put(self, asked: AskedPrompt, sequence: TokenSequence, place: Place) -> Entry | None:
        """Note that a tier holds the beginning of a prompt; return its entry, None where it does not fit.

        What a slot held already is no younger for being used: an hour after it was computed it goes.
        """
        key, now = asked.prompt.key, self.now()
        if place.tier is Tier.MEMORY:
            held = self.tree.longest_prefix(key, sequence, now, Tier.MEMORY)
            place = replace(place, since=_held_since(held, sequence))
        insertion = self.tree.insert(key, sequence, place, now)
        entry = insertion.entry
        if entry is not None:
            about = self._about.setdefault(entry.id, About(asked.model))
            about.cache_key = asked.prompt.cache_key or about.cache_key
            entry.least_s = max(entry.least_s, asked.caching.ttl_s or 0.0)
            self._postponed.pop((entry.id, place.tier), None)
        self._lose(insertion.removed)
        return entry

    def drop(self, entry: Entry, tier: Tier, reason: Removal) -> None:
        """Note that an entry left a tier, if it stays there; what somebody holds leaves with the last hold."""
        if tier not in entry.stays:
            return
        if entry.num_holds:
            self._postponed[entry.id, tier] = reason
        else:
            self._lose((self.tree.drop(entry, tier, reason, self.now()),))

    def delete(self, entry: Entry) -> None:
        """Take an entry away for ever."""
        self._lose(self.tree.delete(entry, self.now()))

    def release(self, entry: Entry) -> None:
        """Give back one hold of an entry."""
        self._lose(self.tree.release(entry, self.now()))
        if not entry.num_holds:
            for tier in Tier:
                reason = self._postponed.pop((entry.id, tier), None)
                if reason is not None:
                    self.drop(entry, tier, reason)

    def expire(self) -> None:
        """Take away what has expired."""
        self._lose(self.tree.expire(self.now()))

    def _lose(self, removed: Sequence[Removed]) -> None:
        for one in removed:
            self.history.note_removed(one)
            self.measures(self.about(one.entry).model).evictions[one.reason.value] += 1
            if one.is_gone:
                self._about.pop(one.entry.id, None)
        if removed:
            self._free(removed)


def _held_since(match: Match | None, sequence: TokenSequence) -> float | None:
    """Return since when exactly this sequence has been in a slot."""
    if match is None or not match.num_tokens == match.entry.num_tokens == sequence.num_tokens:
        return None
    return match.entry.stays[Tier.MEMORY].since
