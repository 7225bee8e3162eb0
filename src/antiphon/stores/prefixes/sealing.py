"""The form of a sealed prefix: a header that can be read alone, and behind it the engine's state in chunks.

    lead     magic, version, whether it is encrypted, the lengths of the next two parts
    open     msgpack: salt, nonce, instants, pin, length and SHA-256 of the payload: enough to expire the file
    closed   msgpack: id, complete key and its digest, token sequence; encrypted if there is a secret
    digest   SHA-256 of the three parts before
    payload  chunks of `CHUNK_BYTES`, as they are or each with its own tag of 16 bytes

With a secret, AES-256-GCM seals the closed part, the lead and the open part being its associated data, and each chunk.
Both keys come from the secret and the file's random salt by HKDF-SHA256 (RFC 5869), so that a chunk's place can be its
nonce. The tags then stand for the payload's digest.
"""

import hmac
import os
import struct
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from antiphon.prefix.header import PrefixHeader
from antiphon.prefix.key import PrefixKey
from antiphon.prefix.misses import Fault, PrefixMiss
from antiphon.prefix.sequence import TokenSequence

MAGIC = b"ANTIPFX\n"
VERSION = 1
CHUNK_BYTES = 1024 * 1024
TAG_BYTES = 16

_LEAD = struct.Struct("<8sHHII")
_DIGEST_BYTES = 32
_MAX_PART_BYTES = 16 * 1024 * 1024  # four million tokens: no header is longer
_PLACE = struct.Struct("<IQ")
_BOUND = struct.Struct("<QQ")


