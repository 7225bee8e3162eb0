"""Which engine answers for which name. No process starts here: engines start theirs when they are used."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from antiphon.catalogue.entry import Entry
from antiphon.catalogue.pulling import StoredModel
from antiphon.catalogue.reading import SCRIPTED_MODEL, read_catalogue
from antiphon.engines.llama.embedding import LlamaEmbedding
from antiphon.engines.llama.engine import LlamaEngine
from antiphon.engines.registry.text import EngineRegistry, open_engines
from antiphon.engines.remote.engine import RemoteEngine
from antiphon.engines.scripted.engine import ScriptedEngine
from antiphon.errors import InvalidRequest, ModelNotFound, NotFound
from antiphon.settings import read_settings

CATALOGUE = """
[[models]]
name = "small"
kind = "chat"
licence = "MIT"
context_tokens = 100000
is_default = true
files = [{ name = "small.gguf" }]
sources = [{ paths = { "small.gguf" = "/weights/small.gguf" } }]

[[models]]
name = "vectors"
kind = "embedding"
licence = "MIT"
context_tokens = 512
files = [{ name = "vectors.gguf" }]
sources = [{ paths = { "vectors.gguf" = "/weights/vectors.gguf" } }]

[[models]]
name = "absent"
kind = "chat"
licence = "MIT"
context_tokens = 512
files = [{ name = "absent.gguf" }]
sources = [{ paths = { "absent.gguf" = "/weights/absent.gguf" } }]

[[aliases]]
names = ["text-embedding-3-small"]
model = "vectors"

[[aliases]]
names = ["gpt-4o", "gpt-*"]
model = "small"

[[aliases]]
names = ["o1"]
model = "absent"
"""
HERE = frozenset({"small", "vectors"})
REMOTE = {"name": "vllm", "base_url": "http://127.0.0.1:9/v1", "models": {"big": "org/big"}}


def registry(
    here: Mapping[str, Path] | None = None, engines: tuple[dict[str, Any], ...] = (REMOTE,), **options: Any
) -> EngineRegistry:
    """Return the engines over the catalogue, with the weights of some models `here`."""
    weights = {name: Path("/weights") / name for name in HERE} if here is None else here

    def stored(entry: Entry) -> StoredModel | None:
        path = weights.get(entry.name)
        return StoredModel(entry.name, path, 1, "ab" * 32, "a test") if path is not None else None

    settings = read_settings(given={"engines": engines, **options})
    others = [name for engine in engines for name in engine["models"]]
    catalogue = read_catalogue(CATALOGUE, "test").with_operator({}, [*others, SCRIPTED_MODEL])
    return open_engines(settings, catalogue, stored, created_at=7)


def test_an_alias_leads_to_the_engine_of_its_model():
    """So does the model's own name, and a name that only fits a pattern; the engine is one and the same."""
    engines = registry()
    found = [engines.chat(name) for name in ("small", "gpt-4o", "gpt-5-whatever")]
    assert [name for _, name in found] == ["small"] * 3
    assert len({id(engine) for engine, _ in found}) == 1
    assert isinstance(found[0][0], LlamaEngine)


def test_the_engine_that_chats_continues_text_too():
    """One process does both."""
    engines = registry()
    assert engines.completion("gpt-4o")[0] is engines.chat("gpt-4o")[0]


def test_bulk_work_has_an_engine_of_its_own():
    """In another process, on the same weights."""
    engines = registry()
    bulk, interactive = engines.chat("small", urgency="bulk")[0], engines.chat("small")[0]
    assert isinstance(bulk, LlamaEngine)
    assert isinstance(interactive, LlamaEngine)
    assert bulk.server is not interactive.server
    assert (bulk.server.config.urgency, interactive.server.config.urgency) == ("bulk", "interactive")
    assert bulk.server.config.model_path == interactive.server.config.model_path


async def test_spoken_work_has_an_engine_of_its_own_that_starts_as_soon_as_somebody_looks_for_it():
    """With fewer tokens for each of a few slots, which are kept for conversations."""
    engines = registry()
    spoken, interactive = engines.chat("small", urgency="spoken")[0], engines.chat("small")[0]
    assert isinstance(spoken, LlamaEngine)
    assert isinstance(interactive, LlamaEngine)
    assert spoken.server is not interactive.server
    assert spoken.server.config.urgency == "spoken"
    assert (spoken.server.config.num_slots, spoken.profile.context_tokens) == (4, 8192)
    states = {one.urgency: one.state.value for one in engines.statuses()}
    assert states == {"spoken": "starting", "interactive": "stopped"}
    await engines.drain(grace_s=0)


async def test_hush_pauses_what_is_not_spoken():
    """Where nothing is embedded there is nothing to pause."""
    for embedded in (True, False):
        engines = registry(embedded_engines=embedded)
        with engines.hush(), engines.hush():
            pass


def test_embeddings_come_from_a_model_that_makes_them():
    """By its alias as well."""
    engine, name = registry().embedding("text-embedding-3-small")
    assert isinstance(engine, LlamaEmbedding)
    assert name == "vectors"


def test_a_remote_model_goes_by_its_own_name_there():
    """The caller's name for it is ours."""
    engine, name = registry().chat("big")
    assert isinstance(engine, RemoteEngine)
    assert name == "org/big"


