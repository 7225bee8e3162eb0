"""What speech counts for in tokens, as OpenAI counts it where no tokenizer of the model is at hand.

Audio heard is one token each 100 ms, audio spoken one each 50 ms (OpenAI's guide to the costs of Realtime).
"""

import math

HEARD_TOKENS_PER_S = 10
SPOKEN_TOKENS_PER_S = 20
_BYTES_PER_TOKEN = 4


def heard_tokens(seconds: float) -> int:
    """Return the tokens of so much audio from a user."""
    return math.ceil(round(seconds * HEARD_TOKENS_PER_S, 6))


def spoken_tokens(seconds: float) -> int:
    """Return the tokens of so much audio from a model."""
    return math.ceil(round(seconds * SPOKEN_TOKENS_PER_S, 6))


def text_tokens(text: str) -> int:
    """Return about how many tokens a text has: one for each four bytes of its UTF-8."""
    return math.ceil(len(text.encode()) / _BYTES_PER_TOKEN)
