"""The scripted model: it says, calls and fails as a script in the request tells it to, and costs nothing.

Applications are tested with it, and so is this server: it stands behind the same ports as a real model. It must never
take a shortcut that a real model cannot take, nor give an answer that the same request would not give again.
"""
