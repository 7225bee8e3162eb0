"""What a session's prompts contain again and again, checked once: functions' schemas and pictures."""

import msgspec

from antiphon.ports import Images
from antiphon.realtime.effects import Prompt
from antiphon.realtime.items import Content, ImageContent, MessageItem
from antiphon.schemas import SchemaOwner, read_schema
from antiphon.wire.chat.request import ChatRequest, FunctionTool

_MAX_SCHEMAS = 256
_MAX_URL_CHARS = 32 * 1024 * 1024


class Checks:
    """Remembers what was right; what is wrong is told each time."""

    def __init__(self, images: Images) -> None:
        self._images = images
        self._schemas: set[bytes] = set()
        self._urls: dict[str, str] = {}
        self._num_url_chars = 0

    def check_functions(self, request: ChatRequest) -> None:
        """Check the parameters of functions. Raises `InvalidRequest` with the place of what is wrong."""
        for place, tool in enumerate(request.tools or ()):
            if isinstance(tool, FunctionTool):
                self._check_function(tool, place)

    async def with_images(self, prompt: Prompt) -> Prompt:
        """Return the prompt with each image checked to be one. Raises `InvalidRequest`."""
        items = [
            msgspec.structs.replace(item, content=tuple([await self._checked(part) for part in item.content]))
            if isinstance(item, MessageItem) and any(isinstance(part, ImageContent) for part in item.content)
            else item
            for item in prompt.items
        ]
        return msgspec.structs.replace(prompt, items=tuple(items))

    def _check_function(self, tool: FunctionTool, place: int) -> None:
        known = msgspec.json.encode([tool.function.name, tool.function.parameters])
        if known not in self._schemas:
            owner = SchemaOwner.function(tool.function.name, f"tools[{place}]")
            read_schema(tool.function.parameters, owner, strict=False)
            if len(self._schemas) < _MAX_SCHEMAS:
                self._schemas.add(known)

    async def _checked(self, part: Content) -> Content:
        if not isinstance(part, ImageContent):
            return part
        url = self._urls.get(part.url)
        if url is None:
            url = await self._images.data_url(part.url)
            url = part.url if url == part.url else url  # one text, not two of the same
            if self._num_url_chars + len(url) <= _MAX_URL_CHARS:
                self._num_url_chars += len(url)
                self._urls[part.url] = url
        return msgspec.structs.replace(part, url=url)
