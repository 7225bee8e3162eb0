"""A Realtime conversation as a value machine, in the manner of h11: happenings in, effects out.

    Session.step(ClientEvent | Fact | Tick) -> list[Effect]

The same happenings give the same effects, to the byte. This package must never know a socket, a clock, an engine or
which of the two dialects the client speaks: `dialects/` turns the client's JSON into client events and server events
into JSON at the machine's edge.
"""
