"""How much work the scripted model puts into one value: a schema of a few lines can ask for a billion items."""

from antiphon.errors import InvalidRequest

# A second of one processor at most, in which nobody else is answered.
MOST_STEPS = 200_000


class Effort:
    """What is left of the steps that one value may take."""

    def __init__(self, num_steps: int = MOST_STEPS) -> None:
        self._num_left = num_steps

    def spend(self, num_steps: int) -> None:
        """Take steps: of values, characters or places looked at. Raises `InvalidRequest` where none are left."""
        self._num_left -= num_steps
        if self._num_left < 0:
            raise InvalidRequest("The schema asks for too much of the scripted model: give it a script.")
