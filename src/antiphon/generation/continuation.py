"""The fold of an engine's facts into the choices of a plain completion."""

from antiphon.generation.facts import ChoiceFinished, CompletionFact, TextProduced, UsageCounted
from antiphon.wire.chat.answer import TokenLogprob
from antiphon.wire.completions import CompletionChoice, CompletionLogprobs


class Continuation:
    """One choice as it grows. `echoed` stands before the text; offsets count its characters too."""

    def __init__(self, index: int, *, echoed: str = "", tells_logprobs: bool = False) -> None:
        self._index = index
        self._echoed = echoed
        self._tells_logprobs = tells_logprobs
        self._offset = len(echoed)
        self._text = [echoed]
        self._logprobs: list[TokenLogprob] = []
        self._reason: str | None = None

    def add(self, fact: TextProduced | ChoiceFinished) -> CompletionChoice:
        """Take the next fact and return the piece of a stream that tells it."""
        if isinstance(fact, ChoiceFinished):
            self._reason = fact.reason
            return self._choice(self._take_echo(), (), fact.reason)
        piece = self._take_echo() + fact.text
        self._text.append(fact.text)
        self._logprobs.extend(fact.logprobs)
        return self._choice(piece, fact.logprobs, None)

    def whole(self) -> CompletionChoice:
        """Return the finished choice."""
        assert self._reason is not None, "every choice must finish"
        self._offset = len(self._text[0])
        return self._choice("".join(self._text), tuple(self._logprobs), self._reason)

    def _take_echo(self) -> str:
        echoed, self._echoed = self._echoed, ""
        return echoed

    def _choice(self, text: str, logprobs: tuple[TokenLogprob, ...], reason: str | None) -> CompletionChoice:
        return CompletionChoice(
            text=text,
            index=self._index,
            logprobs=self._older_form(logprobs) if self._tells_logprobs else None,
            finish_reason="length" if reason == "length" else "stop" if reason else None,
        )

    def _older_form(self, logprobs: tuple[TokenLogprob, ...]) -> CompletionLogprobs:
        offsets: list[int] = []
        for entry in logprobs:
            offsets.append(self._offset)
            self._offset += len(entry.token)
        return CompletionLogprobs(
            tokens=[entry.token for entry in logprobs],
            token_logprobs=[entry.logprob for entry in logprobs],
            top_logprobs=[{top.token: top.logprob for top in entry.top_logprobs} for entry in logprobs],
            text_offset=offsets,
        )


def index_within(fact: CompletionFact) -> int:
    """Return which of a prompt's choices the fact belongs to."""
    assert not isinstance(fact, UsageCounted)
    return fact.index
