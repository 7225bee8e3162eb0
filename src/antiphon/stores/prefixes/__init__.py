"""Prompt prefixes on disk: an engine's state after a prompt, sealed into files that outlive the process.

It must never decide which prefix is worth its bytes, nor know how an engine writes its state.
"""
