"""Adapters that remember: the database and what is kept in it, the folder of models, images fetched for a request.

Each stands behind a port, or behind the composition root's own use. A store must never know who asks it, nor decide
what a caller may see beyond the rule that its port states.
"""
