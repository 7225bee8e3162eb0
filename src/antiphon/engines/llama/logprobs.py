"""Log-probabilities as OpenAI tells them."""

from antiphon.engines.llama.wire import TokenProbability
from antiphon.wire.chat.answer import TokenLogprob, TopLogprob

# OpenAI's stand-in for what has no probability to speak of; JSON has no infinity.
LOWEST = -9999.0


def token_logprob(text: str, told: TokenProbability, num_top: int) -> TokenLogprob:
    """Return the entry of the token that wrote `text`, with the `num_top` likeliest in its place.

    A character of several tokens has one entry, with the probability of the last of them.
    """
    return TokenLogprob(
        token=text,
        logprob=max(told.logprob, LOWEST),
        bytes=list(text.encode()),
        top_logprobs=[_top(other) for other in told.top_logprobs[:num_top]],
    )


def _top(told: TokenProbability) -> TopLogprob:
    return TopLogprob(token=_spelled(bytes(told.bytes)), logprob=max(told.logprob, LOWEST), bytes=told.bytes)


def _spelled(raw: bytes) -> str:
    r"""Return the token's text; a part of a character is spelled as OpenAI does, `bytes:\xe2\x80`."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return "bytes:" + "".join(f"\\x{byte:02x}" for byte in raw)
