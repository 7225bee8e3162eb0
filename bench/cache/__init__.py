"""The prompt cache measured over the public HTTP API, beside servers that have another or none."""
