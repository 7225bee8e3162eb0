"""Every event of both generations by the newest SDK's types, and where each is that this server does not speak of."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args, get_type_hints

from openai.types.beta.realtime.realtime_client_event_param import RealtimeClientEventParam as BetaClientEvent
from openai.types.beta.realtime.realtime_server_event import RealtimeServerEvent as BetaServerEvent
from openai.types.realtime.realtime_client_event_param import RealtimeClientEventParam as GaClientEvent
from openai.types.realtime.realtime_server_event import RealtimeServerEvent as GaServerEvent
from pydantic import BaseModel

SCENES = Path(__file__).parents[2] / "scenarios"
DIALECTS = {"ga": "GA", "beta": "Beta"}
DIRECTIONS = {"sent": "from the client", "received": "from the server"}

# Where an event has its place in the usual course of things; other scenes follow by name.
_USUAL = ("text_turn", "push_to_talk", "spoken_turn", "function_call", "items", "interruption", "cancel")
_DIRECTION_OF = {">": "sent", "<": "received"}
_EVENT = re.compile(r"([<>]) ([a-z][\w.]*)")

# What no scene has, by the beginning of its name.
_CALLS = "told of calls over WebRTC and SIP alone, which are not here"
_MCP = "told of remote MCP tools, which are not here"
ABSENT = {
    "output_audio_buffer.": _CALLS,
    "input_audio_buffer.dtmf_event_received": _CALLS,
    "mcp_list_tools.": _MCP,
    "response.mcp_call": _MCP,
    "conversation.created": "in the types, and in no session that was seen",
    "conversation.item.created": "the word of beta for `conversation.item.added`",
    "conversation.item.input_audio_transcription.segment": "told of models that tell speakers apart; none is here",
}


def events_of(dialect: str, direction: str) -> list[str]:
    """Return the types of a dialect's events in one direction, in the order of the alphabet."""
    client, server = (GaClientEvent, GaServerEvent) if dialect == "ga" else (BetaClientEvent, BetaServerEvent)
    return sorted(_sent(client) if direction == "sent" else _received(server))


def scenes_of(dialect: str) -> Mapping[str, str]:
    """Return for each event of a dialect that a golden scene has, as `sent response.create`, the name of a scene."""
    first = dict[str, str]()
    usual = [SCENES / f"{name}.{dialect}.txt" for name in _USUAL]
    for path in [*usual, *sorted(SCENES.glob(f"*.{dialect}.txt"))]:
        for line in path.read_text(encoding="utf-8").splitlines():
            if event := _EVENT.match(line):
                first.setdefault(f"{_DIRECTION_OF[event[1]]} {event[2]}", path.name)
    return first


def absence(kind: str) -> str | None:
    """Return why an event is in no scene."""
    return next((why for beginning, why in ABSENT.items() if kind.startswith(beginning)), None)


def _sent(union: Any) -> set[str]:
    return {name for member in get_args(union) for name in get_args(get_type_hints(member)["type"])}


def _received(union: Any) -> set[str]:
    members: tuple[type[BaseModel], ...] = get_args(get_args(union)[0])
    return {name for member in members for name in get_args(member.model_fields["type"].annotation)}
