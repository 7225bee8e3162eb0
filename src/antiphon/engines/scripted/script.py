"""The script that a request may carry: what to say, call, count and how to fail, step by step.

    {"script": [STEP, ...], "then": [[STEP, ...], ...]}

`script` is the answer to the message that carries it; each list of `then` is one later answer of the conversation. A
step is an object whose first word says what it is: `say`, `refuse`, `call`, `wait_ms`, `usage`, `finish`, `fail`,
`crash` or `fail_speech`. A script that is spoken to the model may have `hear` beside it: what becomes of its
recognition. `docs/scripted-model.md` shows them all. Pure: what a step does is for each modality to perform.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec

from antiphon.errors import InvalidRequest

_BEGINS = re.compile(r'\{\s*"script"\s*:')

Count = Annotated[int, msgspec.Meta(ge=0)]
# A longer silence is a mistake in a test, which would then seem to hang.
Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=600_000)]


class Say(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Say a text, token by token; of several texts the request's seed chooses one.

    `ms_per_character` is how long each takes where the script is spoken.
    """

    say: str | Annotated[list[str], msgspec.Meta(min_length=1)]
    ms_per_token: Milliseconds = 0
    logprob: Annotated[float, msgspec.Meta(le=0)] = -0.1
    ms_per_character: Annotated[float, msgspec.Meta(gt=0, le=1_000)] | None = None


class Refuse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Refuse in these words."""

    refuse: str
    ms_per_token: Milliseconds = 0


class CallFunction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Call a function. Arguments that are a text are sent as they stand, be they JSON or not."""

    call: str
    arguments: dict[str, Any] | str = msgspec.field(default_factory=dict[str, Any])
    id: str | None = None


class WaitFor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Say nothing for a while."""

    wait_ms: Milliseconds


class Figures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Usage figures that take the place of those counted; what is not given is counted."""

    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None
    cached_tokens: Count | None = None
    reasoning_tokens: Count | None = None
    prompt_audio_tokens: Count | None = None
    completion_audio_tokens: Count | None = None
    accepted_prediction_tokens: Count | None = None
    rejected_prediction_tokens: Count | None = None
    cache_write_tokens: Count | None = None


class CountUsage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tell these figures as the usage."""

    usage: Figures


class Finish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """End for this reason."""

    finish: Literal["stop", "length", "tool_calls", "content_filter"]


class Failure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An error as the caller will see it; its type goes with its status."""

    status: Literal[400, 401, 403, 404, 409, 413, 429, 500, 502, 503, 504] = 500
    message: str = "The script says so."
    code: str | None = None
    param: str | None = None
    retry_after_s: Annotated[float, msgspec.Meta(ge=0)] = 1.0


class Fail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Fail: as the first step before anything is said, later in the middle of the answer."""

    fail: Failure


class Crash(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Break off as an engine whose process died, with this message."""

    crash: str


class FailSpeech(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Say what makes the scripted voice fail where it comes to speak it."""

    fail_speech: Failure


class Hearing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the recognition of the script itself goes: after a silence, perhaps in an error."""

    wait_ms: Milliseconds = 0
    fail: Failure | None = None
    crash: str | None = None


Step = Say | Refuse | CallFunction | WaitFor | CountUsage | Finish | Fail | Crash
Answer = tuple[Step, ...]

_STEPS: Mapping[str, type[Step | FailSpeech]] = {
    "say": Say,
    "refuse": Refuse,
    "call": CallFunction,
    "wait_ms": WaitFor,
    "usage": CountUsage,
    "finish": Finish,
    "fail": Fail,
    "crash": Crash,
    "fail_speech": FailSpeech,
}
_LAST = (Finish, Fail, Crash)


class Script(msgspec.Struct, frozen=True):
    """The answers of a conversation, from the first that a script speaks for."""

    answers: tuple[Answer, ...]
    hear: Hearing = Hearing()


def is_script(text: str) -> bool:
    """Whether a text means to be a script: it begins as an object whose first key is `script`."""
    return _BEGINS.match(text.lstrip()) is not None


def script_begins(text: str) -> int | None:
    """Return where a script begins in a text; None where there is none."""
    found = _BEGINS.search(text)
    return found.start() if found is not None else None


def read_script(text: str) -> Script:
    """Read a script. Raises `InvalidRequest` that says which step is wrong, and how."""
    try:
        document = msgspec.json.decode(text, type=_Document)
    except msgspec.DecodeError as fault:
        raise _malformed(f"it cannot be read: {fault}") from fault
    named = [("script", document.script)]
    named += [(f"then[{place}]", steps) for place, steps in enumerate(document.then)]
    return Script(tuple(_answer(name, steps) for name, steps in named), document.hear)


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    script: list[dict[str, Any]]
    then: list[list[dict[str, Any]]] = msgspec.field(default_factory=list[list[dict[str, Any]]])
    hear: Hearing = Hearing()


def _answer(name: str, steps: Sequence[Mapping[str, Any]]) -> Answer:
    answer = tuple(_step(f"{name}[{place}]", step) for place, step in enumerate(steps))
    ends = [place for place, step in enumerate(answer) if isinstance(step, _LAST)]
    if ends and not all(isinstance(step, CountUsage) for step in answer[ends[0] + 1 :]):
        raise _malformed(f"{name}[{ends[0]}] ends the answer, and steps other than 'usage' follow it")
    return answer


def _step(place: str, step: Mapping[str, Any]) -> Step:
    kinds = [name for name in _STEPS if name in step]
    if len(kinds) != 1:
        raise _malformed(f"{place} must have exactly one of the keys {', '.join(_STEPS)}")
    try:
        read = msgspec.convert(step, _STEPS[kinds[0]])
    except msgspec.ValidationError as fault:
        raise _malformed(f"{place} is wrong: {fault}") from fault
    return Say(_speech_failure(read)) if isinstance(read, FailSpeech) else read


def _speech_failure(step: FailSpeech) -> str:
    """Return the text on which the scripted voice fails: a script without white space, which no clause is cut in."""
    script = {"script": [{"fail": _given(step.fail_speech)}]}
    return json.dumps(script, separators=(",", ":")).replace(" ", "\\u0020")


def _given(failure: Failure) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(failure).items() if value is not None}


def _malformed(fault: str) -> InvalidRequest:
    return InvalidRequest(f"The script of the scripted model is malformed: {fault}.", code="invalid_script")
