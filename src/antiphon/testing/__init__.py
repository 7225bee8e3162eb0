"""Fakes that ship with the package, for our tests and those of programs that build on it: ids, a clock, stores.

A fake keeps the contract of what it stands for, and passes the same suite. It must never be what a server runs with.
"""
