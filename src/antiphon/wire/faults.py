"""Where a refused request is wrong: the value is walked in step with the schema that refused it, to the first fault.

Every core schema that the wire types use has its rule here. One without a rule counts as right, and the reader then
tells pydantic's own words. Of a union's branches those count that take the value's kind, and of these the one that got
farthest: `[1, "a"]` is a list of tokens with a wrong second entry, and no list of texts.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, cast

from antiphon.errors import InvalidRequest
from antiphon.wire import wording
from antiphon.wire.core_schemas import Schema, SchemaReader
from antiphon.wire.wording import Place, Unfitness

_INFINITE = Unfitness("decimal out of range. Expected a number that JSON can write.", "invalid_value")


class Fault(NamedTuple):
    """Where a value is wrong, and the error to raise."""

    place: Place
    error: InvalidRequest

    def progress(self) -> tuple[tuple[int, ...], int]:
        """How far a reader got before this fault: later entries of lists first, then depth."""
        return tuple(step for step in self.place if isinstance(step, int)), len(self.place)


def first_fault(schema: Schema, value: object) -> InvalidRequest | None:
    """Return the error for the first fault of a JSON value under a pydantic core schema, or None if there is none."""
    fault = _Walk(SchemaReader(schema)).fault(schema, value, ())
    return fault.error if fault is not None else None


def has_infinity(value: object) -> bool:
    """Whether a JSON value contains a number that JSON cannot say again."""
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, dict):
        return any(map(has_infinity, cast("dict[str, object]", value).values()))
    return isinstance(value, list) and any(map(has_infinity, cast("list[object]", value)))


class _Walk:
    """One walk along the schemas of one model."""

    def __init__(self, schemas: SchemaReader) -> None:
        self._schemas = schemas

    def fault(self, schema: Schema, value: object, place: Place) -> Fault | None:
        """Return the first fault of `value`, which stands at `place`."""
        if self._schemas.takes_null(schema) and value is None:
            return None
        plain = self._schemas.plain(schema)
        rule = _RULES.get(plain["type"])
        return rule(self, plain, value, place) if rule is not None else None

    def fields(self, schema: Schema, value: object, place: Place) -> Fault | None:
        """An object of known fields: none unknown, none missing, each right."""
        if not isinstance(value, dict):
            return self._wrong_type(schema, value, place)
        given = cast("dict[str, object]", value)
        fields = {field.get("validation_alias", name): field for name, field in schema["fields"].items()}
        if strangers := [name for name in given if name not in fields]:
            return Fault((*place, strangers[0]), wording.unknown(place, strangers))
        return next(self._faults_of_fields(fields, given, place), None)

    def _faults_of_fields(
        self, fields: Mapping[str, Schema], given: Mapping[str, object], place: Place
    ) -> Iterator[Fault]:
        for name, field in fields.items():
            here = (*place, name)
            if name in given:
                fault = self.fault(field, given[name], here)
                if fault is not None:
                    yield fault
            elif field["schema"]["type"] != "default":
                yield Fault(here, wording.missing(here))

    def entries(self, schema: Schema, value: object, place: Place) -> Fault | None:
        """A list: of a right length, each entry right."""
        if not isinstance(value, list):
            return self._wrong_type(schema, value, place)
        given = cast("list[object]", value)
        if unfitness := wording.array_unfitness(schema, given):
            return Fault(place, wording.unfit(place, unfitness))
        faults = (self.fault(schema["items_schema"], entry, (*place, index)) for index, entry in enumerate(given))
        return next((fault for fault in faults if fault is not None), None)

    def properties(self, schema: Schema, value: object, place: Place) -> Fault | None:
        """An object of free names: not too many, each name and each value right."""
        if not isinstance(value, dict):
            return self._wrong_type(schema, value, place)
        given = cast("dict[str, object]", value)
        if unfitness := wording.object_unfitness(schema, given):
            return Fault(place, wording.unfit(place, unfitness))
        for name, entry in given.items():
            if unfitness := wording.string_unfitness(self._schemas.plain(schema["keys_schema"]), name):
                return Fault((*place, name), wording.unfit_key(place, name, unfitness))
            fault = self.fault(schema["values_schema"], entry, (*place, name))
            if fault is not None:
                return fault
        return None

    def tagged(self, schema: Schema, value: object, place: Place) -> Fault | None:
        """One of several objects, told apart by a field of theirs."""
        if not isinstance(value, dict):
            return self._wrong_type(schema, value, place)
        given = cast("dict[str, object]", value)
        here = (*place, schema["discriminator"])
        if schema["discriminator"] not in given:
            return Fault(here, wording.missing(here))
        tag = given[schema["discriminator"]]
        if not isinstance(tag, str):
            expected = wording.listed(wording.quoted(schema["choices"]), "or")
            return Fault(here, wording.wrong_type(here, f"one of {expected}", tag))
        if tag not in schema["choices"]:
            return Fault(here, wording.not_supported(here, tag, schema["choices"]))
        return self.fault(schema["choices"][tag], given, place)

    def branches(self, schema: Schema, value: object, place: Place) -> Fault | None:
        """One of several shapes."""
        fitting = [branch for branch in schema["choices"] if self._schemas.takes_kind(branch, value)]
        if not fitting:
            return self._wrong_type(schema, value, place)
        faults = [self.fault(branch, value, place) for branch in fitting]
        told = [fault for fault in faults if fault is not None]
        return max(told, key=Fault.progress) if len(told) == len(faults) else None

    def literal(self, schema: Schema, value: object, place: Place) -> Fault | None:
        """One of a few values."""
        if any(type(value) is type(known) and value == known for known in schema["expected"]):
            return None
        if not self._schemas.takes_kind(schema, value):
            return self._wrong_type(schema, value, place)
        return Fault(place, wording.not_supported(place, value, schema["expected"]))

    def scalar(self, schema: Schema, value: object, place: Place) -> Fault | None:
        """A string, a number or a boolean, within its bounds."""
        if not self._schemas.takes_kind(schema, value):
            return self._wrong_type(schema, value, place)
        if isinstance(value, str):
            unfitness = wording.string_unfitness(schema, value)
        elif isinstance(value, int | float):
            unfitness = wording.number_unfitness(schema, value)
        else:
            unfitness = None
        return Fault(place, wording.unfit(place, unfitness)) if unfitness is not None else None

    def anything(self, _schema: Schema, value: object, place: Place) -> Fault | None:
        """Any value that JSON can say again."""
        return Fault(place, wording.unfit(place, _INFINITE)) if has_infinity(value) else None

    def _wrong_type(self, schema: Schema, value: object, place: Place) -> Fault:
        return Fault(place, wording.wrong_type(place, self._schemas.expected(schema), value))


_RULES: Mapping[str, Callable[[_Walk, Schema, object, Place], Fault | None]] = {
    "model-fields": _Walk.fields,
    "list": _Walk.entries,
    "dict": _Walk.properties,
    "tagged-union": _Walk.tagged,
    "union": _Walk.branches,
    "literal": _Walk.literal,
    "any": _Walk.anything,
    "str": _Walk.scalar,
    "bool": _Walk.scalar,
    "int": _Walk.scalar,
    "float": _Walk.scalar,
}
