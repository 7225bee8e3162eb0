"""Measures the gateway: how many requests a second it carries, and how much time it adds to each.

A scripted upstream, this server, and LiteLLM's proxy stand side by side on loopback, and one client asks all three the
same question in turn. `python -m bench.gateway` runs it and writes `docs/benchmarks/gateway.md`.
"""
