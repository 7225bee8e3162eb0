"""The remote engine: any server that speaks OpenAI's HTTP, such as vLLM, SGLang, llama-server or a hosted service.

It sends a request on, reads the answer into facts, and turns each way in which a network and a stranger can fail into
an error of ours. It must never know who the caller is, nor show anybody the key that it sends.
"""
