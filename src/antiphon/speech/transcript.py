"""What a recogniser told, gathered into one transcript, or given on as it grows."""

from dataclasses import dataclass, field

from antiphon.speech.facts import RecognitionEnded, RecognitionFact, SegmentHeard
from antiphon.speech.words import TimedWord


@dataclass(slots=True)
class Transcript:
    """The facts of one recognition. `language` is an ISO 639-1 code, empty until the end."""

    segments: list[SegmentHeard] = field(default_factory=list[SegmentHeard])
    language: str = ""
    num_tokens: int = 0

    def add(self, fact: RecognitionFact) -> None:
        """Take the next fact."""
        match fact:
            case SegmentHeard():
                self.segments.append(fact)
            case RecognitionEnded():
                self.language, self.num_tokens = fact.language, fact.num_tokens

    @property
    def text(self) -> str:
        """All that was said, without white space around it."""
        return "".join(segment.text for segment in self.segments).strip()

    @property
    def words(self) -> tuple[TimedWord, ...]:
        """Every word with its times, where the recognition told them."""
        return tuple(word for segment in self.segments for word in segment.words)


class GrowingText:
    """Pieces of a text that joined are the text without white space around it: that of an end waits for the next."""

    def __init__(self) -> None:
        self._white_space = ""
        self._has_begun = False

    def feed(self, text: str) -> str:
        """Take the next piece; return what of the text is certain now."""
        whole = self._white_space + text if self._has_begun else text.lstrip()
        certain = whole.rstrip()
        self._has_begun = self._has_begun or bool(certain)
        self._white_space = whole[len(certain) :] if self._has_begun else ""
        return certain
