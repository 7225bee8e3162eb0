"""How soon a spoken question is answered in speech, here and by a Pipecat pipeline of the same models."""
