"""Structured outputs on the small model: a hundred strict schemas through the official SDK, four at a time."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from openai import OpenAI
from tests.fixtures.schema_checks import faults
from tests.fixtures.strict_schemas import STRICT_CASES, StrictCase

MODEL = "smollm2-135m-instruct"
MAX_TOKENS = 512
NUM_PARALLEL = 4
MIN_FINISHED = 90


@dataclass(frozen=True)
class Answer:
    """What the model said to a case, and why it stopped."""

    case: StrictCase
    text: str
    finish_reason: str


@pytest.fixture(scope="module")
def answers(served: str) -> list[Answer]:
    """The answers to all cases, at temperature 0.7 and with the place of the case as its seed."""
    with OpenAI(base_url=f"{served}/v1", api_key="sk-any", max_retries=0) as client:

        def ask(seed: int, case: StrictCase) -> Answer:
            completion = client.chat.completions.create(
                model=MODEL,
                messages=[
                    {"role": "system", "content": "Answer with one JSON object and keep it short."},
                    {"role": "user", "content": case.prompt},
                ],
                response_format={
                    "type": "json_schema",
                    "json_schema": {"name": case.name, "schema": case.schema, "strict": True},
                },
                temperature=0.7,
                max_tokens=MAX_TOKENS,
                seed=seed,
            )
            choice = completion.choices[0]
            return Answer(case, choice.message.content or "", choice.finish_reason)

        with ThreadPoolExecutor(NUM_PARALLEL) as pool:
            return list(pool.map(ask, range(len(STRICT_CASES)), STRICT_CASES))


def test_there_are_a_hundred_different_schemas():
    """No case is another one under a second name."""
    assert len({repr(case.schema) for case in STRICT_CASES}) == len(STRICT_CASES) == 100


@pytest.mark.timeout(600)
def test_every_finished_answer_fits_its_schema(answers: list[Answer]):
    """Values, formats and the order of keys are right wherever the model came to an end."""
    finished = [answer for answer in answers if answer.finish_reason == "stop"]
    assert {
        answer.case.name: (found, answer.text)
        for answer in finished
        if (found := faults(answer.text, answer.case.schema))
    } == {}


@pytest.mark.timeout(600)
def test_nine_of_ten_answers_come_to_an_end(answers: list[Answer]):
    """The rest stop at the limit of tokens, and for no other reason."""
    unfinished = {answer.case.name: answer.finish_reason for answer in answers if answer.finish_reason != "stop"}
    assert set(unfinished.values()) <= {"length"}
    assert len(answers) - len(unfinished) >= MIN_FINISHED, unfinished
