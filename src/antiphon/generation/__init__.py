"""A text generation as values: the work asked of an engine, the facts it tells, the fold of facts into an answer.

Pure: no await, no clock, no socket. It knows the wire's types and what an engine's profile says; it must never know
which engine it is, nor how a fact came about. Engines speak facts, features fold them, and neither sees the other.
"""
