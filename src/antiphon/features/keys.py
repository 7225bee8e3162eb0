"""Keys: minted, listed, revoked, and asked for before a server starts where strangers can reach it."""

import re
from collections.abc import Callable, Sequence
from secrets import token_urlsafe

from antiphon.callers import KeyRecord, masked
from antiphon.errors import InvalidRequest, StartRefused
from antiphon.ids import Ids
from antiphon.ports import Keys
from antiphon.settings import Settings

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SECRET_BYTES = 32


class KeyRing:
    """The keys of one server. `now` tells the seconds since 1970."""

    def __init__(self, keys: Keys, make_id: Ids, now: Callable[[], float]) -> None:
        self._keys = keys
        self._make_id = make_id
        self._now = now

    async def mint(self, organization: str, project: str, *, is_admin: bool = False) -> str:
        """Make a key and return its secret, which nobody can ask for again.

        The organisation and the project are made if they are new. Raises `InvalidRequest` for names that cannot be.
        """
        for param, name in (("organization", organization), ("project", project)):
            if _NAME.fullmatch(name) is None:
                rule = "use up to 64 letters, digits, '.', '_' and '-', a letter or digit first"
                raise InvalidRequest(f"'{name[:100]}' cannot name the {param}: {rule}.", param=param)
        secret = ("sk-admin-" if is_admin else "sk-") + token_urlsafe(_SECRET_BYTES)
        record = KeyRecord(
            id=self._make_id("key_"),
            organization=organization,
            project=project,
            is_admin=is_admin,
            shown=masked(secret),
            created_at=int(self._now()),
        )
        await self._keys.add(record, secret)
        return secret

    async def records(self) -> Sequence[KeyRecord]:
        """List the keys, revoked ones included, oldest first."""
        return await self._keys.records()

    async def revoke(self, key_id: str) -> KeyRecord:
        """End a key. Raises `NotFound`."""
        return await self._keys.revoke(key_id, int(self._now()))

    async def check_start(self, settings: Settings) -> None:
        """Make sure that somebody can use a server that requires keys. Raises `StartRefused`."""
        if not settings.requires_keys or settings.admin_key is not None:
            return
        if all(record.revoked_at is not None for record in await self._keys.records()):
            raise StartRefused(
                f"A server on {settings.host} requires keys and there is none: make one with `antiphon keys create "
                "--organization NAME --project NAME`, or set ANTIPHON_ADMIN_KEY."
            )
