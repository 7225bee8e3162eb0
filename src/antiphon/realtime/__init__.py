"""A Realtime conversation as a value machine, in the manner of h11: happenings in, effects out.

    Session.step(ClientEvent | Fact) -> list[Effect]

The same happenings give the same effects, to the byte. This package must never know a socket, a clock, an engine or
which of the two dialects the client speaks: `dialects/` turns the client's JSON into client events and server events
into JSON at the machine's edge.

    session      takes what happens and hands it on       requests     what a client event asks for, or its refusal;
    input        the audio buffer                                      of items: `item_requests`, which let some wait
    listening    audio to signs of turns (`turns/`)       arrivals     when audio was said, by the clock
    turntaking   signs to turns, interruptions, items     speculation  what is begun before a turn is over
    answering    items and turns to responses             idleness     the user says nothing
    hearing      words, told in order                     replies      responses, and the answer begun before one
    conversation items in order                           response     one response, from created to done
    prompts      what the model is shown                  outputs      its items, each an `output`
    usage        what that takes, in tokens               answer       what the model makes, spoken in `clause`s
    works        what is under way: facts of closed work are dropped there and nowhere else

A spoken turn goes from `requests` to `listening`, `turntaking`, `speculation`, `hearing`, `answering`, `replies`,
`answer` and `response`.
"""
