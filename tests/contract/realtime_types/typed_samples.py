"""Values of a typed dictionary of the SDK: the smallest one, and that with each other field in each of its forms."""

import base64
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

from typing_extensions import is_typeddict

AUDIO = base64.b64encode(bytes(4800)).decode()
IMAGE = "data:image/png;base64,iVBORw0KGgo="

# What a field must be like beyond its type.
_MEANT: Mapping[str, object] = {
    "audio": AUDIO,
    "idle_timeout_ms": 6000,
    "temperature": 0.8,
    "speed": 1.25,
    "threshold": 0.4,
    "retention_ratio": 0.8,
    "seconds": 60,
}
_PLAIN: Mapping[object, object] = {
    str: "word",
    int: 10,
    float: 0.5,
    bool: True,
    object: {"type": "object"},
    type(None): None,
}
# The SDK does not require these, and nothing can be done without them.
_ALWAYS = {"type", "name"}

_SYSTEM_PARTS = [{"type": "input_text", "text": "Hi"}]
_GA_USER_PARTS = [
    {"type": "input_text", "text": "Hi"},
    {"type": "input_audio", "audio": AUDIO},
    {"type": "input_audio", "audio": AUDIO, "transcript": "Hi"},
    {"type": "input_image", "image_url": IMAGE},
    {"type": "input_image", "image_url": IMAGE, "detail": "high"},
]
_GA_ASSISTANT_PARTS = [{"type": "output_text", "text": "Hi"}, {"type": "output_audio", "transcript": "Hi"}]
_BETA_ITEMS = [
    {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "Hi"}]},
    {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}], "status": "completed"},
    {"type": "message", "role": "user", "content": [{"type": "input_audio", "audio": AUDIO}], "id": "word"},
    {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "Hi"}], "object": "realtime.item"},
    {"type": "function_call", "call_id": "word", "name": "word", "arguments": "{}", "status": "in_progress"},
    {"type": "function_call_output", "call_id": "word", "output": "word", "status": "incomplete"},
]
_BETA_INPUTS = [
    *_BETA_ITEMS,
    {"type": "item_reference", "id": "word"},
    {"type": "message", "role": "user", "content": [{"type": "item_reference", "id": "word"}]},
]

# Dictionaries in which one field decides about the others, which their type does not say.
_WHOLE: Mapping[frozenset[str], Sequence[Mapping[str, Any]]] = {
    frozenset({"type", "text"}): _SYSTEM_PARTS,
    frozenset({"type", "text", "audio", "transcript", "image_url", "detail"}): _GA_USER_PARTS,
    frozenset({"type", "text", "audio", "transcript"}): _GA_ASSISTANT_PARTS,
}
_BETA_ITEM = frozenset({"id", "arguments", "call_id", "content", "name", "object", "output", "role", "status", "type"})


def values_of(annotation: Any, name: str = "") -> Iterator[Any]:
    """Yield values of a type as the SDK writes it; a dictionary is varied in one field at a time."""
    origin = get_origin(annotation)
    if is_typeddict(annotation):
        yield from _dictionaries(annotation)
    elif origin is None:
        meant = _MEANT.get(name)
        yield meant if isinstance(meant, annotation) else _PLAIN[annotation]
    else:
        yield from _compounds(origin, get_args(annotation), name)


def first(annotation: Any, name: str = "") -> Any:
    """Return the smallest value of a type."""
    return next(values_of(annotation, name))


def _compounds(origin: Any, arguments: tuple[Any, ...], name: str) -> Iterator[Any]:
    if origin in (Required, NotRequired):
        yield from values_of(arguments[0], name)
    elif origin in (Union, types.UnionType):
        for choice in arguments:
            yield from values_of(choice, name)
    elif origin is Literal:
        yield from arguments
    elif origin is dict:
        yield {first(arguments[0]): first(arguments[1])}
    else:  # the SDK has several words for a list
        for value in values_of(arguments[0], name):
            yield [value]


def _dictionaries(cls: Any) -> Iterator[Mapping[str, Any]]:
    hints = get_type_hints(cls, include_extras=True)
    if frozenset(hints) == _BETA_ITEM:
        yield from _BETA_INPUTS if "item_reference" in str(hints["type"]) else _BETA_ITEMS
    elif frozenset(hints) in _WHOLE:
        yield from _WHOLE[frozenset(hints)]
    else:
        yield from _varied(cls, hints)


def _varied(cls: Any, hints: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    needed = [name for name, hint in hints.items() if name in _ALWAYS or _is_required(hint, is_total=cls.__total__)]
    smallest = {name: first(hints[name], name) for name in needed}
    yield smallest
    for name, hint in hints.items():
        for value in values_of(hint, name):
            if smallest.get(name, ...) != value:
                yield {**smallest, name: value}


def _is_required(hint: Any, *, is_total: bool) -> bool:
    # The SDK's annotations are text, so that Python itself does not know which of the fields are required.
    return get_origin(hint) is Required or (is_total and get_origin(hint) is not NotRequired)
