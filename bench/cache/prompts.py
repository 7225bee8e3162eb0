"""Prompts of random words, unlike one another from their first word on, and as long as wished."""

from dataclasses import dataclass
from random import Random
from typing import Any

Messages = list[dict[str, Any]]

# One token each, with the space before them, in the vocabularies of the catalogue's chat models.
_NOUNS = """
time year people way day man thing woman life child world school state family student group country problem hand
part place case week company system program question work government number night point home water room mother
area money story fact month lot right study book eye job word business issue side kind head house service friend
father power hour game line end member law car city community name president team minute idea body information
back parent face others level office door health person art war history party result change morning reason
research girl guy moment air teacher force education foot boy age policy music market sense nation plan college
interest death experience effect use class control field development role effort rate heart drug show leader
light voice wife police mind price report decision son view relationship town road arm difference value building
action season society tax director position player record paper space ground form event official matter center
"""
_WORDS = _NOUNS.split()
_QUESTIONS = ("Which word comes first?", "How many words are there?", "Name one word of the list.", "What is it about?")


@dataclass(frozen=True, slots=True)
class Document:
    """A long text about which several questions can be asked."""

    text: str

    def asked(self, number: int) -> Messages:
        """Return the request that asks the question of that number, which stands at the end."""
        return [{"role": "user", "content": f"{self.text}\n\n{_QUESTIONS[number % len(_QUESTIONS)]}"}]


def document(of: Random, at_least: int, at_most: int) -> Document:
    """Return a text of a random number of words, and about as many tokens, between the two."""
    return Document(words(of, of.randint(at_least, at_most)))


def words(of: Random, num: int) -> str:
    """Return so many random words."""
    return " ".join(of.choices(_WORDS, k=num))
