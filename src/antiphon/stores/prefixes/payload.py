"""The engine's state on its way into a sealed file and out again, in chunks of bounded size."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from hmac import compare_digest
from typing import BinaryIO

from cryptography.exceptions import InvalidTag

from antiphon.prefix.header import PrefixHeader
from antiphon.prefix.misses import Fault, PrefixMiss, PrefixNotKept
from antiphon.stores.prefixes.sealing import (
    CHUNK_BYTES,
    TAG_BYTES,
    Opening,
    Seal,
    SealedPrefix,
    chunk_bound,
    chunk_nonce,
)

Tick = Callable[[], None]
"""Called between chunks; it raises to end the work."""


def write_sealed(seal: Seal, header: PrefixHeader, raw: BinaryIO, out: BinaryIO, tick: Tick) -> int:
    """Seal all that is in `raw` into `out`, both at their beginning, and return the file's length in bytes.

    The header is written last: a file that was cut short begins with zeros. Raises `PrefixNotKept` if `raw` changes
    its length meanwhile, and `OSError` from the disk.
    """
    payload_bytes = raw.seek(0, 2)
    raw.seek(0)
    opening = seal.opening(header, payload_bytes)
    header_bytes = len(seal.write_header(header, opening))
    out.seek(header_bytes)
    digest = _write_payload(seal, opening, raw, out, tick)
    final = Opening(
        opening.salt,
        opening.nonce,
        opening.created_at,
        opening.expires_at,
        opening.is_pinned,
        payload_bytes,
        digest,
    )
    out.seek(0)
    out.write(seal.write_header(header, final))
    return header_bytes + seal.sealed_bytes(payload_bytes)


def read_payload(seal: Seal, sealed: SealedPrefix, file: BinaryIO, write: Callable[[bytes], None], tick: Tick) -> None:
    """Give `write` the state that follows a header that was read.

    Raises `PrefixMiss` as soon as a chunk, or at the end the whole, is not what was sealed: what was written until
    then is not to be used. Raises `OSError` from the disk.
    """
    cipher, hasher = seal.payload_cipher(sealed.opening), sha256()
    tag_bytes = 0 if cipher is None else TAG_BYTES
    for index, num_bytes in enumerate(_lengths(sealed.payload_bytes)):
        tick()
        chunk = file.read(num_bytes + tag_bytes)
        if len(chunk) != num_bytes + tag_bytes:
            raise PrefixMiss(Fault.TRUNCATED)
        if cipher is None:
            hasher.update(chunk)
        else:
            try:
                chunk = cipher.decrypt(chunk_nonce(index), chunk, chunk_bound(index, sealed.payload_bytes))
            except InvalidTag:
                raise PrefixMiss(Fault.ALTERED) from None
        write(chunk)
    if cipher is None and not compare_digest(hasher.digest(), sealed.opening.payload_sha256):
        raise PrefixMiss(Fault.ALTERED)


def copy_payload(file: BinaryIO, out: BinaryIO, tick: Tick) -> None:
    """Copy the rest of a sealed file as it is."""
    while chunk := file.read(CHUNK_BYTES):
        tick()
        out.write(chunk)


def _write_payload(seal: Seal, opening: Opening, raw: BinaryIO, out: BinaryIO, tick: Tick) -> bytes:
    cipher, hasher = seal.payload_cipher(opening), sha256()
    for index, num_bytes in enumerate(_lengths(opening.payload_bytes)):
        tick()
        chunk = raw.read(num_bytes)
        if len(chunk) != num_bytes:
            raise PrefixNotKept("The engine's state became shorter while it was sealed.")
        if cipher is None:
            hasher.update(chunk)
        else:
            chunk = cipher.encrypt(chunk_nonce(index), chunk, chunk_bound(index, opening.payload_bytes))
        out.write(chunk)
    if raw.read(1):
        raise PrefixNotKept("The engine's state became longer while it was sealed.")
    return hasher.digest() if cipher is None else b""


def _lengths(payload_bytes: int) -> Iterator[int]:
    for start in range(0, payload_bytes, CHUNK_BYTES):
        yield min(CHUNK_BYTES, payload_bytes - start)
