"""Which generation a connection speaks. Its handshake says so, and nothing else does: the path is the same."""

from collections.abc import Sequence

from antiphon.realtime.dialects.beta import Beta
from antiphon.realtime.dialects.dialect import Dialect
from antiphon.realtime.dialects.ga import Ga

PROTOCOL = "realtime"
BETA_PROTOCOL = "openai-beta.realtime-v1"
KEY_PREFIX = "openai-insecure-api-key."
_BETA_FEATURE = "realtime=v1"


def chosen(
    openai_beta: str | None, subprotocols: Sequence[str], *, tells_own: bool = False, tells_times: bool = False
) -> Dialect:
    """Return the dialect that the header `OpenAI-Beta` or the subprotocols ask for; GA where neither speaks of it.

    `tells_own` where the client asked for events of ours, `tells_times` for the times at which words sound.
    """
    features = [feature.strip() for feature in (openai_beta or "").split(",")]
    is_beta = _BETA_FEATURE in features or BETA_PROTOCOL in subprotocols
    dialect = Beta if is_beta else Ga
    return dialect(tells_own=tells_own, tells_times=tells_times)


def answered_protocol(subprotocols: Sequence[str]) -> str | None:
    """Return the subprotocol to accept: browsers give up where none of those that they offered comes back.

    A key is never repeated.
    """
    if PROTOCOL in subprotocols:
        return PROTOCOL
    return next((protocol for protocol in subprotocols if not protocol.startswith(KEY_PREFIX)), None)
