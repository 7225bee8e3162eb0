"""Whether to call a function, and which: asked of the model one small step at a time.

Small models do not keep to the form of a call when they want one: they write bare JSON, or fenced JSON, or name a
function that is not there. Yet their probabilities tell well what they want. So `auto` is decided by two numbers:

- how probable it is that the answer begins like any of those (`{`, a fence, `<tool_call>`), after the prompt;
- how probable the likeliest name on offer is, after the beginning of a call: where none fits, a model would rather
  make up a name of its own.

Their product against `CALL_THRESHOLD` decides. Each step is a `Question` whose prompt begins with the prompt of the
one before, so that the engine computes the prompt once; the last step says what is then written, and how.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from antiphon.engines.llama.injection import Prompt
from antiphon.engines.llama.tool_grammar import arguments_grammar, names_grammar, words_grammar
from antiphon.engines.llama.tools import AFTER_NAME, BEFORE_NAME, Function, Offer

CALL_THRESHOLD: Final = 0.15
# Where the answer must be JSON it begins as a call does, so that the name alone decides.
NAME_THRESHOLD: Final = 0.25

# What is below the 40 likeliest tokens adds less than a hundredth.
_NUM_LIKELIEST: Final = 40
_CALL_BEGINNINGS: Final = ("{", "[", "<", "`")
# A name has at most 64 characters, and a token at least one.
_MAX_NAME_TOKENS: Final = 72


@dataclass(frozen=True, slots=True)
class Heard:
    """A token that the engine answered, with its probability before grammar and sampling, and the likeliest others.

    `likeliest` has pairs of a token's text and its probability, the token itself among them where it belongs.
    """

    text: str
    probability: float
    likeliest: Sequence[tuple[str, float]] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """Asks for the likeliest tokens (temperature 0), `max_tokens` at most; `decide` makes the next step of them."""

    prompt: Prompt
    grammar: str
    max_tokens: int
    num_likeliest: int
    decide: "Callable[[Sequence[Heard]], Step]"


@dataclass(frozen=True, slots=True)
class Writing:
    """The answer itself: what follows `prompt`, by `grammar`; `called` names the call that the prompt ends in."""

    prompt: Prompt
    grammar: str = ""
    called: str | None = None


Step = Question | Writing


def first_step(prompt: Prompt, offer: Offer | None, answer_grammar: str = "", words_prompt: Prompt = "") -> Step:
    """Return what is to be done first.

    `answer_grammar` is of an answer in words that must fit a schema; `words_prompt` is the prompt of an answer in words
    where that is another one.
    """
    if offer is None:
        return Writing(prompt, answer_grammar)
    if offer.must_call:
        first, *others = offer.functions
        choice = _Choice(prompt, offer, offer.functions, Writing(prompt))
        return choice.which(1.0) if others else choice.calling(first)
    words = Writing(words_prompt or prompt, answer_grammar or words_grammar())
    callable_now = tuple(function for function in offer.functions if function.name not in offer.answered)
    return _Choice(prompt, offer, callable_now, words).whether(must_fit=bool(answer_grammar)) if callable_now else words


@dataclass(frozen=True, slots=True)
class _Choice:
    """The choice among `functions`; `words` is what is done where none is wanted."""

    prompt: Prompt
    offer: Offer
    functions: Sequence[Function]
    words: Writing

    def whether(self, *, must_fit: bool) -> Step:
        """Ask how the answer begins; one that must fit a schema begins as a call does, so that it tells nothing."""
        if must_fit:
            return self.which(CALL_THRESHOLD / NAME_THRESHOLD)
        return Question(self.prompt, "", 1, _NUM_LIKELIEST, self._hear_beginning)

    def which(self, wish: float) -> Question:
        """Ask for the name; `wish` is how probable a call is before it."""

        def hear_name(heard: Sequence[Heard]) -> Step:
            name = "".join(token.text for token in heard).removesuffix('",')
            function = next((one for one in self.functions if one.name == name), None)
            probability = math.prod(token.probability for token in heard if token.text)
            is_wanted = self.offer.must_call or wish * probability >= CALL_THRESHOLD
            return self.calling(function) if function is not None and is_wanted else self.words

        prompt = with_text(self.prompt, BEFORE_NAME)
        return Question(prompt, names_grammar(self.functions), _MAX_NAME_TOKENS, 0, hear_name)

    def calling(self, function: Function) -> Writing:
        """Write the arguments."""
        repeatable = self.functions if self.offer.may_repeat else ()
        prompt = with_text(self.prompt, BEFORE_NAME + function.name + AFTER_NAME)
        return Writing(prompt, arguments_grammar(function, repeatable), function.name)

    def _hear_beginning(self, heard: Sequence[Heard]) -> Step:
        wish = sum(
            probability
            for token in heard[:1]
            for text, probability in token.likeliest
            if text.lstrip().startswith(_CALL_BEGINNINGS)
        )
        return self.which(wish) if wish >= CALL_THRESHOLD else self.words


def with_text(prompt: Prompt, text: str) -> Prompt:
    """Return the prompt with more text at its end."""
    if isinstance(prompt, str):
        return prompt + text
    last = prompt[-1] if prompt else ""
    return [*prompt[:-1], last + text] if isinstance(last, str) else [*prompt, text]
