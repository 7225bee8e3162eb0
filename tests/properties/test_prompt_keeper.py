"""Whoever asks what, leaves when, and whatever dies meanwhile: what the cache of prompts gives, and to whom."""

import asyncio
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fixtures.kept_prompts import MODEL, Asker, FilesInMemory, Told, asking
from tests.fixtures.llama_slots import NOBODY, Cell, FakeLlamaServer, cold_answer, computed

from antiphon.errors import EngineError
from antiphon.generation.caching import UNSAID, CacheWishes
from antiphon.prefix.entry import HOUR_S, Tier
from antiphon.prefix.sequence import TokenSequence

ORGANIZATIONS = ("org-1", "org-2", "org-3")
IN_MEMORY = CacheWishes(retention="in_memory")
DEATHS = ("prompt", "told prompt", "answer", "save", "saved", "save begun", "restore", "restored", "erase")
# Prompts begin alike and go on otherwise; some are long enough for the disk.
LENGTHS = (70, 130, 200, 1_088, 1_100, 1_200)
INDEPENDENT = Random(1)
WORDS = [[INDEPENDENT.randrange(2, 999) for _ in range(max(LENGTHS))] for _ in range(2)]
RESTS = ([], [5], [6, 7, 8], [0] * 90)


@dataclass(frozen=True)
class Question:
    """A prompt of an organisation; the client leaves after so many pieces, None is never."""

    organization: str
    words: int
    num_words: int
    rest: int
    leaves_after: int | None
    caching: CacheWishes
    wanted_tokens: int | None

    @property
    def tokens(self) -> tuple[int, ...]:
        """The prompt."""
        return (*WORDS[self.words][: self.num_words], *RESTS[self.rest])


QUESTIONS = st.builds(
    Question,
    organization=st.sampled_from(ORGANIZATIONS),
    words=st.sampled_from([0, 0, 1]),
    num_words=st.sampled_from(LENGTHS),
    rest=st.integers(0, len(RESTS) - 1),
    leaves_after=st.sampled_from([None] * 6 + [0, 1, 2, 18]),
    caching=st.sampled_from([UNSAID, UNSAID, IN_MEMORY]),
    wanted_tokens=st.sampled_from([None] * 5 + [0, 100, 1_150]),
)
# "die": the next time that the process comes to a point; "kill": at once, with nobody at work or with everybody.
HAPPENINGS = (
    st.lists(QUESTIONS, min_size=1, max_size=3)
    | st.sampled_from(["quiet", "kill", "delete", "expire"])
    | st.sampled_from(DEATHS)
)
Happening = list[Question] | str


class Play:
    """Plays happenings, and holds every answer against an engine that keeps nothing."""

    def __init__(self, asker: Asker, files: FilesInMemory) -> None:
        self.asker = asker
        self.files = files
        self.num_hits = 0
        self._seen = {organization: list[Sequence[int]]() for organization in ORGANIZATIONS}

    async def happen(self, happening: Happening) -> None:
        """Let one thing happen; questions of one list are asked at the same time."""
        if isinstance(happening, list):
            await asyncio.gather(*(asyncio.create_task(self._ask(question)) for question in happening))
        elif happening == "quiet":
            await self.asker.quiet()
            self.check_account()
        elif happening == "kill":
            self.asker.server.kill()
        elif happening == "delete":
            await self.asker.cache.remove_all(ORGANIZATIONS[0])
        elif happening == "expire":
            self.asker.clock.at += HOUR_S
        else:
            self.asker.server.deaths[happening] += 1

    async def _ask(self, question: Question) -> None:
        tokens, organization = question.tokens, question.organization
        earlier = [_num_shared(tokens, other) for other in self._seen[organization]]
        asked = self.asker.asked(organization, tokens, question.caching, question.wanted_tokens)
        self._seen[organization].append(tokens)
        try:
            told = await self.asker.tell(asked, question.leaves_after)
        except EngineError:
            return  # a process that died after it had told something
        if question.leaves_after is None:
            self._check(question, told, max(earlier, default=0))

    def _check(self, question: Question, told: Told, most_tokens: int) -> None:
        assert told.text == cold_answer(question.tokens)
        assert told.cached_tokens <= told.engine_tokens <= most_tokens
        assert told.cached_tokens % 64 == 0
        assert question.wanted_tokens is None or told.cached_tokens <= question.wanted_tokens
        self.num_hits += told.cached_tokens > 0

    def check_account(self) -> None:
        """Nothing goes on: all that is claimed is there, in slots and in files, as if it had been computed cold."""
        asker, server = self.asker, self.asker.server
        asker.cache.entries()  # takes out what has expired
        if asker.keeper._run is not None and asker.keeper._run.port == server.supervisor.run:
            for number, holding in asker.holdings().items():
                _check_cells(server.cells[number], holding.tokens, holding.asked.prompt.key.organization)
            held = {holding.entry for holding in asker.holdings().values()}
            in_memory = {entry for entry in asker.cache._account.tree.entries.values() if Tier.MEMORY in entry.stays}
            assert in_memory == held
        on_disk = {entry.id for entry in asker.cache._account.tree.entries.values() if Tier.DISK in entry.stays}
        assert on_disk <= set(self.files.kept)
        for header, raw in self.files.kept.values():
            cells = [Cell(*cell) for cell in json.loads(raw)]
            tokens = header.sequence.symbols.tolist()
            _check_cells(cells, tokens, header.key.organization)


