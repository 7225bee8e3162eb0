"""Turn taking on a made set: speech from synthesisers, noise and echo from arithmetic, and what the detector says."""
