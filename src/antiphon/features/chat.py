"""Chat completions: from a request to an engine's facts, and from these to the answer."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from secrets import token_urlsafe

from antiphon.callers import Caller
from antiphon.errors import InvalidRequest, RequestError
from antiphon.generation.abilities import check_abilities, check_request
from antiphon.generation.answer import AnswerHead, StreamedAnswer, WholeAnswer, with_obfuscation
from antiphon.generation.caching import cache_wishes
from antiphon.generation.conversation import check_conversation, check_mentions_json
from antiphon.generation.facts import UsageCounted
from antiphon.generation.legacy import calls_functions, with_tools
from antiphon.generation.work import ChatWork
from antiphon.ids import Ids
from antiphon.ports import ChatEngine, Engines, Images, StoredCompletions
from antiphon.schemas import Schema, SchemaOwner, read_schema
from antiphon.settings import MIB
from antiphon.wire.chat.answer import ChatCompletion, ChatCompletionChunk
from antiphon.wire.chat.messages import ImagePart, Message, UserMessage
from antiphon.wire.chat.request import ChatRequest, FunctionTool

# As data URLs, in memory at once: a hundred large photographs.
MAX_IMAGES_CHARS = 256 * MIB


@dataclass(frozen=True, slots=True)
class _Turn:
    """A request that was checked, with all that its answer needs."""

    engine: ChatEngine
    work: ChatWork
    head: AnswerHead

    def whole_answer(self) -> WholeAnswer:
        return WholeAnswer(self.head, self.work.request.n or 1)


class Chat:
    """Answers `/v1/chat/completions`.

    `now` tells the seconds since 1970, `tells_misses` adds DeepSeek's words to usage.
    """

    def __init__(
        self,
        engines: Engines,
        images: Images,
        stored: StoredCompletions,
        make_id: Ids,
        now: Callable[[], float],
        *,
        tells_misses: bool = False,
    ) -> None:
        self._engines = engines
        self._images = images
        self._stored = stored
        self._make_id = make_id
        self._now = now
        self._tells_misses = tells_misses

    async def answer(self, caller: Caller, request: ChatRequest) -> ChatCompletion:
        """Return the whole answer. Raises `RequestError` or `EngineError`."""
        turn = await self._prepare(caller, request)
        whole = turn.whole_answer()
        async with aclosing(turn.engine.chat(turn.work)) as facts:
            async for fact in facts:
                whole.add(fact)
        completion = whole.completion()
        if request.store:
            await self._stored.save(caller, request, completion)
        return completion

    async def stream(self, caller: Caller, request: ChatRequest) -> AsyncGenerator[ChatCompletionChunk, None]:
        """Yield the answer's chunks as the engine tells them. Raises as `answer` does, before the first chunk or later.

        What is to be stored is stored before the last chunk leaves.
        """
        turn = await self._prepare(caller, request)
        options = request.stream_options
        streamed = StreamedAnswer(turn.head, includes_usage=bool(options and options.include_usage))
        is_padded = bool(options and options.include_obfuscation)
        kept = turn.whole_answer() if request.store else None
        async with aclosing(turn.engine.chat(turn.work)) as facts:
            async for fact in facts:
                if kept is not None:
                    kept.add(fact)
                    if isinstance(fact, UsageCounted):
                        await self._stored.save(caller, request, kept.completion())
                for chunk in streamed.chunks(fact):
                    yield with_obfuscation(chunk, token_urlsafe(12)) if is_padded else chunk

    async def _prepare(self, caller: Caller, request: ChatRequest) -> _Turn:
        is_bulk = request.service_tier == "flex"
        engine, model = self._engines.chat(request.model, urgency="bulk" if is_bulk else "interactive")
        check_request(request)
        asked = with_tools(request)
        check_abilities(asked, engine.profile)
        check_conversation(asked.messages)
        _check_function_schemas(asked)
        work = ChatWork(
            id=self._make_id("chatcmpl-"),
            organization=caller.organization,
            model=model,
            request=await self._with_images(asked),
            response_schema=_response_schema(asked),
            caching=cache_wishes(asked),
        )
        head = AnswerHead(
            id=work.id,
            created=int(self._now()),
            model=request.model,
            fingerprint=engine.profile.fingerprint,
            service_tier="flex" if is_bulk else "default",
            calls_functions=calls_functions(request),
            tells_logprobs=bool(request.logprobs),
            caching=work.caching,
            tells_misses=self._tells_misses,
        )
        return _Turn(engine, work, head)

    async def _with_images(self, request: ChatRequest) -> ChatRequest:
        if not any(_shows_images(message) for message in request.messages):
            return request
        fetching = _Fetching(self._images)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(fetching.message(message)) for message in request.messages]
        except* RequestError as refusals:
            raise refusals.exceptions[0] from None
        return request.model_copy(update={"messages": [task.result() for task in tasks]})


class _Fetching:
    """Brings the images of one request, which together may not be larger than a server can hold."""

    def __init__(self, images: Images) -> None:
        self._images = images
        self._num_chars = 0

    async def message(self, message: Message) -> Message:
        """Return the message with its images as data URLs."""
        if not isinstance(message, UserMessage) or isinstance(message.content, str):
            return message
        parts = [await self._part(part) if isinstance(part, ImagePart) else part for part in message.content]
        return message.model_copy(update={"content": parts})

    async def _part(self, part: ImagePart) -> ImagePart:
        url = await self._images.data_url(part.image_url.url)
        self._num_chars += len(url)
        if self._num_chars > MAX_IMAGES_CHARS:
            raise InvalidRequest(
                f"The images of this request have more than {MAX_IMAGES_CHARS // MIB} MiB together: send fewer, or "
                "smaller ones.",
                param="messages",
                code="image_too_large",
            )
        return part.model_copy(update={"image_url": part.image_url.model_copy(update={"url": url})})


def _shows_images(message: Message) -> bool:
    if not isinstance(message, UserMessage) or isinstance(message.content, str):
        return False
    return any(isinstance(part, ImagePart) for part in message.content)


def _check_function_schemas(request: ChatRequest) -> None:
    for place, tool in enumerate(request.tools or ()):
        if isinstance(tool, FunctionTool):
            owner = SchemaOwner.function(tool.function.name, f"tools[{place}].function")
            read_schema(tool.function.parameters, owner, strict=bool(tool.function.strict))


def _response_schema(request: ChatRequest) -> Schema | None:
    """Return the schema that the answer must fit, where the request gives one."""
    wanted = request.response_format
    if wanted is None or wanted.type == "text":
        return None
    if wanted.type == "json_object":
        check_mentions_json(request.messages)
        return None
    given = wanted.json_schema
    return read_schema(given.schema_, SchemaOwner.response_format(given.name), strict=bool(given.strict))
