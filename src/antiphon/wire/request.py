"""What every request body has in common."""

from pydantic import BaseModel, ConfigDict


class WireRequest(BaseModel):
    """A part of a request body: JSON types are taken as they are, and an unknown field is refused by name."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
