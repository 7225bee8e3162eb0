"""What one step of the machine wants done, in order."""

from antiphon.realtime.effects import Effect, Send
from antiphon.realtime.server_events import ServerEvent


class Outbox:
    """Gathers the effects of a step."""

    def __init__(self) -> None:
        self._effects: list[Effect] = []

    def do(self, effect: Effect) -> None:
        """Want an effect."""
        self._effects.append(effect)

    def say(self, event: ServerEvent) -> None:
        """Want the client told."""
        self._effects.append(Send(event))

    def take(self) -> list[Effect]:
        """Return what was wanted since the last time."""
        effects, self._effects = self._effects, []
        return effects
