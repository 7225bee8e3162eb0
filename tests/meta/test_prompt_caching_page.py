"""The page on prompt caching tells every reason, shows what is really answered, and names options that there are."""

import re
import tomllib

import msgspec

from antiphon.prefix.reason import Reason
from antiphon.settings import RemoteEngine, Settings
from antiphon.wire.cache import CacheExplanation
from tests.meta.markdown import blocks
from tests.meta.source import PROJECT

PAGE = PROJECT / "docs" / "prompt-caching.md"


def first_cells(page: str, heading: str) -> list[str]:
    """Return the code in the first cell of each row of the table under a column's heading."""
    _, _, rest = page.partition(f"| {heading} |")
    table = rest.partition("\n\n")[0]
    return re.findall(r"^\| `([\w ]+)` \|", table, re.MULTILINE)


def texts_of(language: str) -> list[str]:
    return [block.text for block in blocks(PAGE, PROJECT) if block.language == language]


def test_the_page_tells_every_reason_and_no_other():
    """In its table of reasons, each once."""
    assert sorted(first_cells(PAGE.read_text(encoding="utf-8"), "reason")) == sorted(Reason)


def test_the_explanation_that_the_page_shows_is_one():
    """All fields are there, and its reason is one of those that there are."""
    (shown,) = texts_of("json")
    told = msgspec.json.decode(shown, type=CacheExplanation, strict=True)

    assert msgspec.to_builtins(told) == msgspec.json.decode(shown)
    assert told.miss is not None
    assert told.miss.reason in set(Reason)


def test_the_configuration_that_the_page_shows_is_taken():
    """Each block is a configuration file that a server starts with."""
    for shown in texts_of("toml"):
        assert Settings.model_validate(tomllib.loads(shown))


def test_the_options_that_the_page_names_are_there():
    """Of the server, and of a remote engine."""
    page = PAGE.read_text(encoding="utf-8")
    remote, local = page.split("## On disk")
    named = first_cells(remote[remote.index("## Remote engines") :], "option"), first_cells(local, "option")

    assert set(named[0]) == {"salts_cache", "cache_salt_key", "takes_cache_fields"}
    assert set(named[0]) <= set(RemoteEngine.model_fields)
    assert set(named[1]) == {name for name in Settings.model_fields if name.startswith("prompt_cache")}
