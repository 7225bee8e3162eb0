"""Log-probabilities in OpenAI's form."""

import math

from antiphon.engines.llama.logprobs import token_logprob
from antiphon.engines.llama.wire import TokenProbability


def test_an_entry_has_the_text_its_bytes_and_the_likeliest_others():
    """As many alternatives as were asked for, the likeliest first."""
    others = [TokenProbability(-0.5, [98]), TokenProbability(-1.5, [99]), TokenProbability(-2.5, [100])]
    entry = token_logprob("b", TokenProbability(-0.5, [98], others), 2)
    assert (entry.token, entry.logprob, entry.bytes) == ("b", -0.5, [98])
    assert [(top.token, top.logprob, top.bytes) for top in entry.top_logprobs] == [("b", -0.5, [98]), ("c", -1.5, [99])]


def test_a_part_of_a_character_is_spelled_in_bytes():
    """An alternative need not be text."""
    entry = token_logprob("x", TokenProbability(-1, [120], [TokenProbability(-1, [0xE2, 0x80])]), 1)
    assert (entry.top_logprobs[0].token, entry.top_logprobs[0].bytes) == ("bytes:\\xe2\\x80", [0xE2, 0x80])


def test_a_character_of_several_tokens_is_one_entry():
    """Its bytes are the character's, not the last token's."""
    assert token_logprob("🌟", TokenProbability(-1, [0x9F]), 0).bytes == list("🌟".encode())


def test_what_cannot_be_is_a_number_all_the_same():
    """JSON has no infinity."""
    impossible = TokenProbability(-math.inf, [97])
    entry = token_logprob("a", TokenProbability(-math.inf, [97], [impossible]), 1)
    assert (entry.logprob, entry.top_logprobs[0].logprob) == (-9999.0, -9999.0)
