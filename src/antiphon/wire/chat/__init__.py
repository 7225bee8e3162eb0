"""`/v1/chat/completions`: messages and request as they come in, completion and chunks as they go out."""
