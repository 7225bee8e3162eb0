"""The gates: the rules of the house, each as a check over any tree of sources.

A check returns the offences it finds, one readable line each. Every gate runs its check on Antiphon's own
tree and then on a made-up tree that breaks the rule, since a gate that cannot close is decoration.
"""
