"""Adapters that run models: the embedded llama.cpp, remote servers, and the scripted model.

An engine turns the work of `antiphon.generation` into the facts of it, and its errors into those of `antiphon.errors`.
It must never know a caller's key, the price of a token, the shape of an HTTP answer of ours, or another engine.
"""
