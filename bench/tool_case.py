"""What one tool prompt of the evaluation is: a question, the tools on offer, and the tool that fits, if any."""

from dataclasses import dataclass
from typing import Any

Tool = dict[str, Any]


@dataclass(frozen=True)
class ToolCase:
    """A prompt with the tools offered (in Chat Completions' shape) and the name of the one that fits, or None."""

    prompt: str
    tools: tuple[Tool, ...]
    fitting: str | None


def tool(name: str, description: str, *, optional: tuple[str, ...] = (), **properties: dict[str, Any]) -> Tool:
    """Return a function tool; every property is required but the `optional` ones."""
    parameters = {
        "type": "object",
        "properties": properties,
        "required": [key for key in properties if key not in optional],
    }
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


def case(tools: tuple[Tool, ...], prompt: str, offered: str, fitting: str | None) -> ToolCase:
    """Return the case in which the tools named in `offered` (separated by spaces) are on offer."""
    by_name = {entry["function"]["name"]: entry for entry in tools}
    return ToolCase(prompt, tuple(by_name[name] for name in offered.split()), fitting)
