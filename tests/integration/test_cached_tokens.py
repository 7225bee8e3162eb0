"""What usage tells of cached tokens, from the scripted model through every floor to the body of the answer."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from tests.unit.server.asgi import Client

from antiphon.app import build
from antiphon.settings import Settings

CHAT, COMPLETIONS = "/v1/chat/completions", "/v1/completions"
STREAMED = {"stream": True, "stream_options": {"include_usage": True}}


@asynccontextmanager
async def server(folder: Path, **options: Any) -> AsyncIterator[Client]:
    """Give a client of the whole application, which has the scripted model alone."""
    async with build(Settings(data_dir=folder, embedded_engines=False, **options)) as app:
        yield Client(app)


@pytest.fixture(name="asking")
async def any_server(tmp_path: Path) -> AsyncIterator[Client]:
    async with server(tmp_path) as client:
        yield client


def script(**usage: int) -> str:
    """Return a script whose answer has these figures."""
    return json.dumps({"script": [{"say": "Hi"}, {"usage": usage}]})


async def usage_of(asking: Client, path: str, prompts: list[str], **options: Any) -> dict[str, Any]:
    """Ask, whole or streamed, and return the usage; a chat is of the one prompt."""
    body = {"messages": [{"role": "user", "content": prompts[0]}]} if path == CHAT else {"prompt": prompts}
    answer = await asking.post(path, {"model": "antiphon-scripted", **body, **options})
    assert answer.status == 200, answer.body
    if not options.get("stream"):
        return json.loads(answer.body)["usage"]
    *_, last, done = answer.events
    assert done == "[DONE]"
    return json.loads(last)["usage"]


@pytest.mark.parametrize("options", [{}, STREAMED], ids=["whole", "streamed"])
@pytest.mark.parametrize("path", [CHAT, COMPLETIONS])
@pytest.mark.parametrize(("saved", "told"), [(0, 0), (1023, 0), (1024, 1024), (1151, 1024), (2006, 1920)])
async def test_cached_tokens_are_told_in_openais_steps(
    asking: Client, path: str, options: dict[str, Any], saved: int, told: int
):
    """Nothing under 1,024, then steps of 128; the field is always there, and no word of DeepSeek's."""
    usage = await usage_of(asking, path, [script(prompt_tokens=2006, cached_tokens=saved)], **options)

    assert usage["prompt_tokens_details"]["cached_tokens"] == told
    assert set(usage) == {
        "prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_details", "completion_tokens_details"
    }  # fmt: skip


@pytest.mark.parametrize("options", [{}, STREAMED], ids=["whole", "streamed"])
@pytest.mark.parametrize("path", [CHAT, COMPLETIONS])
async def test_deepseeks_words_are_told_where_the_price_policy_is_theirs(
    tmp_path: Path, path: str, options: dict[str, Any]
):
    """In units of 64, beside OpenAI's own."""
    async with server(tmp_path, price_policy="deepseek") as asking:
        usage = await usage_of(asking, path, [script(prompt_tokens=1000, cached_tokens=700)], **options)

    assert (usage["prompt_cache_hit_tokens"], usage["prompt_cache_miss_tokens"]) == (640, 360)
    assert usage["prompt_tokens_details"]["cached_tokens"] == 0


@pytest.mark.parametrize("policy", ["openai", "gemini"])
async def test_the_other_price_policies_add_nothing_to_the_usage(tmp_path: Path, policy: Literal["openai", "gemini"]):
    """Their prices differ, and not their words."""
    async with server(tmp_path, price_policy=policy) as asking:
        usage = await usage_of(asking, CHAT, [script(prompt_tokens=1000, cached_tokens=700)])

    assert "prompt_cache_hit_tokens" not in usage


@pytest.mark.parametrize("options", [{}, STREAMED], ids=["whole", "streamed"])
async def test_several_prompts_share_one_usage(tmp_path: Path, options: dict[str, Any]):
    """OpenAI's steps hold for each prompt, DeepSeek's units for their sum."""
    prompts = [script(prompt_tokens=1200, cached_tokens=1190), script(prompt_tokens=1200, cached_tokens=1000)]
    async with server(tmp_path, price_policy="deepseek") as asking:
        usage = await usage_of(asking, COMPLETIONS, prompts, **options)

    assert usage["prompt_tokens"] == 2400
    assert usage["prompt_tokens_details"]["cached_tokens"] == 1152
    assert (usage["prompt_cache_hit_tokens"], usage["prompt_cache_miss_tokens"]) == (2176, 224)


async def test_what_was_written_is_told(asking: Client):
    """As the newest contract has it."""
    usage = await usage_of(asking, CHAT, [script(prompt_tokens=2006, cache_write_tokens=1999)])

    assert usage["prompt_tokens_details"]["cache_write_tokens"] == 1999


async def test_cached_tokens_are_told_exactly_where_the_caller_marks_places(asking: Client):
    """In mode "explicit" there are no steps, and no least number."""
    usage = await usage_of(
        asking,
        CHAT,
        [script(prompt_tokens=2006, cached_tokens=777)],
        prompt_cache_options={"mode": "explicit", "ttl": "30m"},
    )

    assert usage["prompt_tokens_details"]["cached_tokens"] == 777


