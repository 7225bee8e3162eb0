"""Which addresses are ours, and which pages may speak to us.

Any web page can make its visitor's browser call a port of this machine. Two headers that a page cannot forge tell:

- `Host` is the name that the browser was given. A page of `evil.example` whose name was re-bound to 127.0.0.1 is at
  home on our port as far as the browser can see, and still sends `Host: evil.example`. So a name that is not ours is
  refused. An address in place of a name cannot be re-bound: on a server that is bound to all addresses, any is ours.
- `Origin` is the page's own. One that is not ours, not of this machine and not configured is refused, for requests that
  change nothing too. Programs send none, and `null` is a page that hides where it is from.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from antiphon.errors import PermissionDenied
from antiphon.server.exchange import Headers
from antiphon.settings import Settings

_WILDCARDS = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, never bound
_DEFAULT_PORTS = {"http": 80, "https": 443}
_ANY = "*"


class Authority(NamedTuple):
    """A host and its port, as they stand in a `Host` header or an origin; `port` is None where none is given."""

    host: str
    port: int | None

    def is_loopback(self) -> bool:
        """Whether only this machine answers there."""
        if self.host == "localhost":
            return True
        address = _address(self.host)
        return address is not None and address.is_loopback

    def is_address(self) -> bool:
        """Whether it is an address and no name."""
        return _address(self.host) is not None


def _address(host: str):  # noqa: ANN202 - a union of two private-looking standard types
    try:
        return ip_address(host)
    except ValueError:
        return None


def parse_authority(text: str) -> Authority | None:
    """Read `host`, `host:port`, `[v6]` or `[v6]:port`; None for what is none of these."""
    try:
        parts = urlsplit(f"//{text.strip()}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        return None
    return Authority(host.lower().removesuffix("."), port)


class Doorkeeper:
    """Knows the settings' answer to both questions."""

    def __init__(self, settings: Settings) -> None:
        self._any_address = settings.host in _WILDCARDS
        self._names = _authorities((*settings.allowed_hosts, *_bound(settings.host)))
        self._origins = frozenset(origin.rstrip("/").lower() for origin in settings.allowed_origins)
        self._known_hosts: dict[bytes, bool] = {}

    def check(self, headers: Headers) -> str | None:
        """Return the origin of the page that asks, None where no page does.

        Raises `PermissionDenied` where the request came to a name that is not ours or from a page that may not ask.
        """
        host = headers.get(b"host", b"")
        if not self._is_ours(host):
            raise PermissionDenied(
                f"This server does not answer as '{_shown(host)}'. Use its address, or add the name to "
                "ANTIPHON_ALLOWED_HOSTS.",
                code="host_not_allowed",
            )
        origin = headers.get(b"origin")
        if origin is None:
            return None
        text = origin.decode("latin-1")
        if not self._may_ask(text, host.decode("latin-1")):
            raise PermissionDenied(
                f"Pages of '{_shown(origin)}' may not use this server. "
                "Add the origin to ANTIPHON_ALLOWED_ORIGINS if they should.",
                code="origin_not_allowed",
            )
        return text

    def _is_ours(self, host: bytes) -> bool:
        known = self._known_hosts.get(host)
        if known is None:
            known = self._decide(host.decode("latin-1"))
            if known and len(self._known_hosts) < 64:  # a caller may vary the port without end
                self._known_hosts[host] = known
        return known

    def _decide(self, host: str) -> bool:
        authority = parse_authority(host)
        if authority is None:
            return False
        if authority.is_loopback() or (self._any_address and authority.is_address()):
            return True
        return authority in self._names or Authority(authority.host, None) in self._names

    def _may_ask(self, origin: str, host: str) -> bool:
        if origin.lower() in self._origins or _ANY in self._origins:
            return True
        try:
            scheme, authority = urlsplit(origin).scheme, parse_authority(urlsplit(origin).netloc)
        except ValueError:
            return False
        if authority is None or scheme not in _DEFAULT_PORTS:
            return False
        ours = parse_authority(host)
        same_host = ours is not None and ours.host == authority.host
        default = _DEFAULT_PORTS[scheme]
        same_port = ours is not None and (ours.port or default) == (authority.port or default)
        return authority.is_loopback() or (same_host and same_port)


def _bound(host: str) -> tuple[str, ...]:
    if host in _WILDCARDS:
        return ()
    return (f"[{host}]" if ":" in host else host,)


def _authorities(names: Iterable[str]) -> frozenset[Authority]:
    return frozenset(authority for name in names if (authority := parse_authority(name)) is not None)


def _shown(value: bytes) -> str:
    return value[:200].decode("latin-1")
