"""The catalogue: which models there are, where their weights come from, and which names mean which of them.

It is data and rules about data: entries and aliases are read from TOML (`models.toml` is the one that ships, an
operator may lay another over it), checked once, and never change. This package must never know the network, the
folder in which weights are kept, or how an engine runs them.
"""
