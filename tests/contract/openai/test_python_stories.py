"""The official Python SDK, told nothing but another base URL, on the embedded models."""

import asyncio
import json
from enum import StrEnum

import httpx
import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel, Field

MODEL = "gpt-4o"


@pytest.fixture(scope="module")
def client(served: str):
    """The SDK's client; it refuses answers that do not fit its own types to the letter."""
    with OpenAI(base_url=f"{served}/v1", api_key="sk-any", _strict_response_validation=True) as client:
        yield client


def test_the_quick_start_talks_like_a_pirate(client: OpenAI):
    completion = client.chat.completions.create(
        model=MODEL,
        messages=[
            {"role": "developer", "content": "Talk like a pirate."},
            {"role": "user", "content": "How do I check if a Python object is an instance of a class?"},
        ],
        max_completion_tokens=64,
    )

    assert completion.choices[0].message.content
    assert completion.model == MODEL
    assert completion.usage is not None
    assert completion.usage.prompt_tokens_details is not None
    assert completion.usage.prompt_tokens_details.cached_tokens == 0
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens
    assert completion.system_fingerprint


def test_the_asynchronous_quick_start_answers(served: str):
    async def main() -> str | None:
        async with AsyncOpenAI(base_url=f"{served}/v1", api_key="sk-any") as client:
            completion = await client.chat.completions.create(
                messages=[{"role": "user", "content": "Say this is a test"}], model=MODEL, max_tokens=16
            )
            return completion.choices[0].message.content

    assert asyncio.run(main())


def test_a_stream_tells_the_text_and_then_the_usage(client: OpenAI):
    stream = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": "Count from one to five."}],
        max_tokens=24,
        temperature=0,
        stream=True,
        stream_options={"include_usage": True},
    )

    chunks = list(stream)

    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert [chunk.choices[0].finish_reason for chunk in chunks[-2:-1]] in (["stop"], ["length"])
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens > 1


def test_the_stream_helper_gathers_what_was_streamed(client: OpenAI):
    with client.chat.completions.stream(
        model=MODEL, messages=[{"role": "user", "content": "Say hello."}], max_completion_tokens=16, temperature=0
    ) as stream:
        deltas = [event.delta for event in stream if event.type == "content.delta"]
        final = stream.get_final_completion()

    assert "".join(deltas) == final.choices[0].message.content


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"
    BLUE = "blue"


class Fruit(BaseModel):
    name: str
    colour: Colour
    weight_g: int = Field(ge=1, le=5000)
    tastes: list[str] = Field(max_length=3)
    origin: str | None


def test_parse_returns_an_object_of_the_pydantic_model(client: OpenAI):
    completion = client.chat.completions.parse(
        model=MODEL,
        messages=[{"role": "user", "content": "Describe a ripe strawberry. It weighs 20 g."}],
        response_format=Fruit,
        temperature=0,
    )

    fruit = completion.choices[0].message.parsed
    assert isinstance(fruit, Fruit)
    assert list(json.loads(completion.choices[0].message.content or "")) == list(Fruit.model_fields)


class GetWeather(BaseModel):
    """Tell the present weather in a city."""

    city: str
    unit: Colour | None = None


def test_a_parsed_tool_call_is_an_object_of_its_model(client: OpenAI):
    completion = client.chat.completions.parse(
        model=MODEL,
        messages=[{"role": "user", "content": "What is the weather in Oslo?"}],
        tools=[openai.pydantic_function_tool(GetWeather)],
        tool_choice="required",
    )

    (call,) = completion.choices[0].message.tool_calls or ()
    assert completion.choices[0].finish_reason == "tool_calls"
    assert isinstance(call.function.parsed_arguments, GetWeather)


WEATHER_TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tell the present weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def test_a_tool_result_comes_back_in_the_answer(client: OpenAI):
    messages: list = [{"role": "user", "content": "What is the temperature in Oslo right now?"}]
    asked = (
        client.chat.completions.create(
            model=MODEL, messages=messages, tools=[WEATHER_TOOL], tool_choice="required", temperature=0
        )
        .choices[0]
        .message
    )
    (call,) = asked.tool_calls or ()
    messages += [asked, {"role": "tool", "tool_call_id": call.id, "content": '{"temperature_c": -7}'}]

    answer = client.chat.completions.create(
        model=MODEL, messages=messages, tools=[WEATHER_TOOL], tool_choice="none", temperature=0, max_tokens=48
    )

    assert "7" in (answer.choices[0].message.content or "")
    assert answer.choices[0].finish_reason in {"stop", "length"}


