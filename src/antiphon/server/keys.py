"""Who asks: the key of a request, checked.

Where no keys are required every token, or none, is the owner of this machine. Elsewhere a token must be a key that was
minted and not revoked, and the organisation and project that a request names must be the key's. A Realtime socket may
also be opened with an ephemeral key, which must hold wherever it is shown.
"""

from hashlib import sha256
from hmac import compare_digest

from antiphon.callers import LOOPBACK_OWNER, Caller, masked
from antiphon.errors import InvalidApiKey
from antiphon.ports import EphemeralSecrets, Keys
from antiphon.realtime.dialects.choosing import KEY_PREFIX
from antiphon.server.exchange import Exchange
from antiphon.settings import Settings

EPHEMERAL_PREFIX = "ek_"
_OPERATOR = Caller(organization="default", project="default", key_id="key_of_the_settings", is_admin=True)


class Authentication:
    """Tells the caller of an exchange."""

    def __init__(self, settings: Settings, keys: Keys, secrets: EphemeralSecrets) -> None:
        self._requires_keys = settings.requires_keys
        self._keys = keys
        self._secrets = secrets
        admin_key = settings.admin_key.get_secret_value() if settings.admin_key else None
        self._operator_digest = sha256(admin_key.encode()).digest() if admin_key else None

    async def caller(self, exchange: Exchange) -> Caller:
        """Return who asks. Raises `InvalidApiKey`, for an ephemeral key wherever it is shown."""
        secret = _secret(exchange)
        if secret is not None and secret.startswith(EPHEMERAL_PREFIX):
            raise InvalidApiKey(f"The key {masked(secret)} is an ephemeral one: it opens Realtime sockets alone.")
        if not self._requires_keys:
            return LOOPBACK_OWNER
        if secret is None:
            raise InvalidApiKey(
                "You didn't provide an API key. You need to provide your API key in an Authorization header using "
                "Bearer auth (i.e. Authorization: Bearer YOUR_KEY). `antiphon keys create` makes one."
            )
        caller = _OPERATOR if self._is_operator(secret) else await self._keys.find(secret)
        if caller is None:
            raise InvalidApiKey(
                f"Incorrect API key provided: {masked(secret)}. `antiphon keys list` shows the keys of this server, "
                "and `antiphon keys create` makes one."
            )
        _check_owner(exchange, caller)
        return caller

    async def caller_of_socket(self, exchange: Exchange) -> Caller:
        """Return who asks for a Realtime socket; an ephemeral key is noted in the exchange. Raises `InvalidApiKey`."""
        token = _secret(exchange)
        if token is None or not token.startswith(EPHEMERAL_PREFIX):
            return await self.caller(exchange)
        exchange.secret = await self._secrets.find(token)
        if exchange.secret is None:
            raise InvalidApiKey(
                f"Incorrect API key provided: {masked(token)}. The ephemeral key has expired, or was never given out: "
                "POST /v1/realtime/client_secrets makes one."
            )
        _check_owner(exchange, exchange.secret.caller)
        return exchange.secret.caller

    def _is_operator(self, secret: str) -> bool:
        digest = self._operator_digest
        return digest is not None and compare_digest(sha256(secret.encode()).digest(), digest)


def _secret(exchange: Exchange) -> str | None:
    """The token of a request, in a header or among the subprotocols of a browser's socket."""
    scheme, _, token = (exchange.header(b"authorization") or "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return _offered(exchange, KEY_PREFIX)


def _offered(exchange: Exchange, prefix: str) -> str | None:
    protocols = (exchange.header(b"sec-websocket-protocol") or "").split(",")
    named = (protocol.strip() for protocol in protocols)
    return next((name.removeprefix(prefix) for name in named if name.startswith(prefix)), None)


def _named(exchange: Exchange, header: bytes) -> str | None:
    """Return a header's value, or what a browser offers in its place: `openai-project.NAME`."""
    value = exchange.header(header)
    return value if value is not None else _offered(exchange, f"{header.decode()}.")


def _check_owner(exchange: Exchange, caller: Caller) -> None:
    organization = _named(exchange, b"openai-organization")
    if organization is not None and organization != caller.organization:
        raise InvalidApiKey(
            "OpenAI-Organization header should match organization for API key", code="mismatched_organization"
        )
    project = _named(exchange, b"openai-project")
    if project is not None and project != caller.project:
        raise InvalidApiKey("OpenAI-Project header should match project for API key", code="mismatched_project")
