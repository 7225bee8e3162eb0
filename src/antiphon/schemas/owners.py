"""Whose schema it is that is read, for the words and the fields of a refusal."""

from dataclasses import dataclass

from antiphon.errors import InvalidRequest

NAME_PATTERN = "^[a-zA-Z0-9_-]+$"
MAX_NAME_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class SchemaOwner:
    """A `response_format` or a function; `field` is where its definition stands in the request."""

    kind: str
    name: str
    field: str
    schema_field: str
    code: str | None = None

    @staticmethod
    def response_format(name: str) -> "SchemaOwner":
        """The owner of `response_format.json_schema.schema`."""
        return SchemaOwner("response_format", name, "response_format.json_schema", "response_format")

    @staticmethod
    def function(name: str, field: str) -> "SchemaOwner":
        """The owner of a function's parameters; `field` is the function's, such as `tools[0].function`."""
        return SchemaOwner("function", name, field, f"{field}.parameters", "invalid_function_parameters")

    def check_name(self) -> None:
        """Raise `InvalidRequest` if the name is not 1 to 64 letters, digits, `_` and `-`."""
        param = f"{self.field}.name"
        if len(self.name) > MAX_NAME_CHARACTERS:
            raise InvalidRequest(
                f"Invalid '{param}': string too long. Expected a string with maximum length {MAX_NAME_CHARACTERS}, "
                f"but got a string with length {len(self.name)} instead.",
                param=param,
                code="string_above_max_length",
            )
        if not self.name:
            raise InvalidRequest(
                f"Invalid '{param}': empty string. Expected a string with minimum length 1, "
                "but got an empty string instead.",
                param=param,
                code="empty_string",
            )
        if not all(character.isascii() and (character.isalnum() or character in "_-") for character in self.name):
            raise InvalidRequest(
                f"Invalid '{param}': string does not match pattern. "
                f"Expected a string that matches the pattern '{NAME_PATTERN}'.",
                param=param,
                code="invalid_value",
            )

    def absent_schema(self, *, strict: bool) -> dict[str, object]:
        """What stands for a schema that was not given: no arguments, or any object. Raises `InvalidRequest`."""
        if self.kind == "function":
            return {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
        if not strict:
            return {"type": "object"}
        param = f"{self.field}.schema"
        raise InvalidRequest(f"Missing required parameter: '{param}'.", param=param, code="missing_required_parameter")


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a schema: whose it is, and the keys on the way from its root, indices as text."""

    owner: SchemaOwner
    context: tuple[str, ...] = ()

    def at(self, *keys: str) -> "Place":
        """The part below."""
        return Place(self.owner, (*self.context, *keys))

    def refusal(self, detail: str) -> InvalidRequest:
        """The error of a part that breaks a rule of the strict subset."""
        return self.malformed(f"In context={self.context}, {detail}")

    def not_permitted(self, keyword: str, reason: str = "") -> InvalidRequest:
        """The error of a keyword that the strict subset does not have, or that cannot be enforced as it stands."""
        return self.refusal(f"'{keyword}' is not permitted.{reason and ' '}{reason}")

    def malformed(self, detail: str) -> InvalidRequest:
        """The error of what is no JSON Schema at all, or of the schema as a whole: it names no place."""
        owner = self.owner
        return InvalidRequest(
            f"Invalid schema for {owner.kind} '{owner.name}': {detail}", param=owner.schema_field, code=owner.code
        )
