"""Every door through which the features reach the world. Adapters on floor 3 stand behind them.

Signatures use types of floors 0 and 1 only. Each port has one contract suite that runs over all its implementations.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from antiphon.audio.files import FileFormat
from antiphon.callers import Caller, EphemeralSecret, KeyRecord
from antiphon.catalogue.entry import Entry
from antiphon.catalogue.pulling import Presence, PullFact, StoredModel
from antiphon.generation.caching import CacheCounts
from antiphon.generation.facts import ChatFact, CompletionFact
from antiphon.generation.profile import EngineProfile
from antiphon.generation.work import ChatWork, CompletionWork, Embedded, EmbeddingWork, Urgency
from antiphon.limits.repeats import RecordedAnswer, RepeatKey
from antiphon.prefix.entry import Entry as Prefix
from antiphon.prefix.header import FoundPrefix, PrefixHeader
from antiphon.speech.facts import RecognitionFact, SpeechFact
from antiphon.speech.profile import RecogniserProfile, SynthesiserProfile
from antiphon.speech.voices import Voice
from antiphon.speech.work import RecognitionWork, SpeechWork
from antiphon.wire.cache import CacheEntry, CacheEntryChange, CacheExplanation
from antiphon.wire.chat.answer import ChatCompletion
from antiphon.wire.chat.request import ChatRequest
from antiphon.wire.engines import Engine
from antiphon.wire.models import Model


class ChatEngine(Protocol):
    """Answers chats."""

    @property
    def profile(self) -> EngineProfile:
        """What the engine can do with this model."""
        ...

    def chat(self, work: ChatWork) -> AsyncGenerator[ChatFact, None]:
        """Tell the facts of one chat; closing the generator ends the work within a second.

        Raises `InvalidRequest` for what the engine cannot take, `ContextLengthExceeded`, or an `EngineError`.
        """
        ...

    async def warm(self, work: ChatWork) -> None:
        """Compute the beginning of a conversation's prompt before it is asked for; cancelling ends the work.

        Does nothing where the engine keeps no slot for conversations. Raises as `chat` does.
        """
        ...


class CompletionEngine(Protocol):
    """Continues text."""

    @property
    def profile(self) -> EngineProfile:
        """What the engine can do with this model."""
        ...

    def complete(self, work: CompletionWork) -> AsyncGenerator[CompletionFact, None]:
        """Tell the facts of one continuation; ends and raises as `ChatEngine.chat` does."""
        ...


class EmbeddingEngine(Protocol):
    """Turns text into vectors."""

    async def embed(self, work: EmbeddingWork) -> Embedded:
        """Embed every input. Raises `InvalidRequest` for an input that is too long, or an `EngineError`."""
        ...


class Engines(Protocol):
    """Finds the engine for a model's name, an alias included.

    Each method returns the engine and its own name for the model, and raises `ModelNotFound` where nothing has the
    name and `InvalidRequest` where the model is of another kind. Less urgent work must never delay more urgent work.
    """

    def chat(self, model: str, *, urgency: Urgency = "interactive") -> tuple[ChatEngine, str]:
        """Find who answers chats as `model`."""
        ...

    def hush(self) -> AbstractContextManager[None]:
        """Let all less than spoken work pause while the block lasts, and no longer than it can bear."""
        ...

    def completion(self, model: str) -> tuple[CompletionEngine, str]:
        """Find who continues text as `model`."""
        ...

    def embedding(self, model: str) -> tuple[EmbeddingEngine, str]:
        """Find who embeds as `model`."""
        ...

    def models(self) -> Sequence[Model]:
        """List every name that a request may use: models first, then their aliases."""
        ...

    def model(self, name: str) -> Model:
        """Describe one name. Raises `ModelNotFound`."""
        ...


class Recogniser(Protocol):
    """Hears words."""

    @property
    def profile(self) -> RecogniserProfile:
        """What the engine can do with this model."""
        ...

    def recognise(self, work: RecognitionWork) -> AsyncGenerator[RecognitionFact, None]:
        """Tell what is said in the audio; closing the generator ends the work as soon as the engine can.

        Raises `InvalidRequest` for what the engine cannot take, or an `EngineError`.
        """
        ...


class Synthesiser(Protocol):
    """Speaks words."""

    @property
    def profile(self) -> SynthesiserProfile:
        """What the engine can do with this voice's model."""
        ...

    def speak(self, work: SpeechWork) -> AsyncGenerator[SpeechFact, None]:
        """Speak a text; closing the generator ends the work. Raises as `Recogniser.recognise` does."""
        ...


