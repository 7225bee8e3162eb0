"""What the slots of a llama.cpp process and the disk hold of earlier prompts, brought to where the next one runs.

The account is kept in values (`antiphon.prefix`); here it meets the process. It must never know what a request asks
for, nor how a file is sealed.
"""
