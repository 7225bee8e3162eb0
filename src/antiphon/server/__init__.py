"""The edge: ASGI shells that turn HTTP into calls of the features, and their answers and errors into OpenAI's HTTP.

One layer surrounds the application (`edge`): it names the request, knows who asks and from where, holds the limits, and
translates every error. Routes read a body, call one feature and write its answer. This package must never decide what
an answer contains, nor know which engine or database stands behind a feature.
"""