def _num_shared(ours: Sequence[int], theirs: Sequence[int]) -> int:
    return TokenSequence(list(ours)).shared_tokens(TokenSequence(list(theirs)))


def _check_cells(cells: Sequence[Cell], tokens: Sequence[int], organization: str) -> None:
    told = [(cell.token, cell.value) for cell in cells[: len(tokens)]]
    assert told == [(cell.token, cell.value) for cell in computed((), tokens)]
    assert {cell.owner for cell in cells[: len(tokens)]} <= {organization, NOBODY}


def check_owners(server: FakeLlamaServer) -> None:
    """No answer was computed behind what another organisation's left."""
    for seen in server.calls.prompts:
        assert seen.owner == NOBODY or seen.owners <= {seen.owner, NOBODY}


def list_files(folder: Path) -> list[Path]:
    """Return the files of a folder."""
    return [path for path in folder.iterdir() if path.is_file()]


async def play(happenings: Sequence[Happening], num_slots: int, folder: Path) -> Play:
    """Play happenings in a new cache."""
    files = FilesInMemory()
    async with asking(folder, num_slots=num_slots, files=files) as asker:
        played = Play(asker, files)
        for happening in happenings:
            await played.happen(happening)
        asker.server.deaths.clear()
        await asker.quiet()
        played.check_account()
        check_owners(asker.server)
        assert not list_files(folder), "states in clear were left"
        assert asker.server.supervisor.slots.num_busy == 0
    return played


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(HAPPENINGS, min_size=1, max_size=12), st.integers(1, 3))
def test_answers_are_those_of_an_engine_that_keeps_nothing(happenings: list[Happening], num_slots: int):
    """Whoever leaves and whatever dies: nothing of others is used, and nothing is claimed that is not there."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(happenings, num_slots, Path(folder)))


def test_the_play_does_find_hits_of_memory_and_of_the_disk():
    """Otherwise it would show nothing."""
    long = [Question("org-1", 0, 1_200, 1, None, UNSAID, None)]
    short = [Question("org-1", 1, 200, 1, None, UNSAID, None)]
    with tempfile.TemporaryDirectory() as folder:
        played = asyncio.run(play([long, short, long, "quiet", "kill", long, short, short], 2, Path(folder)))
    assert played.num_hits == 3
    (counts,) = played.asker.cache.counts()
    assert (counts.model, counts.num_restores, counts.num_saves) == (MODEL, 1, 1)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(ORGANIZATIONS * 3), st.integers(1, 3), st.sampled_from([200, 1_200]), st.integers(0, 9))
def test_another_organisations_identical_prompt_is_computed_whole(
    order: list[str], num_slots: int, num_words: int, killed_before: int
):
    """The first time that each asks it, in any order, over slots and files; by the engine's own count."""

    async def interleave(folder: Path) -> None:
        async with asking(folder, num_slots=num_slots, files=FilesInMemory()) as asker:
            tokens, begun = [*WORDS[0][:num_words], 5], set[str]()
            for place, organization in enumerate(order):
                if place == killed_before:
                    asker.server.kill()
                told = await asker.ask(organization, tokens)
                assert organization in begun or (told.engine_tokens, told.cached_tokens) == (0, 0)
                begun.add(organization)
            check_owners(asker.server)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(interleave(Path(folder)))
