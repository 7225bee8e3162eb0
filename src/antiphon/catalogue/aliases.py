"""Names that existing code uses, as rules: each says which names mean which model.

In a rule's names `*` stands for any letters, none included; a name without it stands for itself, and is listed where
models are. The first rule that has the name decides. A rule without a model is a kind of names that mean none here:
it keeps the rules after it from taking them.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

AliasPattern = Annotated[str, Field(pattern=r"^[A-Za-z0-9*][A-Za-z0-9*._:/-]{0,127}$")]


class AliasRule(BaseModel):
    """These names mean this model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    names: Annotated[tuple[AliasPattern, ...], Field(min_length=1)]
    model: str | None = None

    def has(self, name: str) -> bool:
        """Whether the rule decides about `name`."""
        return any(fnmatchcase(name, pattern) for pattern in self.names)

    def listed(self) -> tuple[str, ...]:
        """The names that stand for themselves."""
        return tuple(name for name in self.names if "*" not in name)


def resolve_alias(name: str, rules: Iterable[AliasRule]) -> str | None:
    """Return the model that the first rule with `name` gives; `None` where it gives none, or no rule has the name."""
    return next((rule.model for rule in rules if rule.has(name)), None)
