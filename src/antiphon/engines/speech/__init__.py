"""Speech engines, each in a process of its own behind a small loopback protocol: recognisers hear, synthesisers speak.

The process does what native libraries are needed for and knows nothing of sessions; the adapters here turn its words
into the facts of `antiphon.speech`. It must never know the wire of OpenAI, a session or a turn.
"""
