"""Words with times, the thing on which exact interruption rests."""

import msgspec


class TimedWord(msgspec.Struct, frozen=True, gc=False):
    """A written word and when it sounds, in milliseconds from the beginning of the audio that it belongs to.

    `text` is the word as it is written, with the white space and punctuation that follow it: the texts of all words
    of an utterance, joined, are its transcript to the letter.
    """

    text: str
    start_ms: float
    end_ms: float
