"""Audio files: what callers send becomes samples, and what is spoken becomes a file, in threads of their own.

FFmpeg does both. It is told which container to expect and which codecs to know, so that no file makes it open another
one. This package must never know a request, an engine or the wire.
"""