def test_a_remote_engine_embeds_where_the_operator_says_so():
    """And is refused otherwise."""
    with pytest.raises(InvalidRequest, match="makes no embeddings"):
        registry().embedding("big")
    engine, name = registry(engines=({**REMOTE, "embeds": True},)).embedding("big")
    assert isinstance(engine, RemoteEngine)
    assert name == "org/big"


def test_the_scripted_model_is_always_there():
    """For chats, continuations and embeddings, embedded engines or not."""
    engines = registry(here={}, engines=(), embedded_engines=False)
    found = [engines.chat(SCRIPTED_MODEL), engines.completion(SCRIPTED_MODEL), engines.embedding(SCRIPTED_MODEL)]
    assert all(isinstance(engine, ScriptedEngine) for engine, _ in found)


def test_a_name_that_nothing_has_is_not_found():
    """With OpenAI's code."""
    for find in (registry().chat, registry().completion, registry().embedding, registry().model):
        with pytest.raises(ModelNotFound):
            find("no-such-model")


def test_a_name_that_nothing_has_is_told_what_it_is_like():
    """And nothing where it is like none."""
    with pytest.raises(ModelNotFound, match=r"`absentt` does not exist.* Did you mean `absent`\? GET /v1/models"):
        registry().chat("absentt")
    with pytest.raises(ModelNotFound, match=r"have access to it\. GET /v1/models"):
        registry().chat("no-such-model")


def test_a_model_whose_weights_are_not_here_is_not_found_and_the_answer_says_how_to_get_it():
    """By its name and by an alias."""
    engines = registry()
    for name in ("absent", "o1"):
        for find in (engines.chat, engines.model):
            with pytest.raises(NotFound, match="antiphon pull absent") as refusal:
                find(name)
            assert refusal.value.code == "model_not_found"


def test_a_model_of_another_kind_is_refused():
    """A text model makes no vectors, nor the other way round."""
    with pytest.raises(InvalidRequest, match="makes no embeddings"):
        registry().embedding("gpt-4o")
    with pytest.raises(InvalidRequest, match="does not write text"):
        registry().chat("vectors")


def test_models_are_listed_before_their_aliases_and_only_those_that_are_here():
    """Patterns are no names, and an alias of an absent model means nothing."""
    listed = registry().models()
    assert [model.id for model in listed] == [
        "small",
        "vectors",
        "big",
        SCRIPTED_MODEL,
        "text-embedding-3-small",
        "gpt-4o",
    ]
    owners = {model.id: model.owned_by for model in listed}
    assert (owners["gpt-4o"], owners["big"]) == ("antiphon", "vllm")
    assert {model.created for model in listed} == {7}


def test_a_name_is_described_as_it_was_asked_for():
    """An alias keeps its name, one by a pattern too."""
    assert [registry().model(name).id for name in ("gpt-4o", "gpt-5-whatever", "big")] == [
        "gpt-4o",
        "gpt-5-whatever",
        "big",
    ]


def test_without_embedded_engines_their_models_are_not_here():
    """Only remote ones and the scripted one are."""
    engines = registry(embedded_engines=False)
    assert [model.id for model in engines.models()] == ["big", SCRIPTED_MODEL]
    with pytest.raises(NotFound):
        engines.chat("small")
    assert (engines.waiting_for(), list(engines.statuses())) == ((), [])


def test_the_default_model_is_waited_for_and_where_it_is_absent_nothing_is():
    """Readiness is that of what the server starts by itself."""
    assert registry().waiting_for() == ("small",)
    assert registry(here={}).waiting_for() == ()


def test_every_process_that_was_wanted_is_told_of():
    """With the names that lead to it and what it is for."""
    engines = registry()
    engines.chat("small")
    engines.chat("small", urgency="bulk")
    told = [(one.name, one.model, one.aliases, one.urgency, one.state) for one in engines.statuses()]
    assert told == [
        ("small", "small", ("gpt-4o",), "interactive", "stopped"),
        ("small (bulk)", "small", ("gpt-4o",), "bulk", "stopped"),
    ]


def test_a_context_is_as_long_as_the_model_reads_and_no_longer_than_memory_allows():
    """The profile says what the process was given."""
    engine, _ = registry().chat("small")
    assert isinstance(engine, LlamaEngine)
    assert engine.profile.context_tokens == engine.server.config.context_tokens == 16_384


async def test_weights_that_were_replaced_get_another_process(tmp_path: Path):
    """And weights that are gone get none."""
    weights = tmp_path / "small.gguf"
    weights.write_bytes(b"1")
    here = {"small": weights}
    engines = registry(here=here)
    first, _ = engines.chat("small")
    assert engines.chat("small")[0] is first
    weights.unlink()
    here.clear()
    with pytest.raises(NotFound):
        engines.chat("small")
    here["small"] = weights
    weights.write_bytes(b"2")
    assert engines.chat("small")[0] is not first
    await engines.drain(grace_s=0)


@pytest.mark.parametrize(
    ("ability", "endpoint"),
    [({"recognises": True}, "/v1/audio/transcriptions"), ({"speaks": True, "voices": {"a": "b"}}, "/v1/audio/speech")],
)
def test_a_remote_model_that_hears_or_speaks_writes_no_text(ability: dict[str, Any], endpoint: str):
    """It is listed, and refused with what it is for."""
    engines = registry(engines=({**REMOTE, **ability},))
    assert "big" in [model.id for model in engines.models()]
    for ask in (engines.chat, engines.completion, engines.embedding):
        with pytest.raises(InvalidRequest, match=endpoint):
            ask("big")
