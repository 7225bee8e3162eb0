"""Speech as values: what recognisers and synthesisers are asked and tell, and the way from written to spoken words.

Pure. It must never know a model, a process or the wire; a difference between engines is a field of a profile.
"""
