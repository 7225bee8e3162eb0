"""A frame as a JSON value."""

from pydantic_core import from_json


def parsed_frame(frame: str | bytes) -> object:
    """Return the JSON value of a frame. Raises `ValueError`: for what is no JSON, no Unicode, or no finite number."""
    return from_json(frame.encode() if isinstance(frame, str) else frame, allow_inf_nan=False)
