"""Part `trace`: conversations of several organisations, interleaved, and what share of their tokens a cache serves."""

import http.client
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from bench.cache.client import Target
from bench.cache.ideal import counted, unbounded
from bench.cache.prompts import Messages, words
from bench.cache.servers import Ours, plain_llama

ORGANIZATIONS = ("north", "east", "south", "west")
_SYSTEM_WORDS = (1100, 1400)
_TURN_WORDS = (20, 90)


@dataclass(frozen=True, slots=True)
class Request:
    """One turn of a conversation: the whole of what was said, asked by an organisation."""

    organization: str
    conversation: int
    messages: Messages


@dataclass(frozen=True, slots=True)
class Served:
    """What a server had cached of each request, as it reports it."""

    system: str
    cached: list[int]
    prompt: list[int]
    first_ms: list[float]


@dataclass(frozen=True, slots=True)
class Trace:
    """The part's result: `ideal` is what an unbounded cache of each organisation would hold of each request."""

    num_conversations: int
    ideal: list[int]
    served: list[Served]

    def share(self, served: Served) -> float:
        """Return the tokens that were served from cache, of those that an unbounded one gives; unrounded."""
        return sum(served.cached) / sum(self.ideal)

    def share_as_counted(self, served: Served) -> float:
        """Return the same with both counted as the contract does: nothing under 1,024 tokens, steps of 128."""
        return sum(map(counted, served.cached)) / sum(map(counted, self.ideal))


def requests(num_conversations: int, num_turns: int) -> list[Request]:
    """Return the turns of all conversations in a random order that keeps each conversation's own.

    What the assistant said in earlier turns is a part of the script, so that every server is asked the same.
    """
    of = Random("trace")
    systems = {name: words(of, of.randint(*_SYSTEM_WORDS)) for name in ORGANIZATIONS}
    turns = [number for number in range(num_conversations) for _ in range(num_turns)]
    of.shuffle(turns)
    said: dict[int, Messages] = {}
    made: list[Request] = []
    for number in turns:
        organization = ORGANIZATIONS[number % len(ORGANIZATIONS)]
        history = said.setdefault(number, [{"role": "system", "content": systems[organization]}])
        if len(history) > 1:
            history.append({"role": "assistant", "content": words(of, of.randint(*_TURN_WORDS))})
        history.append({"role": "user", "content": words(of, of.randint(*_TURN_WORDS))})
        made.append(Request(organization, number, list(history)))
    return made


def measure(model: str, script: Sequence[Request], folder: Path, *, with_llama: bool) -> Trace:
    """Ask ours with a key of each organisation, then llama.cpp with its host cache and without."""
    num_conversations = len({request.conversation for request in script})
    ours = Ours(folder)
    keys = {name: ours.key(name) for name in ORGANIZATIONS}
    with ours.running(model, with_keys=True) as target:
        served = [_run("Antiphon", script, lambda name: replace(target, key=keys[name]))]
    with plain_llama(model, folder) as target:
        ideal = unbounded((request.organization, tokens) for request, tokens in _tokenized(target, script))
        if with_llama:
            served.append(_run("llama.cpp, host cache across organisations", script, lambda _: target))
    if with_llama:
        with plain_llama(model, folder, host_cache=False) as bare:
            served.append(_run("llama.cpp, slots alone", script, lambda _: bare))
    return Trace(num_conversations, ideal, served)


def _run(system: str, script: Sequence[Request], target_of: Callable[[str], Target]) -> Served:
    seen = [target_of(request.organization).ask(request.messages, max_tokens=2) for request in script]
    served = Served(
        system,
        [one.cached_tokens for one in seen],
        [one.prompt_tokens for one in seen],
        [one.first_ms for one in seen],
    )
    print({"system": system, "cached": sum(served.cached), "prompt": sum(served.prompt)}, flush=True)
    return served


def _tokenized(target: Target, script: Sequence[Request]) -> Iterator[tuple[Request, list[int]]]:
    """The tokens of each prompt as llama.cpp renders and reads it."""
    for request in script:
        prompt = _post(target, "/apply-template", {"messages": request.messages})["prompt"]
        yield (
            request,
            _post(target, "/tokenize", {"content": prompt, "add_special": True, "parse_special": True})["tokens"],
        )


def _post(target: Target, path: str, body: dict[str, Any]) -> dict[str, Any]:
    connection = http.client.HTTPConnection(urlsplit(target.address).netloc, timeout=30)
    try:
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()
