"""Languages have codes on the way in and names on the way out."""

from antiphon.speech.languages import LANGUAGE_NAMES, language_name


def test_every_code_has_a_name():
    """A hundred languages; no entry of the table was cut in two."""
    assert len(LANGUAGE_NAMES) == 100
    assert all(2 <= len(code) <= 3 and name for code, name in LANGUAGE_NAMES.items())


def test_a_name_is_what_whisper_calls_it():
    """In small letters; a code that nobody knows is told as it is."""
    assert [language_name(code) for code in ("en", "zh", "ht", "xx")] == ["english", "chinese", "haitian creole", "xx"]
