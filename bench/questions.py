"""How much a model knows and reads: `python -m bench.questions --base-url http://127.0.0.1:8000/v1 --model gpt-4o`.

Printed is, through the official SDK and at temperature 0, how many of 20 simple questions are answered right (the
answer holds one of the words that it must) and how many of 12 sentences are read right into a strict schema (every
value as it should be), with the median time of each. `--verbose` lists what went wrong.
"""

import argparse
import json
import re
import statistics
import time
from typing import Any

from openai import OpenAI

QUESTIONS = (
    ("What is the capital of France?", "paris"),
    ("How many days are in a week?", "seven|7"),
    ("What is 7 plus 5?", "12|twelve"),
    ("Which planet is known as the Red Planet?", "mars"),
    ("What is the opposite of hot?", "cold"),
    ("Who wrote Hamlet?", "shakespeare"),
    ("What gas do plants take in from the air?", "carbon dioxide|co2"),
    ("What is the largest ocean on Earth?", "pacific"),
    ("How many legs does a spider have?", "eight|8"),
    ("What language is mainly spoken in Brazil?", "portuguese"),
    ("What is the chemical symbol of gold?", "au"),
    ("In which year did the Second World War end?", "1945"),
    ("What do bees make?", "honey"),
    ("What is the square root of 81?", "nine|9"),
    ("Which animal is the largest on Earth?", "blue whale|whale"),
    ("What is the plural of 'mouse'?", "mice"),
    ("What is the currency of Japan?", "yen"),
    ("At how many degrees Celsius does water boil at sea level?", "100"),
    ("Translate 'thank you' into French.", "merci"),
    ("What Python keyword defines a function?", "def"),
)

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "First name of the person"},
        "age": {"type": "integer"},
        "city": {"type": "string"},
    },
    "required": ["name", "age", "city"],
    "additionalProperties": False,
}

SENTENCES = (
    ("Anna is 31 years old and lives in Berlin.", {"name": "Anna", "age": 31, "city": "Berlin"}),
    ("In Madrid lives Carlos, who is 45.", {"name": "Carlos", "age": 45, "city": "Madrid"}),
    ("My name is Tom, I'm 22 and from Leeds.", {"name": "Tom", "age": 22, "city": "Leeds"}),
    ("Yuki turned 19 yesterday; she studies in Kyoto.", {"name": "Yuki", "age": 19, "city": "Kyoto"}),
    ("At 67, Marie still runs her shop in Lyon.", {"name": "Marie", "age": 67, "city": "Lyon"}),
    ("Oslo is home to Lars (38).", {"name": "Lars", "age": 38, "city": "Oslo"}),
    ("Priya, 27, works as a nurse in Mumbai.", {"name": "Priya", "age": 27, "city": "Mumbai"}),
    ("Ben is fifty-two years old. He moved to Dublin.", {"name": "Ben", "age": 52, "city": "Dublin"}),
    ("The winner is Sofia from Rome, aged 14.", {"name": "Sofia", "age": 14, "city": "Rome"}),
    ("Ivan has lived in Prague for all of his 33 years.", {"name": "Ivan", "age": 33, "city": "Prague"}),
    ("Chloe celebrated her 8th birthday in Geneva.", {"name": "Chloe", "age": 8, "city": "Geneva"}),
    ("Ahmed (29) flew from his home town Cairo.", {"name": "Ahmed", "age": 29, "city": "Cairo"}),
)


def answer_to(client: OpenAI, model: str, question: str) -> str:
    """Return a short answer in words."""
    completion = client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": question}],
        max_completion_tokens=60,
        temperature=0,
    )
    return completion.choices[0].message.content or ""


def read_from(client: OpenAI, model: str, sentence: str) -> str:
    """Return what the model read, as JSON text."""
    completion = client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": f"Who is it about? {sentence}"}],
        response_format={"type": "json_schema", "json_schema": {"name": "person", "strict": True, "schema": SCHEMA}},
        max_completion_tokens=100,
        temperature=0,
    )
    return completion.choices[0].message.content or ""


def is_answered(answer: str, words: str) -> bool:
    """Whether an answer holds one of the words, which stand between bars."""
    return re.search(rf"\b(?:{words})\b", answer, re.IGNORECASE) is not None


def is_read(answer: str, expected: dict[str, Any]) -> bool:
    """Whether an answer is JSON of exactly these values."""
    try:
        return json.loads(answer) == expected
    except ValueError:
        return False


def main() -> None:
    """Measure one model and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url", default="http://127.0.0.1:8000/v1")
    parser.add_argument("--api-key", default="none")
    parser.add_argument("--model", default="gpt-4o")
    parser.add_argument("--verbose", action="store_true")
    asked = parser.parse_args()
    client = OpenAI(base_url=asked.base_url, api_key=asked.api_key, timeout=300)
    print(f"{asked.model}\n| task      |     right | median (s) |\n| --- | --- | --- |")
    for task, items, ask, is_right in (
        ("questions", QUESTIONS, answer_to, is_answered),
        ("sentences", SENTENCES, read_from, is_read),
    ):
        seconds: list[float] = []
        num_right = 0
        for prompt, expected in items:
            begun_at = time.perf_counter()
            answer = ask(client, asked.model, prompt)
            seconds.append(time.perf_counter() - begun_at)
            right = is_right(answer, expected)
            num_right += right
            if asked.verbose and not right:
                print(f"  {prompt!r}: {answer!r}")
        print(f"| {task} | {num_right:2} of {len(items)} | {statistics.median(seconds):10.2f} |", flush=True)


if __name__ == "__main__":
    main()