class Opening(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """The part of a header that is always readable; `payload_sha256` is empty where tags stand for it."""

    salt: bytes
    nonce: bytes
    created_at: float
    expires_at: float
    is_pinned: bool
    payload_bytes: int
    payload_sha256: bytes


class _Closed(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    id: str
    key: PrefixKey
    key_digest: str
    num_tokens: int
    symbols: bytes


@dataclass(frozen=True, slots=True)
class SealedPrefix:
    """A header as it was read, with the bytes of the engine's state and of the whole file."""

    header: PrefixHeader
    opening: Opening
    header_bytes: int
    file_bytes: int

    @property
    def payload_bytes(self) -> int:
        """How many bytes the engine's state has."""
        return self.opening.payload_bytes


class Seal:
    """Writes and reads headers, and gives the cipher of a payload; `secret` None leaves everything in clear."""

    def __init__(self, secret: bytes | None) -> None:
        self._secret = secret

    @property
    def is_encrypting(self) -> bool:
        """Whether what it writes can be read with the secret alone."""
        return self._secret is not None

    def opening(self, header: PrefixHeader, payload_bytes: int) -> Opening:
        """Return the readable part for a new file, its digest still zeros."""
        digest = b"" if self.is_encrypting else bytes(_DIGEST_BYTES)
        return Opening(
            os.urandom(32),
            os.urandom(12),
            header.created_at,
            header.expires_at,
            header.is_pinned,
            payload_bytes,
            digest,
        )

    def amended(self, opening: Opening, header: PrefixHeader) -> Opening:
        """Return the readable part for the same payload under a changed header, with a nonce of its own."""
        return msgspec.structs.replace(
            opening, nonce=os.urandom(12), expires_at=header.expires_at, is_pinned=header.is_pinned
        )

    def write_header(self, header: PrefixHeader, opening: Opening) -> bytes:
        """Return the header's bytes, as many for one header whatever its instants and digest are."""
        closed = msgspec.msgpack.encode(
            _Closed(header.id, header.key, header.key.digest(), header.sequence.num_tokens, header.sequence.to_bytes())
        )
        first = msgspec.msgpack.encode(opening)
        num_closed = len(closed) + (TAG_BYTES if self.is_encrypting else 0)
        start = _LEAD.pack(MAGIC, VERSION, int(self.is_encrypting), len(first), num_closed) + first
        if self._secret is not None:
            closed = self._cipher(self._secret, opening.salt, b"header").encrypt(opening.nonce, closed, start)
        written = start + closed
        return written + sha256(written).digest()

    def read_header(self, file: BinaryIO) -> SealedPrefix:
        """Read a header and leave the file at its payload. Raises `PrefixMiss`, and `OSError` from the disk."""
        lead = file.read(_LEAD.size)
        num_open, num_closed = self._lengths(lead)
        rest = file.read(num_open + num_closed + _DIGEST_BYTES)
        if len(rest) != num_open + num_closed + _DIGEST_BYTES:
            raise PrefixMiss(Fault.TRUNCATED)
        written = lead + rest[:-_DIGEST_BYTES]
        if not hmac.compare_digest(sha256(written).digest(), rest[-_DIGEST_BYTES:]):
            raise PrefixMiss(Fault.ALTERED)
        opening, header = self._parts(lead + rest[:num_open], rest[num_open:-_DIGEST_BYTES])
        header_bytes = len(lead) + len(rest)
        file_bytes = header_bytes + self.sealed_bytes(opening.payload_bytes)
        actual_bytes = os.fstat(file.fileno()).st_size
        if actual_bytes != file_bytes:
            raise PrefixMiss(Fault.TRUNCATED if actual_bytes < file_bytes else Fault.ALTERED)
        return SealedPrefix(header, opening, header_bytes, file_bytes)

    def file_bytes(self, header: PrefixHeader, payload_bytes: int) -> int:
        """Return how many bytes the file for a header and a payload of this length has."""
        return len(self.write_header(header, self.opening(header, payload_bytes))) + self.sealed_bytes(payload_bytes)

    def sealed_bytes(self, payload_bytes: int) -> int:
        """Return how many bytes a payload takes in a file."""
        return payload_bytes + (num_chunks(payload_bytes) * TAG_BYTES if self.is_encrypting else 0)

    def payload_cipher(self, opening: Opening) -> AESGCM | None:
        """Return what encrypts the chunks of one file, or None where they stay as they are."""
        return None if self._secret is None else self._cipher(self._secret, opening.salt, b"payload")

    def _lengths(self, lead: bytes) -> tuple[int, int]:
        if not lead.startswith(MAGIC[: len(lead)]):
            raise PrefixMiss(Fault.FOREIGN)
        if len(lead) < _LEAD.size:
            raise PrefixMiss(Fault.TRUNCATED)
        _, version, is_encrypted, num_open, num_closed = _LEAD.unpack(lead)
        if version != VERSION:
            raise PrefixMiss(Fault.OTHER_VERSION)
        if is_encrypted != int(self.is_encrypting):
            raise PrefixMiss(Fault.FOREIGN)
        if max(num_open, num_closed) > _MAX_PART_BYTES:
            raise PrefixMiss(Fault.ALTERED)
        return num_open, num_closed

    def _parts(self, start: bytes, sealed: bytes) -> tuple[Opening, PrefixHeader]:
        try:
            opening = msgspec.msgpack.decode(start[_LEAD.size :], type=Opening)
            if self._secret is not None:
                sealed = self._cipher(self._secret, opening.salt, b"header").decrypt(opening.nonce, sealed, start)
            closed = msgspec.msgpack.decode(sealed, type=_Closed)
            sequence = TokenSequence.from_bytes(closed.symbols)
        except InvalidTag:
            raise PrefixMiss(Fault.FOREIGN) from None
        except ValueError:  # msgspec's errors are of this kind too
            raise PrefixMiss(Fault.ALTERED) from None
        if closed.key.digest() != closed.key_digest or sequence.num_tokens != closed.num_tokens:
            raise PrefixMiss(Fault.STALE)
        header = PrefixHeader(
            closed.id, closed.key, sequence, opening.created_at, opening.expires_at, opening.is_pinned
        )
        return opening, header

    @staticmethod
    def _cipher(secret: bytes, salt: bytes, use: bytes) -> AESGCM:
        return AESGCM(HKDF(SHA256(), 32, salt, b"antiphon prefix " + use).derive(secret))


def num_chunks(payload_bytes: int) -> int:
    """Return into how many chunks a payload is cut."""
    return -(-payload_bytes // CHUNK_BYTES)


def chunk_nonce(index: int) -> bytes:
    """Return the nonce of a chunk: its place, in a file whose key is used for nothing else."""
    return _PLACE.pack(0, index)


def chunk_bound(index: int, payload_bytes: int) -> bytes:
    """Return what binds a chunk to its place and to the length of the payload."""
    return _BOUND.pack(index, payload_bytes)
