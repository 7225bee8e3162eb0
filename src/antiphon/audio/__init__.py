"""Sound as values: formats on the wire, frames, resampling, levels.

Samples are signed 16-bit, one channel. This package must never know a codec of files, an engine or a clock.
"""
