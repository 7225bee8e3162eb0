"""Migrations, one file a step, run in the order in which each names the one before it.

They change tables and carry rows over. A migration must never import the tables of today, which will have changed by
the time it runs.
"""
