"""The embedded llama.cpp: chats, continuations and embeddings by models in GGUF files, in processes of their own.

It knows the protocol of llama.cpp's server, and nothing of that leaves this package. It must never load a model into
the process of our own server.
"""
