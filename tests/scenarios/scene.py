"""Scenes: golden transcripts in plain text, read and played.

A scene begins with a sentence or two about what happens, and lines `with ...` that say what the session has. Then:

    >  what the client sends: an event's type and the rest of its JSON
    <  what the server sends, in the same form; what a story does not turn on is left out
    ~  what engines do, and, beginning with `asked`, what they are asked for
    @  the user's audio, as it comes from the microphone, and time that passes

`<` and `~ asked` follow from the rest: a scene is right where playing it gives the same text again.
"""

import base64
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from tests.scenarios.stage import Stage, sound

from antiphon.generation.facts import UsageCounted
from antiphon.realtime.client_events import AppendAudio
from antiphon.realtime.dialects.beta import Beta
from antiphon.realtime.dialects.ga import Ga
from antiphon.realtime.effects import (
    CloseWork,
    Effect,
    EndSession,
    Generate,
    HushOthers,
    JudgeTurn,
    Recognise,
    Send,
    Synthesise,
)
from antiphon.realtime.items import AudioContent, FunctionCallItem, ImageContent, Item, MessageItem
from antiphon.realtime.limits import Abilities, SessionLimits
from antiphon.realtime.server_events import Fault
from antiphon.testing.ids import CountingIds

# What says nothing about the story: ids of events, and what every session has alike.
_LEFT_OUT = frozenset({"event_id", "object", "obfuscation", "type"})
_SHOWN_OF_SESSION = ("id", "type", "modalities", "output_modalities", "voice", "expires_at")
_LEFT_OUT_OF_RESPONSE = frozenset(
    {
        "object",
        "modalities",
        "output_modalities",
        "voice",
        "output_audio_format",
        "temperature",
        "max_output_tokens",
        "audio",
    }
)
_AUDIO = re.compile(r"^(\d+) ms of (voice|silence)$")
_FAILING = {"recognition": Recognise, "model": Generate, "speech": Synthesise}


class Scene:
    """One session, played line by line."""

    def __init__(self, settings: list[str]) -> None:
        given = dict(line.split(maxsplit=1) if " " in line else (line, "") for line in settings)
        self.dialect = Beta() if given["dialect"] == "beta" else Ga()
        kind = "transcription" if "transcription" in given else "realtime"
        config = self.dialect.initial("gpt-4o-realtime-preview", kind)
        limits = SessionLimits(
            max_session_ms=float(given["minutes"]) * 60_000 if "minutes" in given else None,
            max_ahead_ms=float(given["ahead"].split()[0]) if "ahead" in given else None,
        )
        voices = frozenset({"alloy", "echo", "shimmer", "verse"})
        abilities = Abilities(takes_audio="hearing" in given, takes_images="seeing" in given, voices=voices)
        self._ids = CountingIds()
        self._num_shown = 0
        self.stage = Stage(config=config, abilities=abilities, limits=limits)

    def play(self, line: str) -> None:
        """Let one line happen."""
        mark, _, rest = line.partition(" ")
        if mark == ">":
            kind, _, fields = rest.partition(" ")
            event = {"type": kind, **_with_audio(json.loads(fields or "{}"))}
            config = self.stage.session.config
            self.stage.step(self.dialect.read(json.dumps(event), config))
        elif mark == "@":
            self._sound(rest)
        else:
            self._engine(rest)

    def outcome(self) -> list[str]:
        """Return the lines that followed since the last time."""
        wanted = self.stage.wanted[self._num_shown :]
        self._num_shown = len(self.stage.wanted)
        return list(_merged(line for effect in wanted for line in self._lines(effect)))

    def _sound(self, rest: str) -> None:
        what, ms = rest.split()[:2]
        if what == "wait":
            self.stage.wait(float(ms))
            return
        audio = sound(float(ms), self.stage.session.config.input_format, 0.3 if what == "voice" else 0.0)
        text = json.dumps({"type": "input_audio_buffer.append", "audio": base64.b64encode(audio).decode()})
        self.stage.wait(float(ms))
        event = self.dialect.read(text, self.stage.session.config)
        assert isinstance(event, AppendAudio)
        self.stage.step(event)

    def _engine(self, rest: str) -> None:
        stage = self.stage
        what, _, said = rest.partition(": ")
        words = shlex.split(what)
        match words[0]:
            case "hears":
                stage.hears(f" {said}" if said else "")
            case "writes":
                stage.writes(said)
            case "calls":
                stage.calls(words[1], said, int(words[2]) if len(words) > 2 else 0)
            case "done":
                numbers = [int(word) for word in words[2:]]
                usage = UsageCounted(*numbers) if numbers else None
                stage.finishes(words[1] if len(words) > 1 else "stop", usage)
            case "speaks":
                stage.speaks() if words[-1] != "everything" else stage.speaks_everything()
            case "fails":
                fault = Fault(message=said, type="server_error", code="engine_failed")
                stage.fails(_FAILING[words[1]], fault)
            case "overflows":
                fault = Fault(message=said, code="context_length_exceeded")
                stage.fails(Generate, fault, overflow_tokens=int(words[1]))
            case "judges":
                stage.judges_turn(float(words[1]))
            case _:
                raise ValueError(rest)

    def _lines(self, effect: Effect) -> Iterator[str]:
        match effect:
            case Send():
                for frame in self.dialect.write(effect.event, self._ids):
                    yield _server_line(json.loads(frame))
            case Recognise():
                yield f"~ asked to recognise {effect.format.ms(len(effect.audio)):.0f} ms"
            case JudgeTurn():
                yield f"~ asked to judge {len(effect.samples) / 32:.0f} ms"
            case Generate():
                yield f"~ asked to answer{'' if effect.keeps_slot else ' apart'}: {_prompt(effect)}"
            case Synthesise():
                yield f"~ asked to speak: {effect.text}"
            case CloseWork():
                yield f"~ asked to drop {effect.work_id}"
            case HushOthers():
                yield f"~ asked for quiet: {'yes' if effect.is_wanted else 'no'}"
            case EndSession():
                yield f"< (closed {effect.code}) {effect.reason}"
            case _:
                pass


