"""What counts for how many tokens where no tokenizer of the model is at hand.

Audio heard is one token each 100 ms, audio spoken one each 50 ms (OpenAI's guide to the costs of Realtime). A text is
estimated by its bytes: four to a token is right for English in the common tokenizers, and near it for other scripts.
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
    """Return about how many tokens a text has."""
    return tokens_of_bytes(num_bytes(text))


def tokens_of_bytes(num_bytes: int) -> int:
    """Return about how many tokens a text of so many bytes has."""
    return -(-num_bytes // _BYTES_PER_TOKEN)


def num_bytes(text: str) -> int:
    """Return how many bytes of UTF-8 a text has; what is no character counts as one that is not known."""
    return len(text.encode("utf-8", "replace"))
