"""The use cases, one file per resource.

A feature takes a caller and a request, asks ports for what it needs, and gives back the wire's answer. It must never
know HTTP, SQL or an engine's protocol, and no feature calls another: a step that two of them share moves down.
"""