class VoiceActivity(Protocol):
    """Hears voices in one stream of audio; it remembers what it heard, so each frame is told once."""

    def judge(self, samples: bytes) -> tuple[float, ...]:
        """Return for each frame of 512 samples (signed 16-bit, 16 kHz) how likely it is a voice, 0 to 1."""
        ...

    def forget(self) -> None:
        """Begin anew."""
        ...


class TurnJudge(Protocol):
    """Judges whether a speaker is done."""

    async def judge(self, samples: bytes) -> float:
        """Return how likely it is, 0 to 1, by the last 8 s of samples (signed 16-bit, 16 kHz)."""
        ...


class SpeechEngines(Protocol):
    """Finds who hears and who speaks. Raises `ModelNotFound` and `InvalidRequest` as `Engines` does."""

    def recogniser(self, model: str, language: str | None = None) -> tuple[Recogniser, str]:
        """Find who recognises as `model`, and the engine's own name for it.

        Where a catalogued model does not know the language, one that does takes its place, if there is one.
        """
        ...

    def recognises(self, model: str) -> bool:
        """Whether the name means a model that recognises speech, be it here or yet to be fetched."""
        ...

    def synthesiser(self, model: str, voice: str) -> tuple[Synthesiser, Voice]:
        """Find who speaks as `model` with that voice.

        `model` is a speech model's name or, in a conversation, the name of the model that the words are of. Raises
        `InvalidRequest` (param `voice`) where there is no such voice, which names those that there are.
        """
        ...

    def voice_activity(self, model: str) -> VoiceActivity:
        """Return new ears for one stream of a conversation with `model`."""
        ...

    def turn_judge(self, model: str) -> TurnJudge:
        """Find who judges turns in conversations with `model`."""
        ...

    def voices(self) -> Sequence[Voice]:
        """List every voice that has a model here."""
        ...


class EngineRoom(Protocol):
    """Tells how the embedded engines are."""

    def statuses(self) -> Sequence[Engine]:
        """Return every process as it is at this moment."""
        ...


class PromptCache(Protocol):
    """Keeps computed prefixes of prompts, each for one organisation, and can say what it did."""

    async def explain(self, organization: str, request_id: str) -> CacheExplanation:
        """Tell what a request found. Raises `NotFound` for an id that is unknown, forgotten or another's."""
        ...

    def entries(self) -> Sequence[CacheEntry]:
        """List what is kept, for every organisation, the most recently used first."""
        ...

    async def remove(self, entry_id: str) -> None:
        """Free one entry in every tier. Raises `NotFound`."""
        ...

    async def remove_all(self, organization: str | None = None) -> int:
        """Free every entry, or those of one organisation; return how many went."""
        ...

    async def alter(self, entry_id: str, change: CacheEntryChange) -> CacheEntry:
        """Pin an entry, or say how long it stays, and return it. Raises `NotFound`."""
        ...

    def counts(self) -> Sequence[CacheCounts]:
        """Return what was done and is held, one for each model."""
        ...


class PrefixFiles(Protocol):
    """Keeps engines' states after prompts in sealed files, which outlive the process.

    Whoever uses it decides what has to go before something else fits.
    """

    @property
    def put_bytes_per_s(self) -> float | None:
        """How fast states went in lately; None before the first."""
        ...

    @property
    def take_out_bytes_per_s(self) -> float | None:
        """How fast states came out lately; None before the first."""
        ...

    def file_bytes(self, header: PrefixHeader, payload_bytes: int) -> int:
        """Return how many bytes the file for a state of this length takes."""
        ...

    async def scan(self) -> Sequence[FoundPrefix]:
        """Return what earlier processes left, the last used first. Raises `OSError` if there can be no folder."""
        ...

    async def put(self, raw_path: Path, header: PrefixHeader) -> int:
        """Seal the state at `raw_path` and return the bytes of its file. Raises `PrefixNotKept`."""
        ...

    async def take_out(self, entry: Prefix, raw_path: Path) -> int:
        """Write the state of an entry to `raw_path`, verified, and return its bytes. Raises `PrefixMiss`."""
        ...

    async def amend(self, prefix_id: str, expires_at: float, is_pinned: bool) -> None:
        """Give a file another end of its time, or pin it. Raises `PrefixMiss` and `PrefixNotKept`."""
        ...

    async def remove(self, prefix_id: str) -> None:
        """Remove a file; one that is not there is no error."""
        ...


class Images(Protocol):
    """Brings images that a request only names."""

    async def data_url(self, url: str) -> str:
        """Return the image at an https or data URL as a data URL whose bytes were checked to be an image.

        Raises `InvalidRequest` (codes `invalid_image_url`, `invalid_image`, `image_too_large`).
        """
        ...


