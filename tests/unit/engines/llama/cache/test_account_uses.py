"""What a use of a kept prompt counts for, in memory and on the disk."""

from dataclasses import replace

from antiphon.engines.llama.cache.account import Account
from antiphon.engines.llama.cache.asked import AskedPrompt
from antiphon.prefix.entry import HOUR_S, MINUTE_S, Entry, Place, Removal, Tier
from antiphon.prefix.key import PrefixKey
from antiphon.prefix.placement import Prompt
from antiphon.prefix.sequence import TokenSequence

KEY = PrefixKey("org-1", "weights", "Q4_0", "f16", "build-1", "template")
FILE_BYTES = 100


class Clock:
    """Seconds since 1970, as a test says."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Kept:
    """An account with room for two files, and prompts that are put into it and found again."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.account = Account(2 * FILE_BYTES, self.clock, lambda _: None)

    def put(self, first_token: int, *tiers: Tier) -> Entry:
        """Keep the prompt that begins with a token."""
        asked = _asked(first_token)
        for tier in tiers:
            entry = self.account.put(asked, asked.prompt.sequence, Place(tier, FILE_BYTES))
        assert entry is not None
        return entry

    def find(self, entry: Entry, tier: Tier) -> None:
        """Let a request find all of an entry in a tier, and put it there again as its slot is given back."""
        asked = _asked(int(entry.sequence.symbols[0]))
        self.account.note_placed(asked, entry.num_tokens, entry, tier)
        self.account.put(asked, asked.prompt.sequence, Place(Tier.MEMORY, FILE_BYTES))


def _asked(first_token: int) -> AskedPrompt:
    tokens = [first_token, *range(1088)]
    return AskedPrompt("chatcmpl-1", "m", Prompt(KEY, TokenSequence(tokens), 64), tokens)


def test_a_hit_in_memory_keeps_the_file_from_giving_way():
    """Of three files in a room for two, the one goes that nobody asked for."""
    kept = Kept()
    used = kept.put(1, Tier.DISK, Tier.MEMORY)
    kept.clock.now += 1
    unused = kept.put(2, Tier.DISK, Tier.MEMORY)
    kept.clock.now += 1
    kept.find(used, Tier.MEMORY)
    kept.clock.now += 1
    kept.put(3, Tier.DISK)

    assert Tier.DISK in used.stays
    assert Tier.DISK not in unused.stays


def test_a_use_puts_off_the_end_of_an_idle_prompt():
    """In memory it ends ten minutes after the last use."""
    kept = Kept()
    entry = kept.put(1, Tier.MEMORY)
    kept.clock.now += 9 * MINUTE_S
    kept.find(entry, Tier.MEMORY)
    kept.clock.now += 9 * MINUTE_S
    kept.account.expire()

    assert Tier.MEMORY in entry.stays


def test_nothing_stays_in_memory_for_more_than_an_hour_however_often_it_is_used():
    """The time counts from when it was computed."""
    kept = Kept()
    entry = kept.put(1, Tier.MEMORY)
    computed_at = kept.clock.now
    while kept.clock.now < computed_at + HOUR_S - 5 * MINUTE_S:
        kept.clock.now += 5 * MINUTE_S
        kept.find(entry, Tier.MEMORY)

    assert kept.account.expires_at(entry, Tier.MEMORY) == computed_at + HOUR_S
    kept.clock.now = computed_at + HOUR_S
    kept.account.expire()
    assert not entry.stays


def test_the_source_of_a_hit_is_remembered():
    """Which entry it was, and out of which tier; nothing where nothing was reused."""
    kept = Kept()
    entry = kept.put(1, Tier.DISK)
    asked = _asked(1)
    kept.account.note_placed(asked, 0, None, Tier.MEMORY)
    miss = kept.account.history.find("org-1", asked.request_id)
    kept.account.note_placed(replace(asked, request_id="again"), 1024, entry, Tier.DISK)
    hit = kept.account.history.find("org-1", "again")

    assert miss is not None
    assert hit is not None
    assert (miss.outcome.source_id, miss.outcome.source_tier) == (None, None)
    assert (hit.outcome.source_id, hit.outcome.source_tier) == (entry.id, Tier.DISK)


def test_what_somebody_holds_leaves_a_tier_with_the_last_hold():
    """A slot may be needed while its file is written: the account does not go on to claim it."""
    kept = Kept()
    entry = kept.put(1, Tier.DISK)
    kept.account.tree.hold(entry)
    kept.account.tree.hold(entry)
    kept.account.drop(entry, Tier.DISK, Removal.SPACE)
    kept.account.release(entry)
    assert Tier.DISK in entry.stays
    kept.account.release(entry)
    assert not entry.stays


def test_what_is_put_there_again_meanwhile_stays():
    """After the last hold too."""
    kept = Kept()
    entry = kept.put(1, Tier.DISK)
    kept.account.tree.hold(entry)
    kept.account.drop(entry, Tier.DISK, Removal.SPACE)
    kept.put(1, Tier.DISK)
    kept.account.release(entry)
    assert Tier.DISK in entry.stays
