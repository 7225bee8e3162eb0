"""Spoken conversations: performs what the machine of a session (`realtime`) wants done, and tells it the outcome.

One actor a session owns its machine: client events and facts wait in its inbox, it steps the machine with one after
the other and performs the effects in their order. What takes time runs as tasks whose facts come back into the inbox.
This package must never know a socket, a dialect's JSON or which engine answers.
"""