def play(text: str) -> str:
    """Return the text of a scene as playing it gives it: the same, if the scene is right."""
    head, _, body = text.partition("\n\n")
    settings = [line.removeprefix("with ") for line in head.splitlines() if line.startswith("with ")]
    scene = Scene(settings)
    lines = scene.outcome()
    for line in body.splitlines():
        if not line or line.startswith("#"):
            lines.append(line)
        elif not line.startswith(("<", "~ asked")):
            scene.play(line)
            lines += [line, *scene.outcome()]
    return "\n".join([head, "", *lines]).rstrip() + "\n"


def scenes() -> list[Path]:
    """Return where the scenes lie."""
    return sorted(Path(__file__).parent.glob("*.txt"))


def _with_audio(value: Any) -> Any:
    """Return JSON in which audio that is described is there."""
    if isinstance(value, dict):
        return {key: _with_audio(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_audio(inner) for inner in value]
    if isinstance(value, str) and (found := _AUDIO.match(value)):
        level = 0.3 if found[2] == "voice" else 0.0
        return base64.b64encode(sound(float(found[1]), level=level)).decode()
    return value


def _server_line(event: dict[str, Any]) -> str:
    kind = event["type"]
    if kind.startswith(("session.", "transcription_session.")):
        session = event["session"]
        shown: Any = {"session": {key: session[key] for key in _SHOWN_OF_SESSION if key in session}}
        if "output" in session.get("audio", {}):
            shown["session"]["voice"] = session["audio"]["output"]["voice"]
    elif kind in {"response.output_audio.delta", "response.audio.delta"}:
        shown = {"item_id": event["item_id"], "delta": f"{len(base64.b64decode(event['delta'])) / 48:.0f} ms of audio"}
    else:
        shown = _shown(event)
    return f"< {kind} {json.dumps(shown, ensure_ascii=False)}"


def _shown(event: dict[str, Any]) -> dict[str, Any]:
    shown = {key: value for key, value in event.items() if key not in _LEFT_OUT}
    if "error" in event:
        shown["error"] = event["error"]
    if "part" in event:
        shown["part"] = event["part"]
    if "item" in event:
        shown["item"] = _shown_item(event["item"])
    if "response" in event:
        response = {key: value for key, value in event["response"].items() if key not in _LEFT_OUT_OF_RESPONSE}
        if response["usage"] is not None:
            response["usage"] = _shown_usage(response["usage"])
        response["output"] = [item["id"] for item in response["output"]]
        shown["response"] = response
    return shown


def _shown_item(item: dict[str, Any]) -> dict[str, Any]:
    shown = {key: value for key, value in item.items() if key != "object"}
    for part in shown.get("content", []):
        if part.get("audio"):
            part["audio"] = f"{len(base64.b64decode(part['audio'])) / 48:.0f} ms of audio"
    return shown


def _shown_usage(usage: dict[str, Any]) -> str:
    into, out = usage["input_token_details"], usage["output_token_details"]
    return (
        f"{usage['total_tokens']} tokens: in {into['text_tokens']} text, {into['audio_tokens']} audio, "
        f"{into['cached_tokens']} of them cached; out {out['text_tokens']} text, {out['audio_tokens']} audio"
    )


def _merged(lines: Iterator[str]) -> Iterator[str]:
    """Give audio that follows audio of the same item as one line."""
    pattern = re.compile(r'^(< response\.(?:output_)?audio\.delta .*"delta": ")(\d+)( ms of audio.*)$')
    waiting: tuple[str, int, int, str] | None = None
    for line in lines:
        found = pattern.match(line)
        if waiting is not None and (found is None or found[1] != waiting[0]):
            yield _audio_line(waiting)
            waiting = None
        if found is None:
            yield line
        elif waiting is None:
            waiting = (found[1], int(found[2]), 1, found[3])
        else:
            waiting = (waiting[0], waiting[1] + int(found[2]), waiting[2] + 1, waiting[3])
    if waiting is not None:
        yield _audio_line(waiting)


def _audio_line(waiting: tuple[str, int, int, str]) -> str:
    head, ms, count, tail = waiting
    return f"{head}{ms}{tail}" + (f" in {count} events" if count > 1 else "")


def _prompt(effect: Generate) -> str:
    told = [f"[{effect.prompt.instructions}]"] if effect.prompt.instructions else []
    return " / ".join([*told, *map(_said, effect.prompt.items)])


def _said(item: Item) -> str:
    if isinstance(item, MessageItem):
        parts = [
            f"({len(part.audio) / 48:.0f} ms of audio)"
            if isinstance(part, AudioContent) and part.audio
            else "(image)"
            if isinstance(part, ImageContent)
            else msgspec.structs.asdict(part).get("text") or getattr(part, "transcript", "")
            for part in item.content
        ]
        return f"{item.role}: {' '.join(parts)}"
    if isinstance(item, FunctionCallItem):
        return f"{item.name}({item.arguments})"
    return f"-> {item.output}"
