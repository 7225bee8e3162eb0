"""The catalogue as a whole: read from TOML, an operator's laid over the one that ships.

Names are resolved in this order: a catalogued model or a remote engine's, the operator's aliases, the catalogue's.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources

from pydantic import BaseModel, ConfigDict, ValidationError

from antiphon.catalogue.aliases import AliasRule, resolve_alias
from antiphon.catalogue.entry import Entry
from antiphon.catalogue.slips import likeliest, slip_of
from antiphon.catalogue.voices import CataloguedVoice
from antiphon.errors import NotFound, StartRefused

# The deterministic model for tests of applications: it has no weights, and is always there.
SCRIPTED_MODEL = "antiphon-scripted"


class _Tables(BaseModel):
    """What a catalogue file may say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    models: tuple[Entry, ...] = ()
    voices: tuple[CataloguedVoice, ...] = ()
    aliases: tuple[AliasRule, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """Models and voices by their names, and the rules of aliases in the order in which they are asked.

    `other_models` are names that mean themselves and are not catalogued here: the scripted model's, and those of
    remote engines.
    """

    entries: Mapping[str, Entry]
    rules: tuple[AliasRule, ...] = ()
    other_models: frozenset[str] = frozenset({SCRIPTED_MODEL})
    voices: Mapping[str, CataloguedVoice] = field(default_factory=dict[str, CataloguedVoice])

    def entry(self, name: str) -> Entry:
        """Return the model of that very name. Raises `NotFound`."""
        if name not in self.entries:
            raise NotFound(f"The catalogue has no model '{name}'. It has: {', '.join(self.entries)}.", param="model")
        return self.entries[name]

    def defaults(self) -> tuple[Entry, ...]:
        """Return the models that an installation fetches by itself."""
        return tuple(entry for entry in self.entries.values() if entry.is_default)

    def resolve(self, name: str) -> str | None:
        """Return the model that `name` means: itself, or what it is an alias of; `None` where it means nothing.

        A name that only a pattern has, and that is one letter away from a name that is listed, is a slip of the pen and
        means nothing: otherwise another model would answer than the one that was meant, and nobody would know.
        """
        if self._is_model(name):
            return name
        model = resolve_alias(name, self.rules)
        is_listed = any(name in rule.names for rule in self.rules)
        return model if model is None or is_listed or slip_of(name, self._listed()) is None else None

    def likely_meant(self, name: str) -> str | None:
        """Return a listed name that is much like one that means nothing, `None` where there is none."""
        return likeliest(name, self._listed())

    def aliases(self) -> dict[str, str]:
        """Return every listed alias with the model that it means."""
        listed = [name for rule in self.rules for name in rule.listed()]
        meant = {name: self.resolve(name) for name in listed if not self._is_model(name)}
        return {name: model for name, model in meant.items() if model is not None}

    def aliases_of(self, model: str) -> tuple[str, ...]:
        """Return the listed aliases of one model."""
        return tuple(name for name, meant in self.aliases().items() if meant == model)

    def with_operator(self, aliases: Mapping[str, str], other_models: Iterable[str] = ()) -> "Catalogue":
        """Return the catalogue with the operator's aliases before its own, and with remote engines' models.

        Raises `StartRefused` for an alias that is malformed or that means no model.
        """
        try:
            rules = tuple(AliasRule(names=(name,), model=model) for name, model in aliases.items())
        except ValidationError as refusal:
            raise StartRefused(f"The option 'aliases' cannot be read: {_first_fault(refusal)}.") from None
        whole = replace(self, rules=rules + self.rules, other_models=self.other_models | frozenset(other_models))
        whole.check()
        return whole

    def check(self) -> None:
        """Raise `StartRefused` where an alias means no model, or a voice is of one that cannot speak."""
        for voice in self.voices.values():
            if voice.model not in self.entries or self.entries[voice.model].kind != "speech":
                raise StartRefused(
                    f"The voice '{voice.name}' is of the model '{voice.model}', and no speech model has that name."
                )
        for rule in self.rules:
            if rule.model is not None and not self._is_model(rule.model):
                raise StartRefused(
                    f"The alias '{rule.names[0]}' means the model '{rule.model}', and there is none of that name."
                )

    def _listed(self) -> list[str]:
        return [
            *self.entries,
            *self.other_models,
            *(name for rule in self.rules if rule.model for name in rule.listed()),
        ]

    def _is_model(self, name: str) -> bool:
        return name in self.entries or name in self.other_models


def shipped_catalogue() -> Catalogue:
    """Return the catalogue that is part of the package."""
    text = resources.files("antiphon.catalogue").joinpath("models.toml").read_text(encoding="utf-8")
    return read_catalogue(text, "models.toml")


def read_catalogue(text: str, origin: str, under: Catalogue | None = None) -> Catalogue:
    """Read a catalogue file, laid over the catalogue `under`: a model of a name that is there replaces it.

    `origin` names the file in errors. Raises `StartRefused` with a sentence that says what is wrong and where.
    """
    try:
        tables = _Tables.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as refusal:
        raise StartRefused(f"The model catalogue {origin} cannot be read: {refusal}.") from None
    except ValidationError as refusal:
        raise StartRefused(f"The model catalogue {origin} cannot be read: {_first_fault(refusal)}.") from None
    _refuse_twins("models", [entry.name for entry in tables.models], origin)
    _refuse_twins("voices", [voice.name for voice in tables.voices], origin)
    entries = dict(under.entries if under else {}) | {entry.name: entry for entry in tables.models}
    voices = dict(under.voices if under else {}) | {voice.name: voice for voice in tables.voices}
    whole = Catalogue(entries, tables.aliases + (under.rules if under else ()), voices=voices)
    whole.check()
    return whole


def _refuse_twins(kind: str, names: list[str], origin: str) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise StartRefused(f"The model catalogue {origin} has two {kind} of the name '{twice}'.")


def _first_fault(refusal: ValidationError) -> str:
    first = refusal.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(step) for step in first["loc"])
    return f"{place}: {first['msg']}" if place else first["msg"]
