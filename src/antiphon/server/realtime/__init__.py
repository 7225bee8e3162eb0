"""The WebSocket of spoken conversations: handshake, frames in, frames out, farewell.

What a session does stands in `features.voice`, what its events mean in `realtime`: this package must know neither.
"""
