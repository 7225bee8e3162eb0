"""The folder of models against real archives, real HTTP on loopback, and the real engine's reading of what it makes."""
