"""Which engine answers for a name. The one part of `engines` that knows the others."""
