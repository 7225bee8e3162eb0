"""The JSON of the Realtime API: what clients send (pydantic) and what the server sends (msgspec), of both generations.

`beta` and `ga` are what clients of October 2024 and of 2025 send, `fields` and `items` what both share. `frames` are
the server's events that both generations have, `beta_frames` and `ga_frames` those of one; `objects` stand inside them.
"""
