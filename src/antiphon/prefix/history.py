"""The requests of late and the prefixes that were lost, bounded in bytes for each organisation."""

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Generic, NamedTuple, Protocol, TypeVar

from antiphon.prefix.entry import Removal, Removed
from antiphon.prefix.key import PrefixKey
from antiphon.prefix.radix import Radix
from antiphon.prefix.record import Record
from antiphon.prefix.sequence import TokenSequence

MIB = 1024**2
# About what a removal takes beside its tokens.
_REMOVED_BYTES = 512
# So many equally near requests are compared, the latest of them.
_MOST_CANDIDATES = 16


@dataclass(frozen=True, slots=True)
class HistoryLimits:
    """How many bytes of requests and of removals are remembered of an organisation, and of how many organisations."""

    request_bytes: int = 8 * MIB
    removal_bytes: int = 2 * MIB
    num_organizations: int = 64


class Near(NamedTuple):
    """Earlier requests, the latest first, whose prompts share `shared_tokens` with a later one, and no request more."""

    records: tuple[Record, ...]
    shared_tokens: int


class Lost(NamedTuple):
    """A prefix that is held no longer, and how many of a prompt's first tokens it held."""

    removed: Removed
    shared_tokens: int


class History:
    """Remembers requests and removals; the oldest are forgotten first, those of the least active organisation whole.

    Nothing of one organisation tells of another.
    """

    def __init__(self, limits: HistoryLimits | None = None) -> None:
        self._limits = limits or HistoryLimits()
        self._pasts = OrderedDict[str, _Past]()

    def note(self, record: Record) -> None:
        """Remember a request. Instants never go back."""
        past = self._past(record.prompt.key.organization)
        past.requests.add(record.prompt.key, record.prompt.sequence, record)
        past.by_id[record.id] = record
        if record.opening:
            past.by_opening.setdefault(record.opening, deque()).append(record)
        for forgotten in past.requests.shrink(self._limits.request_bytes):
            past.forget(forgotten)

    def note_removed(self, removed: Removed) -> None:
        """Remember that a prefix was lost; what is still held in another tier or in a longer prefix was not."""
        if not removed.is_gone or removed.reason is Removal.REPLACED:
            return
        past = self._past(removed.entry.key.organization)
        past.removals.add(removed.entry.key, removed.entry.sequence, _Loss(removed))
        for forgotten in past.removals.shrink(self._limits.removal_bytes):
            past.losses_known_from = forgotten.removed.at

    def find(self, organization: str, request_id: str) -> Record | None:
        """Return a request of an organisation's, if it is remembered."""
        past = self._pasts.get(organization)
        return None if past is None else past.by_id.get(request_id)

    def nearest(self, record: Record) -> Near | None:
        """Return the earlier requests under the same complete key that share most with the beginning of this one."""
        past = self._pasts.get(record.prompt.key.organization)
        return None if past is None else past.nearest(record.prompt.key, record)

    def nearest_elsewhere(self, record: Record) -> Near | None:
        """Return the nearest earlier requests of the organisation under other keys.

        Those with the same opening go first, however few their tokens share: another model may spell it otherwise.
        """
        past = self._pasts.get(record.prompt.key.organization)
        if past is None:
            return None
        alike = [other for other in past.by_opening.get(record.opening, ()) if other.at < record.at]
        alike = [other for other in alike if other.prompt.key != record.prompt.key]
        if alike:
            latest = alike[-1]
            return Near((latest,), record.prompt.sequence.shared_tokens(latest.prompt.sequence))
        others = (past.nearest(key, record) for key in past.requests.keys if key != record.prompt.key)
        return max((near for near in others if near is not None), key=lambda near: near.shared_tokens, default=None)

    def losses(self, record: Record) -> Iterator[Lost]:
        """Yield what was lost before a request that it could have used: the most first, and then the latest."""
        past = self._pasts.get(record.prompt.key.organization)
        if past is None:
            return
        for shared_tokens, losses in past.removals.levels(record.prompt.key, record.prompt.sequence):
            before = [loss.removed for loss in losses if loss.removed.at <= record.at]
            yield from (Lost(removed, shared_tokens) for removed in sorted(before, key=lambda one: -one.at))

    def knows_losses_since(self, organization: str, at: float) -> bool:
        """Whether everything that an organisation lost since an instant is still remembered."""
        past = self._pasts.get(organization)
        return past is None or past.losses_known_from < at

    def num_bytes(self, organization: str) -> int:
        """Return about how much memory an organisation's past takes."""
        past = self._pasts.get(organization)
        return 0 if past is None else past.requests.num_bytes + past.removals.num_bytes

    def _past(self, organization: str) -> "_Past":
        past = self._pasts.setdefault(organization, _Past())
        self._pasts.move_to_end(organization)
        if len(self._pasts) > self._limits.num_organizations:
            self._pasts.popitem(last=False)
        return past


