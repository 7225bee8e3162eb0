"""References inside a schema: what `$ref` names."""

from collections.abc import Mapping
from urllib.parse import unquote

from antiphon.schemas.owners import Place

ROOT = "#"
DEFINITION_KEYWORDS = ("$defs", "definitions")


def definition_named(reference: str, document: Mapping[str, object]) -> str | None:
    """The name of the definition that a `$ref` points at: `#`, or `#/$defs/X` X unescaped, if it is there."""
    match _steps(reference):
        case ():
            return ROOT
        case (keyword, key):
            group = document.get(keyword)
            return definition_name(keyword, key) if isinstance(group, dict) and key in group else None
        case None:
            return None


def strict_definition_named(reference: str, document: Mapping[str, object], place: Place) -> str:
    """The same, but raises `InvalidRequest` if the reference points elsewhere or at none that is there."""
    if _steps(reference) is None:
        raise place.refusal("reference can only point to definitions defined at the top level of the schema.")
    name = definition_named(reference, document)
    if name is None:
        raise place.refusal(f"reference to component '{reference}' which was not found in the schema.")
    return name


def _steps(reference: str) -> tuple[str, str] | tuple[()] | None:
    """The keyword and the key of a definition, nothing for the root, or None for what lies elsewhere."""
    first, *rest = [unquote(step).replace("~1", "/").replace("~0", "~") for step in reference.split("/")]
    if first != ROOT or (rest and (len(rest) != 2 or rest[0] not in DEFINITION_KEYWORDS)):
        return None
    return (rest[0], rest[1]) if rest else ()


def definition_name(keyword: str, key: str) -> str:
    """How a definition is called among those of its schema."""
    return f"{ROOT}/{keyword}/{key}"
