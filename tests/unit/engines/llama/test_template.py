"""The conventions that chat templates rely on."""

from datetime import UTC, datetime

import pytest

from antiphon.engines.llama.gguf_header import Vocabulary
from antiphon.engines.llama.template import ChatTemplate
from antiphon.errors import InvalidRequest


def render(source: str | None, messages: list[dict] | None = None) -> str:
    """Render one message by the template."""
    template = ChatTemplate(Vocabulary(source, "<s>", "</s>", {}), now=lambda: datetime(2024, 10, 1, tzinfo=UTC))
    return template.render(messages or [{"role": "user", "content": "a < b"}])


def test_blocks_leave_no_lines_behind():
    assert render("{% if true %}\nyes\n   {% endif %}\nno") == "yes\nno"


def test_json_is_not_escaped_for_html():
    assert render("{{ messages[0] | tojson }}") == '{"role": "user", "content": "a < b"}'


def test_loops_may_be_left():
    assert render("{% for n in range(9) %}{% if n == 2 %}{% break %}{% endif %}{{ n }}{% endfor %}") == "01"


def test_the_date_is_told():
    assert render("{{ strftime_now('%d %b %Y') }}") == "01 Oct 2024"


def test_the_vocabularys_tokens_are_told():
    assert render("{{ bos_token }}{{ eos_token }}") == "<s></s>"


def test_the_prompt_ends_where_the_assistant_speaks():
    assert render("{% if add_generation_prompt %}assistant:{% endif %}") == "assistant:"


def test_what_a_template_refuses_is_the_requests_fault():
    with pytest.raises(InvalidRequest, match="roles must alternate"):
        render("{{ raise_exception('roles must alternate') }}")


def test_a_template_cannot_reach_out_of_its_sandbox():
    with pytest.raises(InvalidRequest):
        render("{{ messages.__class__.__mro__ }}")


def test_a_file_without_template_is_spoken_to_in_chatml():
    assert render(None) == "<|im_start|>user\na < b<|im_end|>\n<|im_start|>assistant\n"