class _Sized(Protocol):
    """What knows how much memory it takes."""

    @property
    def num_bytes(self) -> int: ...


@dataclass(frozen=True, slots=True, eq=False)
class _Loss:
    """A removal as something to remember."""

    removed: Removed

    @property
    def num_bytes(self) -> int:
        """About how much memory it takes."""
        return self.removed.entry.sequence.num_bytes + _REMOVED_BYTES


T = TypeVar("T", bound=_Sized)


class _Memory(Generic[T]):
    """Values in the order in which they came, found by key and by what their sequences begin with."""

    def __init__(self) -> None:
        self.num_bytes = 0
        self._order = deque[tuple[PrefixKey, TokenSequence, T]]()
        self._by_key: dict[PrefixKey, Radix[deque[T]]] = {}

    @property
    def keys(self) -> list[PrefixKey]:
        """The keys of all values."""
        return list(self._by_key)

    def add(self, key: PrefixKey, sequence: TokenSequence, value: T) -> None:
        """Add a value as the newest."""
        radix = self._by_key.setdefault(key, Radix())
        same = radix.get(sequence)
        if same is None:
            radix.put(sequence, deque([value]))
        else:
            same.append(value)
        self._order.append((key, sequence, value))
        self.num_bytes += value.num_bytes

    def shrink(self, most_bytes: int) -> list[T]:
        """Forget the oldest values until the others fit; return them."""
        forgotten = list[T]()
        while self.num_bytes > most_bytes:
            key, sequence, value = self._order.popleft()
            self._remove_first(key, sequence)
            self.num_bytes -= value.num_bytes
            forgotten.append(value)
        return forgotten

    def levels(self, key: PrefixKey, sequence: TokenSequence) -> Iterator[tuple[int, list[T]]]:
        """Yield the values of a key by how many tokens their sequences share with one, the most first."""
        radix = self._by_key.get(key)
        for level in radix.levels(sequence) if radix is not None else ():
            yield level.num_tokens, [value for same in level.values for value in same]

    def newest(self, key: PrefixKey) -> Iterator[T]:
        """Yield the values of a key, the newest first."""
        return (value for its_key, _, value in reversed(self._order) if its_key == key)

    def _remove_first(self, key: PrefixKey, sequence: TokenSequence) -> None:
        """Forget the oldest value of a sequence: of equal ones it came first."""
        radix = self._by_key[key]
        same = radix.get(sequence)
        assert same is not None, "what is in the order is in the index"
        same.popleft()
        if not same:
            radix.remove(sequence)
        if radix.is_empty:
            del self._by_key[key]


@dataclass(slots=True)
class _Past:
    """What is remembered of one organisation; no loss up to `losses_known_from` is sure to be."""

    requests: _Memory[Record] = field(default_factory=_Memory[Record])
    removals: _Memory[_Loss] = field(default_factory=_Memory[_Loss])
    by_id: dict[str, Record] = field(default_factory=dict[str, Record])
    by_opening: dict[str, deque[Record]] = field(default_factory=dict[str, deque[Record]])
    losses_known_from: float = float("-inf")

    def nearest(self, key: PrefixKey, record: Record) -> Near | None:
        """Return the earlier requests of a key that share most with the beginning of one, be it nothing."""
        for shared_tokens, records in self.requests.levels(key, record.prompt.sequence):
            earlier = [other for other in records if other.at < record.at]
            if earlier:
                earlier.sort(key=lambda other: -other.at)
                return Near(tuple(earlier[:_MOST_CANDIDATES]), shared_tokens)
        latest = (other for other in self.requests.newest(key) if other.at < record.at)
        records = tuple(islice(latest, _MOST_CANDIDATES))
        return Near(records, 0) if records else None

    def forget(self, record: Record) -> None:
        """Take a request out of the other indices."""
        if self.by_id.get(record.id) is record:
            del self.by_id[record.id]
        if record.opening:
            same = self.by_opening[record.opening]
            same.popleft()
            if not same:
                del self.by_opening[record.opening]
