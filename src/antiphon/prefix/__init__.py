"""Which prompts are held where, as values: keys, token sequences, and the tree of prefixes with its times and budgets.

Pure: instants come in as numbers of seconds, and nothing here reads, writes or computes a tensor. It must never know
which engine holds a prefix, how a file is sealed, nor what the tokens say.
"""
