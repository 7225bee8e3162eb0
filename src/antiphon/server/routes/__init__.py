"""One file per resource: which path, which body, which feature, which answer.

A route reads its body, calls one feature and writes what it returns. It must never catch an error, nor compute anything
that an answer contains.
"""
