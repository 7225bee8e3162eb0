"""How well a model calls functions: `python -m bench.tools --base-url http://127.0.0.1:8000/v1 --model gpt-4o`.

Every prompt goes through the official SDK, so that any server can be measured. Printed is, for the held-out prompts
(or with `--set development` for those that wordings were tuned on):

- required, named: how many answers of 50 are valid calls: a function on offer, arguments that fit its schema;
- auto, fitting: how many of 50 call the function that fits;
- auto, none fits: how many of 20 call nothing;

with the median time of each. `--verbose` lists what went wrong.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jsonschema
from bench.tool_case import ToolCase
from bench.tool_prompts import HELD_OUT
from bench.tool_prompts_dev import DEVELOPMENT
from openai import OpenAI
from openai.types.chat import ChatCompletionMessage

SETS = {"held-out": HELD_OUT, "development": DEVELOPMENT}


@dataclass(frozen=True)
class Trial:
    """One way to ask: `tool_choice` and the check of an answer, which returns what is wrong with it or nothing."""

    name: str
    cases: Sequence[ToolCase]
    tool_choice: Callable[[ToolCase], object]
    fault: Callable[[ToolCase, ChatCompletionMessage], str]


def trials(cases: Sequence[ToolCase]) -> tuple[Trial, ...]:
    """Return all ways to ask."""
    fitting = [case for case in cases if case.fitting]
    unfitting = [case for case in cases if not case.fitting]
    return (
        Trial("required", fitting, lambda _: "required", _invalid_call),
        Trial("named", fitting, lambda case: {"type": "function", "function": {"name": case.fitting}}, _not_the_named),
        Trial("auto, fitting", fitting, lambda _: "auto", _not_the_fitting),
        Trial("auto, none fits", unfitting, lambda _: "auto", _any_call),
    )


def _invalid_call(case: ToolCase, message: ChatCompletionMessage) -> str:
    if not message.tool_calls:
        return "no call"
    schemas = {tool["function"]["name"]: tool["function"]["parameters"] for tool in case.tools}
    for call in message.tool_calls:
        if call.type != "function" or call.function.name not in schemas:
            return f"unknown function: {call}"
        try:
            jsonschema.validate(json.loads(call.function.arguments), schemas[call.function.name])
        except (ValueError, jsonschema.ValidationError) as error:
            return f"bad arguments: {error}"
    return ""


def _not_the_named(case: ToolCase, message: ChatCompletionMessage) -> str:
    return _invalid_call(case, message) or _other_call(case, message)


def _not_the_fitting(case: ToolCase, message: ChatCompletionMessage) -> str:
    return _other_call(case, message) if message.tool_calls else f"no call, but {message.content!r}"


def _other_call(case: ToolCase, message: ChatCompletionMessage) -> str:
    names = {call.function.name for call in message.tool_calls or () if call.type == "function"}
    return "" if names == {case.fitting} else f"called {', '.join(sorted(names))}"


def _any_call(_: ToolCase, message: ChatCompletionMessage) -> str:
    return f"called {message.tool_calls}" if message.tool_calls else ""


def run(client: OpenAI, model: str, trial: Trial, *, verbose: bool) -> str:
    """Ask all prompts of a trial, one after the other, and return its row of the table."""
    seconds: list[float] = []
    num_right = num_calls = 0
    for place, case in enumerate(trial.cases):
        begun_at = time.perf_counter()
        completion = client.chat.completions.create(
            model=model,
            messages=[{"role": "user", "content": case.prompt}],
            tools=list(case.tools),
            tool_choice=trial.tool_choice(case),
            max_completion_tokens=200,
            seed=place,
        )
        seconds.append(time.perf_counter() - begun_at)
        message = completion.choices[0].message
        fault = trial.fault(case, message)
        num_right += not fault
        num_calls += len(message.tool_calls or ())
        if verbose and fault:
            print(f"  {trial.name}: {case.prompt!r}: {fault[:160]}")
    right = f"{num_right} of {len(trial.cases)}"
    return f"| {trial.name:15} | {right:>9} | {num_calls:5} | {statistics.median(seconds):10.2f} |"


def main() -> None:
    """Measure one model and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url", default="http://127.0.0.1:8000/v1")
    parser.add_argument("--api-key", default="none")
    parser.add_argument("--model", default="gpt-4o")
    parser.add_argument("--set", choices=SETS, default="held-out")
    parser.add_argument("--choice", choices=("required", "named", "auto"), default="", help="only this tool_choice")
    parser.add_argument("--verbose", action="store_true")
    asked = parser.parse_args()
    client = OpenAI(base_url=asked.base_url, api_key=asked.api_key, timeout=300)
    print(f"{asked.model}, {asked.set} prompts")
    print("| tool_choice     |     right | calls | median (s) |\n| --- | --- | --- | --- |")
    for trial in trials(SETS[asked.set]):
        if trial.name.startswith(asked.choice):
            print(run(client, asked.model, trial, verbose=asked.verbose), flush=True)


if __name__ == "__main__":
    main()
