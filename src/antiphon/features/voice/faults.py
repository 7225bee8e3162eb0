"""An error of an engine or of ours, as the machine is told it."""

from antiphon.errors import AntiphonError, ContextLengthExceeded
from antiphon.realtime.facts import WorkFailed
from antiphon.realtime.server_events import Fault

# Taken for the overflow where a server says that there is one and not how large it is.
_UNCOUNTED_TOKENS = 256

BUG = Fault(
    message="The server had an error while processing your session. Its log says what, under the session's id.",
    type="server_error",
    code="server_error",
)


def fault_of(error: AntiphonError) -> Fault:
    """Return an error as a Realtime event tells it."""
    return Fault(message=error.message, type=error.type, code=error.code, param=error.param)


def failure_of(work_id: str, error: AntiphonError) -> WorkFailed:
    """Return the fact that work ended in `error`; of a prompt that is too long, by how much."""
    return WorkFailed(work_id=work_id, fault=fault_of(error), overflow_tokens=_overflow_tokens(error))


def _overflow_tokens(error: AntiphonError) -> int | None:
    if isinstance(error, ContextLengthExceeded):
        return max(1, error.prompt_tokens - error.context_tokens)
    return _UNCOUNTED_TOKENS if error.code == ContextLengthExceeded.default_code else None
