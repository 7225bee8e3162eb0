"""Processes that are kept alive: started, watched, restarted with growing pauses, drained, and stopped.

It knows how a child says where it listens and how it is told to end. It must never know what the child computes, nor
the protocol that it speaks: text engines and speech engines are kept alive by the same code.
"""