class AudioEncoder(Protocol):
    """Makes one audio file, in order, from samples: signed 16-bit, one channel, `FILE_RATE_HZ`."""

    async def feed(self, samples: bytes) -> bytes:
        """Return what is ready of the file."""
        ...

    async def finish(self) -> bytes:
        """Return the rest of the file."""
        ...


class AudioFiles(Protocol):
    """Reads and writes audio files, while the event loop goes on."""

    async def decode(self, data: bytes, rate_hz: int) -> bytes:
        """Return the first sound of a file as samples: signed 16-bit, one channel, at `rate_hz`.

        Raises `InvalidRequest` (codes `invalid_audio`, `audio_too_short`, `audio_too_long`).
        """
        ...

    def encoder(self, file_format: FileFormat) -> AudioEncoder:
        """Return an encoder of a file whose length nobody knows yet."""
        ...

    async def encode(self, file_format: FileFormat, samples: bytes) -> bytes:
        """Return samples, as `AudioEncoder` takes them, as a whole file."""
        ...


class SpokenAnswers(Protocol):
    """Remembers what spoken answers said, for later turns that only name them. Other projects' are never found."""

    async def keep(self, caller: Caller, answer_id: str, transcript: str, expires_at: int) -> None:
        """Remember an answer until `expires_at`, in seconds since 1970."""
        ...

    async def find(self, caller: Caller, answer_id: str) -> str | None:
        """Return what an answer said, None where there is none or it has expired."""
        ...


class StoredCompletions(Protocol):
    """Remembers the completions that a caller asked to store."""

    async def save(self, caller: Caller, request: ChatRequest, completion: ChatCompletion) -> None:
        """Keep the completion, its request and its metadata, durably, before the answer ends."""
        ...


class Keys(Protocol):
    """Remembers keys by their digest; a secret is in nobody's memory but its holder's."""

    async def find(self, secret: str) -> Caller | None:
        """Return who holds a key, None where it never was or is revoked.

        What this process revokes is revoked at once, what another does within five seconds.
        """
        ...

    async def add(self, record: KeyRecord, secret: str) -> None:
        """Remember a key; its organisation and project are made if they are new."""
        ...

    async def records(self) -> Sequence[KeyRecord]:
        """List the keys, revoked ones included, oldest first."""
        ...

    async def revoke(self, key_id: str, revoked_at: int) -> KeyRecord:
        """End a key; a second time changes nothing. Raises `NotFound`."""
        ...


class EphemeralSecrets(Protocol):
    """Remembers, by their digests, keys that are good for minutes and for Realtime sockets alone."""

    async def add(self, record: EphemeralSecret, secret: str, most: int) -> int | None:
        """Remember a key, unless its caller has `most` that have not expired.

        Returns None, or for a key that was not remembered when (since 1970) the first of those expires.
        """
        ...

    async def find(self, secret: str) -> EphemeralSecret | None:
        """Return what a key stands for; None where it never was, has expired, or the key that made it is revoked."""
        ...


class RepeatedRequests(Protocol):
    """Remembers, for a day, the answers to requests that carry an idempotency key."""

    async def claim(self, repeat: RepeatKey) -> RecordedAnswer | None:
        """Return the answer that was given before, or None, and the request is then the claimant's to carry out.

        Raises `InvalidRequest` where the key belongs to another request and `Conflict` while it is carried out.
        """
        ...

    async def keep(self, repeat: RepeatKey, answer: RecordedAnswer) -> None:
        """Remember the answer to a claimed request, durably."""
        ...

    async def release(self, repeat: RepeatKey) -> None:
        """Give a claim back: the request was not settled and may be carried out again."""
        ...


class ModelStore(Protocol):
    """Keeps the weights of catalogued models on this machine."""

    def stored(self, entry: Entry) -> StoredModel | None:
        """Return the weights, where they are here and are those that the entry wants; it reads no weights for that."""
        ...

    def presence(self, entry: Entry) -> Presence:
        """Return whether the weights are here, or on their way."""
        ...

    def pull(self, entry: Entry) -> AsyncGenerator[PullFact, None]:
        """Bring the weights here and check them, telling how far it is; tells nothing where they are here already.

        Closing the generator ends the work; what was fetched is not fetched again. Raises `UpstreamFailed` where no
        source gives the right bytes, `InvalidRequest` where they cannot be converted, `Conflict` where the disk does
        not take them.
        """
        ...

    async def delete(self, entry: Entry) -> bool:
        """Remove the weights; return whether there were any. Raises `Conflict` while they are pulled."""
        ...
