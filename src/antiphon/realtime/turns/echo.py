"""How much of our own audio comes back through the user's microphone, learned from levels alone.

The player's delay and the loss on the way are unknown and fixed for some seconds. Where we play and the input follows
our level at one delay, the distance between both is the loss; where it does not follow, it is another's voice.
"""

from collections import deque

from antiphon.realtime.turns.frames import FRAME_MS

# Players hold back up to this much before they sound: network, jitter buffer and sound card.
MAX_DELAY_MS = 400.0
# A loudspeaker beside a microphone without echo cancelling; louder than that nobody could converse.
WORST_LOSS_DB = 6.0
# What rises above the expected echo by less than this may be a room's reverberation.
MARGIN_DB = 6.0

_NUM_DELAYS = round(MAX_DELAY_MS / FRAME_MS) + 1


class EchoPath:
    """Told each frame what we played and what was heard, it tells how loud our echo may be in that frame."""

    def __init__(self) -> None:
        self._played_dbfs: deque[float | None] = deque(maxlen=_NUM_DELAYS)

    def expected_dbfs(self, played_dbfs: float | None) -> float | None:
        """Return the level up to which the frame may be our echo, None where none can be in it."""
        self._played_dbfs.append(played_dbfs)
        audible = [level for level in self._played_dbfs if level is not None]
        return max(audible) - WORST_LOSS_DB if audible else None
