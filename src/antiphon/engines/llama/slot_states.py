"""What a slot of the server holds, as a state that can be written to a file, read again, cut short, and forgotten.

The caller holds the slot. A file's name is that of a file in the folder that the process was told of.
"""

from collections.abc import Sequence
from contextlib import aclosing

import msgspec

from antiphon.engines.llama.sampling import Place, prompt_call
from antiphon.engines.llama.server import LlamaServer
from antiphon.engines.llama.wire import SlotFile, SlotRestored, SlotSaved, encode


async def save(server: LlamaServer, slot: int, file_name: str) -> int:
    """Write a slot's state to a file and return how many tokens it has. Raises an `EngineError`."""
    answer = await server.post(f"/slots/{slot}?action=save", encode(SlotFile(file_name)))
    return msgspec.json.decode(answer, type=SlotSaved).n_saved


async def restore(server: LlamaServer, slot: int, file_name: str) -> int:
    """Read a slot's state from a file and return how many tokens it has. Raises an `EngineError` or `InvalidRequest`.

    That the server answers does not prove that it computes from them: its own count of the next prompt does.
    """
    answer = await server.post(f"/slots/{slot}?action=restore", encode(SlotFile(file_name)))
    return msgspec.json.decode(answer, type=SlotRestored).n_restored


async def erase(server: LlamaServer, slot: int) -> None:
    """Let a slot hold nothing. Raises an `EngineError`."""
    await server.post(f"/slots/{slot}?action=erase", b"{}")


async def cut(server: LlamaServer, slot: int, kept: Sequence[int], other_than: int | None) -> int:
    """Let a slot hold `kept`, with which it begins, and return how many of these tokens it did have.

    llama.cpp reuses as much as two prompts share, to the token, and has no word for less. So it is asked for a prompt
    that goes on with another token than `other_than`, which the next prompt has there. Raises an `EngineError`.
    """
    call = prompt_call([*kept, stranger(other_than)], Place(slot, follows=True))
    num_cached = 0
    async with aclosing(server.complete(call)) as pieces:
        async for piece in pieces:
            if piece.prompt_progress is not None:
                num_cached = piece.prompt_progress.cache
    return min(num_cached, len(kept))


def stranger(token: int | None) -> int:
    """Return a token that is not this one; every vocabulary has both."""
    return 1 if token == 0 else 0
