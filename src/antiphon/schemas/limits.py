"""How large a strict schema may be: OpenAI's limits of today, in the words of its messages where these are known."""

from collections.abc import Sequence
from dataclasses import dataclass

from antiphon.schemas.owners import Place

MAX_PROPERTIES = 5_000
MAX_NESTING = 10
MAX_NAME_CHARACTERS = 120_000
MAX_ENUM_VALUES = 1_000
# A string enum of more values than this has a limit of its own on its characters.
LARGE_ENUM_VALUES = 250
MAX_LARGE_ENUM_CHARACTERS = 15_000


@dataclass(slots=True)
class Tally:
    """What a schema holds, counted while it is read.

    A level of nesting is an object or an array inside another, as it is written: a reference starts no new level.
    """

    num_properties: int = 0
    num_enum_values: int = 0
    num_name_characters: int = 0
    nesting: int = 0

    def add_properties(self, keys: Sequence[str]) -> None:
        """Count the keys of an object."""
        self.num_properties += len(keys)
        self.add_names(keys)

    def add_names(self, names: Sequence[str]) -> None:
        """Count the characters of keys, of definitions' names or of texts in `enum` and `const`."""
        self.num_name_characters += sum(map(len, names))

    def add_enum(self, values: Sequence[object], place: Place) -> None:
        """Count the values of an enum. Raises `InvalidRequest` if it is too large by itself."""
        self.num_enum_values += len(values)
        texts = [value for value in values if isinstance(value, str)]
        self.add_names(texts)
        num_characters = sum(map(len, texts))
        if len(texts) > LARGE_ENUM_VALUES and num_characters > MAX_LARGE_ENUM_CHARACTERS:
            raise place.refusal(
                f"{num_characters} characters in an enum of more than {LARGE_ENUM_VALUES} values exceeds limit "
                f"of {MAX_LARGE_ENUM_CHARACTERS}."
            )

    def check(self, root: Place) -> None:
        """Raise `InvalidRequest` for the first limit that is passed."""
        for number, what, limit in (
            (self.num_properties, "parameters", MAX_PROPERTIES),
            (self.nesting, "levels of nesting", MAX_NESTING),
            (self.num_enum_values, "enum values", MAX_ENUM_VALUES),
            (self.num_name_characters, "characters of names and values", MAX_NAME_CHARACTERS),
        ):
            if number > limit:
                raise root.malformed(f"{number} {what} exceeds limit of {limit}.")
