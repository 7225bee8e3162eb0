"""Ears in the server's own process: whether a frame is a voice (Silero), and whether a speaker is done (Smart Turn).

A frame costs less than a hop to another process. This package must never know a session or what a turn is; and it
imports onnxruntime only once somebody listens.
"""
