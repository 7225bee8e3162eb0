"""Catalogues as text: what is read, what is refused, and which name means what."""

import hashlib

import pytest

from antiphon.catalogue.reading import Catalogue, read_catalogue
from antiphon.errors import NotFound, StartRefused

SUM = hashlib.sha256(b"weights").hexdigest()


def model(name: str, licence: str = "MIT", *, is_default: bool = False) -> str:
    """A model's table."""
    return f"""
[[models]]
name = "{name}"
kind = "chat"
licence = "{licence}"
context_tokens = 2048
is_default = {str(is_default).lower()}
files = [{{ name = "model.gguf", size_bytes = 7, sha256 = "{SUM}" }}]
sources = [{{ paths = {{ "model.gguf" = "/model.gguf" }} }}]
"""


ALIASES = """
[[aliases]]
names = ["gpt-*-tts"]

[[aliases]]
names = ["gpt-4o", "gpt-*"]
model = "large"
"""


@pytest.fixture
def catalogue() -> Catalogue:
    """Two models, and rules of aliases for one of them."""
    return read_catalogue(model("small", is_default=True) + model("large") + ALIASES, "test.toml")


def test_models_are_found_by_their_own_names_alone(catalogue: Catalogue):
    """An alias is no entry, and the error names those that there are."""
    assert catalogue.entry("small").licence == "MIT"
    with pytest.raises(NotFound, match=r"no model 'gpt-4o'\. It has: small, large"):
        catalogue.entry("gpt-4o")


def test_the_defaults_are_those_that_say_so(catalogue: Catalogue):
    """An installation fetches these by itself."""
    assert [entry.name for entry in catalogue.defaults()] == ["small"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [("small", "small"), ("gpt-4o", "large"), ("gpt-9", "large"), ("gpt-9-tts", None), ("whatever", None)],
)
def test_a_name_means_what_the_first_rule_that_has_it_says(catalogue: Catalogue, name: str, meant: str | None):
    """A model means itself; a rule without a model keeps later rules from taking its names."""
    assert catalogue.resolve(name) == meant


@pytest.mark.parametrize(("name", "meant"), [("gpt-4oo", None), ("gpt-4p", None), ("gpt-4o1", "large")])
def test_a_slip_of_the_pen_is_not_taken_for_whatever_a_pattern_means(
    catalogue: Catalogue, name: str, meant: str | None
):
    """Neither ours nor an operator's; a name that is listed is no slip, however near it is to another."""
    assert catalogue.resolve(name) == meant
    assert catalogue.with_operator({"gpt-4*": "large"}).resolve(name) == meant
    assert catalogue.with_operator({name: "small"}).resolve(name) == "small"


def test_what_means_nothing_is_likely_to_mean_a_listed_name(catalogue: Catalogue):
    """A model or an alias; never a pattern, nor a name that a rule keeps from meaning anything."""
    names = ("gpt-4oo", "smalll", "GPT-4O", "gpt-x-tts", "whatever")
    assert [catalogue.likely_meant(name) for name in names] == ["gpt-4o", "small", "gpt-4o", None, None]


def test_the_operators_aliases_are_asked_first(catalogue: Catalogue):
    """They may be patterns, and may mean a remote engine's model."""
    changed = catalogue.with_operator({"gpt-4o": "small", "claude-*": "far"}, ["far"])
    names = ("gpt-4o", "gpt-9", "claude-3")
    assert [changed.resolve(name) for name in names] == ["small", "large", "far"]


def test_models_mean_themselves_whatever_an_alias_says(catalogue: Catalogue):
    """Neither a catalogued model nor a remote engine's can be hidden by an alias."""
    changed = catalogue.with_operator({"small": "large", "gpt-5": "large"}, ["gpt-5"])
    assert [changed.resolve(name) for name in ("small", "gpt-5")] == ["small", "gpt-5"]


def test_aliases_without_a_pattern_are_listed(catalogue: Catalogue):
    """With the model that each means; patterns stand for too many names."""
    changed = catalogue.with_operator({"gpt-4": "small"})
    assert changed.aliases() == {"gpt-4": "small", "gpt-4o": "large"}
    assert changed.aliases_of("large") == ("gpt-4o",)


def test_a_model_named_like_an_alias_is_not_listed_as_one(catalogue: Catalogue):
    """A remote engine that serves gpt-4o takes the name from the alias."""
    assert catalogue.with_operator({}, ["gpt-4o"]).aliases() == {}


def test_an_alias_of_nothing_stops_the_start(catalogue: Catalogue):
    """The sentence names both."""
    with pytest.raises(StartRefused, match="alias 'gpt-4' means the model 'huge'"):
        catalogue.with_operator({"gpt-4": "huge"})


def test_a_malformed_alias_stops_the_start(catalogue: Catalogue):
    """A name with a blank is none."""
    with pytest.raises(StartRefused, match="'aliases' cannot be read"):
        catalogue.with_operator({"gpt 4": "small"})


def test_a_catalogue_over_another_adds_and_replaces(catalogue: Catalogue):
    """The operator's file wins, in models and in aliases."""
    text = model("small", "GPL") + model("own") + '[[aliases]]\nnames = ["gpt-4o"]\nmodel = "own"\n'
    whole = read_catalogue(text, "own.toml", under=catalogue)
    assert [(entry.name, entry.licence) for entry in whole.entries.values()] == [
        ("small", "GPL"),
        ("large", "MIT"),
        ("own", "MIT"),
    ]
    assert [whole.resolve(name) for name in ("gpt-4o", "gpt-9")] == ["own", "large"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[models]", "own.toml cannot be read"),
        ("colour = 1", "colour: Extra inputs"),
        ('[[models]]\nname = "x"', "models.0.kind"),
        (model("small") + model("small"), "two models of the name 'small'"),
        ('[[aliases]]\nnames = ["a"]\nmodel = "b"', "alias 'a' means the model 'b'"),
    ],
)
def test_a_catalogue_that_cannot_be_read_stops_the_start(text: str, complaint: str):
    """With a sentence that names the file or the place."""
    with pytest.raises(StartRefused) as refusal:
        read_catalogue(text, "own.toml")
    assert complaint in refusal.value.message
