"""Parts of a set-up that both dialects ask for in the same words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import UNSET, UnsetType

from antiphon.errors import InvalidRequest, UnsupportedRequest
from antiphon.realtime.config import Modality, SemanticVad, ServerVad, Tool, TurnDetection
from antiphon.wire.realtime import beta, ga
from antiphon.wire.realtime.fields import FunctionTool, McpTool, NoiseReduction
from antiphon.wire.request import WireRequest
from antiphon.wire.wording import Place, written

T = TypeVar("T")


def told(value: T | None) -> T | UnsetType:
    """Null, like nothing at all, leaves a field as it is where null is none of its values."""
    return UNSET if value is None else value


def given(request: WireRequest) -> dict[str, Any]:
    """Return the fields of a request that say something, by name."""
    return {name: value for name in request.model_fields_set if (value := getattr(request, name)) is not None}


def tools_of(tools: Sequence[FunctionTool | McpTool], place: Place) -> tuple[Tool, ...]:
    """Return the functions that the model may call. Raises `UnsupportedRequest` for a remote tool server."""
    for index, tool in enumerate(tools):
        if isinstance(tool, McpTool):
            raise UnsupportedRequest(
                "Tools of type 'mcp' are not supported: this server calls no remote MCP tools. Give the functions as "
                "tools of type 'function', and answer their calls yourself.",
                param=written((*place, index, "type")),
            )
    functions = (tool for tool in tools if isinstance(tool, FunctionTool))
    return tuple(Tool(name=it.name, description=it.description, parameters=it.parameters) for it in functions)


def turn_detection_of(request: ga.ServerVad | ga.SemanticVad | beta.TurnDetection | None) -> TurnDetection | None:
    """Return how turns are told, with the defaults of what was not said; None where the client commits by itself."""
    if request is None:
        return None
    vad = SemanticVad if request.type == "semantic_vad" else ServerVad
    return vad(**{name: value for name, value in given(request).items() if name in vad.__struct_fields__})


def noise_of(request: NoiseReduction | None) -> dict[str, Any]:
    """Return the changes that a kind of microphone makes. Its strength is told back, and changes nothing."""
    if request is None:
        return {"noise_reduction": None, "passed": {"noise_strength": None}}
    return {"noise_reduction": request.type, "passed": {"noise_strength": request.strength}}


def max_tokens_of(limit: int | str | None) -> int | UnsetType | None:
    """Return a limit on output as the set-up knows it: None is "inf"."""
    if limit is None:
        return UNSET
    return limit if isinstance(limit, int) else None


def modalities_of(
    asked: Iterable[Modality] | None, place: Place, supported: Sequence[tuple[Modality, ...]]
) -> tuple[Modality, ...] | UnsetType:
    """Return which of the `supported` combinations was asked, in any order. Raises `InvalidRequest` for another."""
    if asked is None:
        return UNSET
    wanted = list(asked)
    for combination in supported:
        if set(wanted) == set(combination):
            return combination
    combinations = " and ".join(str(list(combination)) for combination in supported)
    raise InvalidRequest(
        f"Invalid modalities: {wanted}. Supported combinations are: {combinations}.",
        param=written(place),
        code="invalid_value",
    )


def merged(*changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return changes one after the other, those of `passed` key by key."""
    whole: dict[str, Any] = {}
    passed: dict[str, Any] = {}
    for change in changes:
        whole |= change
        passed |= change.get("passed") or {}
    return {**whole, "passed": passed} if passed else whole
