"""The engine over one OpenAI-compatible server: chats, continuations and embeddings."""

import hashlib
import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing

from antiphon.engines.http import Timeouts, Upstream
from antiphon.engines.remote.calls import Call, Calls, World
from antiphon.engines.remote.outgoing import CacheManners, chat_body, completion_body, embedding_body
from antiphon.engines.remote.reading import ChatReader, TextReader
from antiphon.engines.remote.retries import BackOff
from antiphon.engines.remote.vectors import VectorReader
from antiphon.generation.facts import ChatFact, CompletionFact
from antiphon.generation.profile import EngineProfile
from antiphon.generation.work import ChatWork, CompletionWork, Embedded, EmbeddingWork
from antiphon.ids import Ids, random_id
from antiphon.settings import RemoteEngine as RemoteEngineSettings


class RemoteEngine:
    """One upstream; all its models share the profile, the connections, the circuit breaker and the bound.

    An answer that is not streamed comes whole, so its first byte is its last: `first_token_timeout_s` covers it all.
    """

    def __init__(self, settings: RemoteEngineSettings, *, world: World | None = None, ids: Ids = random_id) -> None:
        self._upstream, self._calls = connected(settings, world)
        self._profile = profile_of(settings)
        self._manners = _manners_of(settings)
        self._ids = ids

    @property
    def profile(self) -> EngineProfile:
        """What the settings say that the upstream can do."""
        return self._profile

    @property
    def num_in_flight(self) -> int:
        """How many calls the upstream works on now."""
        return self._calls.num_in_flight

    def chat(self, work: ChatWork) -> AsyncGenerator[ChatFact, None]:
        """Send a chat on and tell the facts of its answer; it is streamed if the caller's answer is."""
        call = Call("/chat/completions", work.model, chat_body(work, self._manners), streams=bool(work.request.stream))
        num_choices = work.request.n or 1
        return self._calls.told(call, lambda: ChatReader(num_choices, self._ids))

    async def warm(self, work: ChatWork) -> None:
        """Do nothing: what the upstream keeps of a prompt is its own to say, and it would charge for the computing."""

    def complete(self, work: CompletionWork) -> AsyncGenerator[CompletionFact, None]:
        """Send a prompt on and tell the facts of its continuation."""
        call = Call("/completions", work.model, completion_body(work, self._manners), streams=bool(work.request.stream))
        num_choices = work.request.n or 1
        return self._calls.told(call, lambda: TextReader(num_choices))

    async def embed(self, work: EmbeddingWork) -> Embedded:
        """Send texts on and return their vectors."""
        call = Call("/embeddings", work.model, embedding_body(work), streams=False)
        async with aclosing(self._calls.told(call, lambda: VectorReader(len(work.inputs)))) as answers:
            return await anext(answers)

    async def close(self) -> None:
        """Close all connections."""
        await self._upstream.close()


def connected(settings: RemoteEngineSettings, world: World | None = None) -> tuple[Upstream, Calls]:
    """Return the way to an upstream. Raises `StartRefused` where its key is not set."""
    key = settings.key()
    timeouts = Timeouts(settings.connect_timeout_s, settings.first_token_timeout_s, settings.idle_timeout_s)
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    upstream = Upstream(settings.name, settings.base_url, headers=headers, timeouts=timeouts)
    back_off = BackOff(settings.num_retries)
    calls = Calls(
        settings.name, upstream, world or World(), key=key, back_off=back_off, max_in_flight=settings.max_in_flight
    )
    return upstream, calls


def fingerprint_of(settings: RemoteEngineSettings) -> str:
    """Return what stands for an upstream's build. Nobody tells us that, so its address is the fingerprint."""
    address = hashlib.sha256(f"{settings.name} {settings.base_url}".encode()).hexdigest()
    return f"fp_{address[:10]}"


def profile_of(settings: RemoteEngineSettings) -> EngineProfile:
    """Return what the operator says of the upstream."""
    return EngineProfile(
        fingerprint=fingerprint_of(settings),
        context_tokens=settings.context_tokens,
        max_top_logprobs=settings.max_top_logprobs,
        takes_images=settings.takes_images,
        takes_audio=settings.takes_audio,
        takes_files=settings.takes_files,
        calls_tools=settings.calls_tools,
        fits_schemas=settings.fits_schemas,
        biases_logits=settings.biases_logits,
        predicts_outputs=settings.predicts_outputs,
        reasons=settings.reasons,
        varies_verbosity=settings.varies_verbosity,
    )


def _manners_of(settings: RemoteEngineSettings) -> CacheManners:
    key = None
    if settings.salts_cache:
        given = settings.cache_salt_key
        key = given.get_secret_value().encode() if given is not None else secrets.token_bytes(32)
    return CacheManners(salt_key=key, takes_fields=settings.takes_cache_fields)
