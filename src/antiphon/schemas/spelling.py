"""Languages as terminals of a Lark grammar (llguidance's dialect): their strings as JSON spells them."""

from antiphon.schemas.charsets import ANY, spelling
from antiphon.schemas.languages import Both, Either, Except, Language, OneOf, Row, Times

# One character of any text, spelt.
ANY_CHARACTER = spelling(ANY)


def text_expression(language: Language) -> str:
    """The terminal expression of the language's strings, without their quotes."""
    regex = _regex(language)
    if regex is not None:
        return f"/{regex}/" if regex else '""'
    match language:
        case Row(parts):
            return f"({' '.join(map(text_expression, parts))})"
        case Either(options):
            return f"({' | '.join(map(text_expression, options))})"
        case Both(parts):
            return f"({' & '.join(map(text_expression, parts))})"
        case Except(part):
            return f"~{text_expression(part)}"
        case _:
            raise AssertionError("whatever is repeated is regular by itself")


def _regex(language: Language) -> str | None:
    """The same as one regular expression (Rust's syntax), or None if there is an intersection or a complement in it."""
    match language:
        case OneOf(chars):
            return spelling(chars)
        case Row(parts):
            spelt = [_regex(part) for part in parts]
            return None if None in spelt else "".join(filter(None, spelt))
        case Either(options):
            spelt = [_regex(option) for option in options]
            return None if None in spelt else f"(?:{'|'.join(text or '' for text in spelt)})"
        case Times(part, least, most):
            inner = _regex(part)
            return None if inner is None else f"(?:{inner}){_times(least, most)}" if inner else ""
        case Both() | Except():
            return None


def _times(least: int, most: int | None) -> str:
    if (least, most) == (0, None):
        return "*"
    return f"{{{least}}}" if least == most else f"{{{least},{'' if most is None else most}}}"
