"""What an engine cannot do is refused by the name of the field that asked for it."""

from dataclasses import replace

import pytest

from antiphon.errors import InvalidRequest
from antiphon.generation.abilities import check_abilities, check_request
from antiphon.generation.profile import EngineProfile
from antiphon.wire.chat.request import ChatRequest

UNABLE = EngineProfile(fingerprint="fp", max_choices=1, calls_tools=False, fits_schemas=False, biases_logits=False)
TOOLS = [{"type": "function", "function": {"name": "f"}}]


def request(**fields: object) -> ChatRequest:
    return ChatRequest.model_validate({"model": "m", "messages": [{"role": "user", "content": "Hi"}], **fields})


def saying(part: dict) -> ChatRequest:
    return request(messages=[{"role": "user", "content": [{"type": "text", "text": "See:"}, part]}])


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"web_search_options": {}}, "web_search_options"),
        ({"moderation": {"model": "omni"}}, "moderation"),
        ({"max_tokens": 1, "max_completion_tokens": 1}, "max_tokens"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"top_logprobs": 2}, "top_logprobs"),
        ({"functions": [{"name": "f"}], "tools": TOOLS}, "functions"),
        ({"function_call": "auto"}, "function_call"),
        ({"functions": [{"name": "f"}], "function_call": {"name": "g"}}, "function_call"),
        ({"tool_choice": "auto"}, "tool_choice"),
        ({"parallel_tool_calls": True}, "parallel_tool_calls"),
        ({"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "g"}}}, "tool_choice"),
        ({"tools": TOOLS, "tool_choice": {"type": "custom", "custom": {"name": "g"}}}, "tool_choice"),
        ({"tools": [{"type": "custom", "custom": {"name": "g"}}]}, "tools[0].type"),
        (
            {
                "tools": TOOLS,
                "tool_choice": {
                    "type": "allowed_tools",
                    "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "g"}}]},
                },
            },
            "tool_choice",
        ),
    ],
)
def test_fields_that_contradict_each_other_are_refused(fields: dict, param: str):
    with pytest.raises(InvalidRequest) as refusal:
        check_request(request(**fields))

    assert refusal.value.param == param


@pytest.mark.parametrize(
    ("fields", "param", "ability"),
    [
        (
            {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}},
            "modalities",
            {"speaks": True},
        ),
        ({"tools": TOOLS}, "tools", {"calls_tools": True}),
        ({"response_format": {"type": "json_object"}}, "response_format", {"fits_schemas": True}),
        ({"n": 2}, "n", {"max_choices": 2}),
        ({"logprobs": True}, "logprobs", {"max_top_logprobs": 5}),
        ({"logit_bias": {"1": 5}}, "logit_bias", {"biases_logits": True}),
        ({"prediction": {"type": "content", "content": "x"}}, "prediction", {"predicts_outputs": True}),
        ({"reasoning_effort": "low"}, "reasoning_effort", {"reasons": True}),
        ({"verbosity": "low"}, "verbosity", {"varies_verbosity": True}),
    ],
)
def test_a_wish_is_met_only_by_an_engine_that_can(fields: dict, param: str, ability: dict):
    with pytest.raises(InvalidRequest) as refusal:
        check_abilities(request(**fields), UNABLE)

    assert refusal.value.param == param
    check_abilities(request(**fields), replace(UNABLE, **ability))


@pytest.mark.parametrize(
    ("part", "ability"),
    [
        ({"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}, {"takes_images": True}),
        ({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}, {"takes_audio": True}),
        ({"type": "file", "file": {"file_id": "file-1"}}, {"takes_files": True}),
    ],
)
def test_a_part_is_taken_only_by_an_engine_that_can(part: dict, ability: dict):
    with pytest.raises(InvalidRequest, match="is only supported by certain models") as refusal:
        check_abilities(saying(part), UNABLE)

    assert refusal.value.param == "messages.[0].content.[1].type"
    check_abilities(saying(part), replace(UNABLE, **ability))


def test_audio_out_wants_to_know_its_voice():
    with pytest.raises(InvalidRequest, match="'audio' is required"):
        check_abilities(request(modalities=["audio"]), replace(UNABLE, speaks=True))


def test_more_alternatives_than_the_engine_tells_are_refused():
    with pytest.raises(InvalidRequest, match="over 5"):
        check_abilities(request(logprobs=True, top_logprobs=6), replace(UNABLE, max_top_logprobs=5))


def test_values_that_ask_for_nothing_special_pass():
    check_abilities(request(reasoning_effort="none", verbosity="medium", n=1), UNABLE)
