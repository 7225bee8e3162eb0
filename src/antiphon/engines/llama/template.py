"""A model's own chat template, run as its authors run it.

The conventions are those that templates are written for (`apply_chat_template` of Hugging Face transformers): a
sandbox, `trim_blocks` and `lstrip_blocks`, loop controls, `tojson` that escapes nothing for HTML, and the functions
`raise_exception` and `strftime_now`.
"""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

from jinja2 import TemplateError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

from antiphon.engines.llama.gguf_header import Vocabulary
from antiphon.errors import InvalidRequest

# What most templates of small models amount to, for a file that carries none.
CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

TemplateMessage = dict[str, Any]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ChatTemplate:
    """Renders messages to the text that the model was trained on. `now` is what a template learns of the date."""

    def __init__(self, vocabulary: Vocabulary, now: Callable[[], datetime] = _utc_now) -> None:
        self._tokens = {"bos_token": vocabulary.bos, "eos_token": vocabulary.eos}
        source = vocabulary.template or CHATML
        # Prompts are no HTML: nothing of them may be escaped.
        environment = ImmutableSandboxedEnvironment(
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=[loopcontrols],
        )
        environment.filters["tojson"] = _to_json
        self._now = now
        self._template = environment.from_string(source)

    def render(self, messages: Sequence[TemplateMessage], *, is_answered: bool = True) -> str:
        """Return the prompt that ends where the assistant begins to speak, or where the last message ends.

        Raises `InvalidRequest` where the template does not take the conversation.
        """
        try:
            return self._template.render(
                messages=list(messages),
                tools=None,
                add_generation_prompt=is_answered,
                raise_exception=_raise_exception,
                strftime_now=self._strftime_now,
                **self._tokens,
            )
        except TemplateError as error:
            raise InvalidRequest(
                f"The model's chat template does not take this conversation: {error}.", param="messages"
            ) from error

    def _strftime_now(self, form: str) -> str:
        return self._now().strftime(form)


def _to_json(  # the parameters that templates pass
    value: object, ensure_ascii: bool = False, indent: int | None = None, sort_keys: bool = False
) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, sort_keys=sort_keys)


def _raise_exception(message: str) -> NoReturn:
    raise TemplateError(message)
