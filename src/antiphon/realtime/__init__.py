"""A Realtime conversation as a value machine, in the manner of h11: happenings in, effects out.

    Session.step(ClientEvent | Fact) -> list[Effect]

The same happenings give the same effects, to the byte. This package must never know a socket, a clock, an engine or
which of the two dialects the client speaks: `dialects/` turns the client's JSON into client events and server events
into JSON at the machine's edge.

    session      takes what happens and hands it on       requests     what each client event asks for, or its refusal
    rules        joins the machines below                 replies      responses, and the answer begun before one
    input        the audio buffer                         response     one response, from created to done
    listening    audio to signs of turns (`turns/`)       outputs      its items, each an `output`
    hearing      words, told in order                     answer       what the model makes, spoken in `clause`s
    conversation items in order                           prompts      what the model is shown; `usage`: what that takes
    works        what is under way: facts of closed work are dropped there and nowhere else
"""
