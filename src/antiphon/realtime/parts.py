"""What the machines of one session share."""

from dataclasses import dataclass

from antiphon.ids import Ids
from antiphon.realtime.config import SessionConfig
from antiphon.realtime.conversation import Conversation
from antiphon.realtime.effects import HushOthers
from antiphon.realtime.hearing import Hearing
from antiphon.realtime.limits import Abilities, SessionLimits
from antiphon.realtime.listening import Ears
from antiphon.realtime.outbox import Outbox
from antiphon.realtime.works import Works


@dataclass(slots=True)
class Parts:
    """The session's set-up, its machines and the time (ms, of the last `Tick`).

    `has_spoken` tells that the conversation holds audio of ours, whose voice stays. `turn_item_id` names the item that
    the user's turn will be, None while the user says nothing.
    """

    session_id: str
    ids: Ids
    config: SessionConfig
    abilities: Abilities
    limits: SessionLimits
    outbox: Outbox
    works: Works
    conversation: Conversation
    hearing: Hearing
    ears: Ears
    now_ms: float = 0.0
    is_hushing: bool = False
    has_spoken: bool = False
    turn_item_id: str | None = None

    @property
    def answers_turns(self) -> bool:
        """Whether the end of the user's turn asks for an answer."""
        detection = self.ears.detection
        return self.config.kind == "realtime" and detection is not None and detection.create_response

    def hush(self, *, is_wanted: bool) -> None:
        """Let others pause for this session, or not any more."""
        if self.is_hushing != is_wanted:
            self.is_hushing = is_wanted
            self.outbox.do(HushOthers(is_wanted))
