"""How long the tokens of a prompt are, which tells where in its text each of them stands."""

import msgspec

from antiphon.engines.llama.server import LlamaServer
from antiphon.engines.llama.wire import (
    DetokenizeCall,
    Detokenized,
    Prompt,
    TokenizeCall,
    TokenizedPieces,
    encode,
)


async def token_bytes(server: LlamaServer, prompt: Prompt) -> list[int]:
    """Return how many bytes of text each token of a prompt stands for. Raises an `EngineError`."""
    pieces = [prompt] if isinstance(prompt, str) else prompt
    lengths: list[int] = []
    for place, piece in enumerate(pieces):
        if isinstance(piece, int):
            told = await server.post("/detokenize", encode(DetokenizeCall([piece])))
            lengths.append(len(msgspec.json.decode(told, type=Detokenized).content.encode()))
        else:
            call = TokenizeCall(piece, add_special=place == 0, parse_special=True, with_pieces=True)
            told = msgspec.json.decode(await server.post("/tokenize", encode(call)), type=TokenizedPieces)
            lengths += [token.num_bytes for token in told.tokens]
    return lengths
