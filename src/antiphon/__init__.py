"""Antiphon serves OpenAI's DevDay-2024 platform on the user's own models.

The package is a house with floors: imports go down only (`docs/design.md`). This file is the ground that every
floor stands on; it must never import one of them.
"""

__version__ = "0.1.0.dev0"
