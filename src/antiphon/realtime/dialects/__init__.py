"""The two generations of the Realtime API at the machine's edge: JSON to client events, server events to JSON.

    chosen(openai_beta_header, subprotocols, tells_own=False, tells_times=False) -> Dialect
    Dialect.read(frame, config) -> ClientEvent      Dialect.write(event, ids) -> frames, each UTF-8

`beta` is the API of October 2024 with what came to it until summer 2025, `ga` the one of August 2025 and later. Each is
whole, with its own names and fields, and a field of the other one is unknown to it. This package must never know what
the machine does with an event.
"""

from antiphon.realtime.dialects.choosing import answered_protocol, chosen
from antiphon.realtime.dialects.dialect import Dialect, DialectName

__all__ = ["Dialect", "DialectName", "answered_protocol", "chosen"]
