"""The OpenAI JSON as types, one file or folder per resource, and nothing else.

What comes in is pydantic (validated, with errors that name the place); what goes out is msgspec (built and encoded in
microseconds, since a stream makes one per token). This package must never know how an answer is made, and imports
nothing of ours but the errors.
"""
