"""Plain completions grow piece by piece."""

from antiphon.generation.continuation import Continuation
from antiphon.generation.facts import ChoiceFinished, TextProduced
from antiphon.wire.chat.answer import TokenLogprob, TopLogprob


def token(text: str) -> TokenLogprob:
    return TokenLogprob(text, -0.5, list(text.encode()), [TopLogprob(text, -0.5, None)])


def test_the_pieces_join_to_the_whole():
    growing = Continuation(3)

    pieces = [
        growing.add(TextProduced(0, " a")),
        growing.add(TextProduced(0, " b")),
        growing.add(ChoiceFinished(0, "stop")),
    ]

    assert "".join(piece.text for piece in pieces) == growing.whole().text == " a b"
    assert [piece.finish_reason for piece in pieces] == [None, None, "stop"]
    assert growing.whole().index == 3


def test_the_prompt_is_echoed_once_before_the_text():
    growing = Continuation(0, echoed="Once")

    pieces = [growing.add(TextProduced(0, " upon")), growing.add(ChoiceFinished(0, "length"))]

    assert [piece.text for piece in pieces] == ["Once upon", ""]
    assert growing.whole().text == "Once upon"


def test_offsets_count_characters_from_the_start_of_the_text():
    growing = Continuation(0, tells_logprobs=True)
    first = growing.add(TextProduced(0, "ab", (token("ab"),)))
    second = growing.add(TextProduced(0, "cde", (token("cde"),)))
    growing.add(ChoiceFinished(0, "stop"))

    assert first.logprobs is not None
    assert second.logprobs is not None
    assert [first.logprobs.text_offset, second.logprobs.text_offset] == [[0], [2]]
    whole = growing.whole().logprobs
    assert whole is not None
    assert (whole.tokens, whole.text_offset, whole.top_logprobs) == (
        ["ab", "cde"],
        [0, 2],
        [{"ab": -0.5}, {"cde": -0.5}],
    )