MARK = {"prompt_cache_breakpoint": {"mode": "explicit"}}
TEXT = {"type": "text", "text": "Hi", **MARK}
USER = {"role": "user", "content": "Hi"}
CALLED = {
    "role": "assistant",
    "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
}


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "system", "content": [TEXT]}, USER],
        [{"role": "developer", "content": [TEXT]}, USER],
        [{"role": "user", "content": [TEXT, TEXT]}],
        [USER, {"role": "assistant", "content": [TEXT, {"type": "refusal", "refusal": "No.", **MARK}]}, USER],
        [USER, CALLED, {"role": "tool", "tool_call_id": "c", "content": [TEXT]}],
    ],
    ids=["system", "developer", "user", "assistant", "tool"],
)
async def test_every_part_of_a_message_can_be_marked(asking: Client, messages: list[dict[str, Any]]):
    """Whoever speaks, as OpenAI's newest document has it."""
    answer = await asking.post(CHAT, {"model": "antiphon-scripted", "messages": messages})

    assert answer.status == 200, answer.body


WRONG_PLACES: dict[str, tuple[dict[str, Any], str]] = {
    "the request": (MARK, ""),
    "a message": ({"messages": [{**USER, **MARK}]}, "messages[0].prompt_cache_breakpoint"),
    "a later message": ({"messages": [USER, {**USER, **MARK}]}, "messages[1].prompt_cache_breakpoint"),
    "an image's URL": (
        {
            "messages": [
                {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://a.b/c", **MARK}}]}
            ]
        },
        "messages[0].content[0].image_url.prompt_cache_breakpoint",
    ),
    "a call": (
        {"messages": [USER, {"role": "assistant", "tool_calls": [{**CALLED["tool_calls"][0], **MARK}]}]},
        "messages[1].tool_calls[0].prompt_cache_breakpoint",
    ),
    "a tool": (
        {"messages": [USER], "tools": [{"type": "function", "function": {"name": "f"}, **MARK}]},
        "tools[0].prompt_cache_breakpoint",
    ),
    "a format": (
        {"messages": [USER], "response_format": {"type": "text", **MARK}},
        "response_format.prompt_cache_breakpoint",
    ),
    "a prediction": (
        {"messages": [USER], "prediction": {"type": "content", "content": "Hi", **MARK}},
        "prediction.prompt_cache_breakpoint",
    ),
}


@pytest.mark.parametrize(("body", "param"), WRONG_PLACES.values(), ids=WRONG_PLACES)
async def test_a_mark_on_anything_else_is_refused_in_openais_words(asking: Client, body: dict[str, Any], param: str):
    """400, with the place that is wrong."""
    answer = await asking.post(CHAT, {"model": "antiphon-scripted", "messages": [USER], **body})
    error = answer.error

    assert (answer.status, error["type"]) == (400, "invalid_request_error")
    if param:
        assert (error["code"], error["param"]) == ("unknown_parameter", param)
        assert error["message"] == f"Unknown parameter: '{param}'."
    else:
        assert error["message"] == "Unrecognized request argument supplied: prompt_cache_breakpoint"


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"prompt_cache_key": "k" * 65}, "prompt_cache_key", "string_above_max_length"),
        ({"prompt_cache_retention": "1h"}, "prompt_cache_retention", "invalid_value"),
        ({"prompt_cache_options": {"mode": "off"}}, "prompt_cache_options.mode", "invalid_value"),
        ({"prompt_cache_options": {"ttl": "1h"}}, "prompt_cache_options.ttl", "invalid_value"),
        ({"prompt_cache_options": {"key": "a"}}, "prompt_cache_options.key", "unknown_parameter"),
    ],
)
async def test_a_wish_that_cannot_be_is_refused_with_its_place(
    asking: Client, fields: dict[str, Any], param: str, code: str
):
    """A key that is too long, and values that the contract does not have."""
    answer = await asking.post(CHAT, {"model": "antiphon-scripted", "messages": [USER], **fields})

    assert (answer.status, answer.error["param"], answer.error["code"]) == (400, param, code)


async def test_a_mark_of_a_mode_that_is_not_there_is_refused(asking: Client):
    """A mark has one mode, and must say it."""
    unknown = {"type": "text", "text": "Hi", "prompt_cache_breakpoint": {"mode": "implicit"}}
    unsaid = {"type": "text", "text": "Hi", "prompt_cache_breakpoint": {}}
    answers = [
        await asking.post(CHAT, {"model": "antiphon-scripted", "messages": [{"role": "user", "content": [part]}]})
        for part in (unknown, unsaid)
    ]

    place = "messages[0].content[0].prompt_cache_breakpoint.mode"
    assert [(one.status, one.error["param"]) for one in answers] == [(400, place)] * 2
    assert [one.error["code"] for one in answers] == ["invalid_value", "missing_required_parameter"]


async def test_the_older_form_has_no_words_for_caching(asking: Client):
    """OpenAI's `/v1/completions` knows no `prompt_cache_key`, and neither does ours."""
    answer = await asking.post(COMPLETIONS, {"model": "antiphon-scripted", "prompt": "Hi", "prompt_cache_key": "a"})

    assert (answer.status, answer.error["message"]) == (
        400,
        "Unrecognized request argument supplied: prompt_cache_key",
    )