def test_functions_of_2023_are_still_called(client: OpenAI):
    completion = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": "What is the temperature in Oslo right now?"}],
        functions=[WEATHER_TOOL["function"]],
        function_call={"name": "get_weather"},
    )

    choice = completion.choices[0]
    assert choice.finish_reason == "function_call"
    assert choice.message.function_call is not None
    assert "city" in json.loads(choice.message.function_call.arguments)


def test_sampling_options_are_heard(client: OpenAI):
    completion = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": "Count: one, two, three, four"}],
        n=2,
        seed=7,
        stop=["\n"],
        logprobs=True,
        top_logprobs=3,
        presence_penalty=0.5,
        frequency_penalty=0.5,
        temperature=0.8,
        top_p=0.9,
        max_tokens=12,
        user="someone",
        metadata={"task": "count"},
        store=True,
    )

    assert [choice.index for choice in completion.choices] == [0, 1]
    for choice in completion.choices:
        assert "\n" not in (choice.message.content or "")
        assert choice.logprobs is not None
        assert choice.logprobs.content
        assert all(entry.logprob <= 0 and len(entry.top_logprobs) == 3 for entry in choice.logprobs.content)


def test_tokens_can_be_forbidden(client: OpenAI):
    ask: dict = {
        "model": MODEL,
        "messages": [{"role": "user", "content": "The capital of France is"}],
        "temperature": 0,
        "max_tokens": 1,
        "logprobs": True,
    }
    first = client.chat.completions.create(**ask).choices[0].message.content or ""
    # The SDK cannot say which token that was, and the common ones are all among the first of the vocabulary.
    biased = client.chat.completions.create(**ask, logit_bias={str(token): -100 for token in range(20_000)})

    assert biased.choices[0].message.content != first


def test_plain_completions_continue_each_prompt(client: OpenAI):
    completion = client.completions.create(
        model="gpt-3.5-turbo-instruct", prompt=["The capital of France is", "One, two,"], max_tokens=4, temperature=0
    )

    assert [choice.index for choice in completion.choices] == [0, 1]
    assert "Paris" in completion.choices[0].text
    assert completion.usage is not None
    assert completion.usage.completion_tokens <= 8


def test_embeddings_come_as_the_sdk_asks_for_them_and_as_floats(client: OpenAI):
    texts = ["A cat sat on the mat.", "A kitten rests on a rug.", "The stock market fell today."]
    # By itself the SDK asks for base64, which its own strict check takes for a fault.
    with OpenAI(base_url=client.base_url, api_key="sk-any") as lenient:
        packed = lenient.embeddings.create(model="text-embedding-3-small", input=texts)
    floats = client.embeddings.create(model="text-embedding-3-small", input=texts, encoding_format="float")

    cat, kitten, market = (entry.embedding for entry in packed.data)
    assert cat == pytest.approx(floats.data[0].embedding, abs=1e-6)
    assert sum(x * x for x in cat) == pytest.approx(1, abs=1e-3)
    assert _dot(cat, kitten) > _dot(cat, market) + 0.2
    assert packed.usage.prompt_tokens > 10


def _dot(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def test_models_are_listed_and_each_can_be_retrieved(client: OpenAI):
    listed = {model.id for model in client.models.list()}

    assert {MODEL, "gpt-4o-mini", "text-embedding-3-small", "antiphon-scripted"} <= listed
    assert client.models.retrieve(MODEL).id == MODEL


def test_errors_are_of_the_sdks_classes(client: OpenAI):
    with pytest.raises(openai.NotFoundError) as unknown:
        client.chat.completions.create(model="no-such-model", messages=[{"role": "user", "content": "Hi"}])
    with pytest.raises(openai.BadRequestError) as wrong:
        client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Hi"}], temperature=3)

    assert unknown.value.code == "model_not_found"
    assert unknown.value.request_id
    assert wrong.value.param == "temperature"


def test_a_prompt_over_the_context_is_told_both_numbers(client: OpenAI):
    with pytest.raises(openai.BadRequestError, match=r"maximum context length is \d+ tokens.*resulted in \d+") as long:
        client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "word " * 60_000}])

    assert long.value.code == "context_length_exceeded"


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.responses.create(model=MODEL, input="Hi"),
        lambda client: client.moderations.create(input="Hi"),
        lambda client: client.images.generate(prompt="A cat"),
    ],
)
def test_what_is_not_supported_yet_says_so(client: OpenAI, call):
    with pytest.raises(openai.APIStatusError, match="not supported") as refusal:
        call(client)

    assert refusal.value.status_code == 404


def test_a_request_is_named_and_timed(served: str):
    with httpx.Client(base_url=f"{served}/v1") as http:
        response = http.get("/models")

    assert response.headers["x-request-id"].startswith("req_")
    assert float(response.headers["openai-processing-ms"]) >= 0
