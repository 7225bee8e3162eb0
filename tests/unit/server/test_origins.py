"""Which names are ours, and which pages may ask."""

import json

import pytest
from tests.unit.server.asgi import Client, scope
from tests.unit.server.small import Small

from antiphon.errors import PermissionDenied
from antiphon.server.origins import Authority, Doorkeeper, parse_authority
from antiphon.settings import Settings

LOOPBACK = Settings()
EVERYWHERE = Settings(host="0.0.0.0", allowed_hosts=("speech.example", "voice.example:8443"))
ONE_ADDRESS = Settings(host="192.168.1.5", allowed_origins=("https://console.example", "chrome-extension://abc"))


def is_let_in(settings: Settings, host: str | None, origin: str | None = None) -> bool:
    headers = {name: value.encode() for name, value in ((b"host", host), (b"origin", origin)) if value is not None}
    try:
        Doorkeeper(settings).check(headers)
    except PermissionDenied:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "authority"),
    [
        ("localhost", Authority("localhost", None)),
        ("LocalHost.:80", Authority("localhost", 80)),
        ("[::1]:8000", Authority("::1", 8000)),
        ("a:b", None),
        ("a:99999", None),
        ("", None),
        ("user@host", None),
        ("host/path", None),
        ("[::1", None),
    ],
)
def test_an_authority_is_a_host_and_perhaps_a_port(text: str, authority: Authority | None):
    """In lower case and without the dot of the root; whatever else is there makes it none."""
    assert parse_authority(text) == authority


@pytest.mark.parametrize(
    ("settings", "host", "is_ours"),
    [
        (LOOPBACK, "127.0.0.1:8000", True),
        (LOOPBACK, "localhost", True),
        (LOOPBACK, "LOCALHOST:9999", True),
        (LOOPBACK, "localhost.", True),
        (LOOPBACK, "127.8.9.1", True),
        (LOOPBACK, "[::1]:8000", True),
        (LOOPBACK, "evil.example:8000", False),
        (LOOPBACK, "localhost.evil.example", False),
        (LOOPBACK, "127.0.0.1.evil.example", False),
        (LOOPBACK, "127.1", False),
        (LOOPBACK, "2130706433", False),
        (LOOPBACK, "0.0.0.0:8000", False),
        (LOOPBACK, "192.168.1.5", False),
        (LOOPBACK, "evil@127.0.0.1", False),
        (LOOPBACK, "", False),
        (LOOPBACK, None, False),
        (EVERYWHERE, "192.168.1.5:8000", True),
        (EVERYWHERE, "[2001:db8::1]", True),
        (EVERYWHERE, "localhost:8000", True),
        (EVERYWHERE, "speech.example", True),
        (EVERYWHERE, "Speech.Example:1234", True),
        (EVERYWHERE, "voice.example:8443", True),
        (EVERYWHERE, "voice.example", False),
        (EVERYWHERE, "evil.example", False),
        (ONE_ADDRESS, "192.168.1.5:8000", True),
        (ONE_ADDRESS, "192.168.1.6:8000", False),
    ],
)
def test_a_name_that_is_not_ours_is_refused(settings: Settings, host: str | None, is_ours: bool):
    """A page whose name was re-bound to our address still sends its own name."""
    assert is_let_in(settings, host) is is_ours


@pytest.mark.parametrize(
    ("settings", "host", "origin", "may_ask"),
    [
        (LOOPBACK, "127.0.0.1:8000", "http://127.0.0.1:8000", True),
        (LOOPBACK, "127.0.0.1:8000", "http://localhost:5173", True),
        (LOOPBACK, "127.0.0.1:8000", "https://[::1]:5173", True),
        (LOOPBACK, "127.0.0.1:8000", "https://evil.example", False),
        (LOOPBACK, "127.0.0.1:8000", "http://localhost.evil.example", False),
        (LOOPBACK, "127.0.0.1:8000", "http://0.0.0.0:8000", False),
        (LOOPBACK, "127.0.0.1:8000", "null", False),
        (LOOPBACK, "127.0.0.1:8000", "", False),
        (LOOPBACK, "127.0.0.1:8000", "file://", False),
        (LOOPBACK, "127.0.0.1:8000", "http://[", False),
        (EVERYWHERE, "speech.example", "http://speech.example", True),
        (EVERYWHERE, "speech.example", "https://speech.example:443", True),
        (EVERYWHERE, "speech.example:8000", "http://speech.example", False),
        (EVERYWHERE, "192.168.1.5:8000", "http://192.168.1.5:8000", True),
        (EVERYWHERE, "192.168.1.5:8000", "http://192.168.1.6:8000", False),
        (ONE_ADDRESS, "192.168.1.5:8000", "https://console.example", True),
        (ONE_ADDRESS, "192.168.1.5:8000", "https://console.example:8443", False),
        (ONE_ADDRESS, "192.168.1.5:8000", "http://console.example", False),
        (ONE_ADDRESS, "192.168.1.5:8000", "chrome-extension://abc", True),
    ],
)
def test_a_page_asks_only_if_it_is_ours_of_this_machine_or_configured(
    settings: Settings, host: str, origin: str, may_ask: bool
):
    """An origin is a scheme, a host and a port, and each of them counts."""
    assert is_let_in(settings, host, origin) is may_ask


async def test_refusals_say_which_option_would_let_them_in():
    """In OpenAI's shape, with codes of their own, and without leave to read them."""
    client = Client(Small().app)
    host = await client.get("/v1/who", {"host": "evil.example"})
    origin = await client.get("/v1/who", {"origin": "https://evil.example"})
    assert [(sent.status, sent.error["code"]) for sent in (host, origin)] == [
        (403, "host_not_allowed"),
        (403, "origin_not_allowed"),
    ]
    assert "ANTIPHON_ALLOWED_HOSTS" in host.error["message"]
    assert "ANTIPHON_ALLOWED_ORIGINS" in origin.error["message"]
    assert "access-control-allow-origin" not in origin.headers


async def test_no_path_is_exempt():
    """Health, documents and paths that do not exist ask the same questions."""
    client = Client(Small().app)
    for path in ("/health", "/metrics", "/openapi.json", "/docs", "/none"):
        assert (await client.get(path, {"host": "evil.example"})).status == 403


async def test_a_page_of_this_machine_may_read_answers_and_errors():
    """With the headers that the SDKs read, and for this origin alone."""
    client = Client(Small().app, {"origin": "http://localhost:5173"})
    for path in ("/v1/who", "/v1/fail/request"):
        headers = (await client.get(path)).headers
        assert headers["access-control-allow-origin"] == "http://localhost:5173"
        assert headers["vary"] == "Origin"
        assert {"x-request-id", "x-ratelimit-remaining-tokens", "retry-after"} <= set(
            headers["access-control-expose-headers"].split(", ")
        )


async def test_a_preflight_is_answered_with_what_it_asked_for():
    """Whatever headers the SDK of the day sends, and before any key is asked for."""
    client = Client(Small(Settings(auth="required")).app)
    asked = {
        "origin": "http://localhost:5173",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-stainless-lang",
        "access-control-request-private-network": "true",
    }
    sent = await client.send("OPTIONS", "/v1/echo", headers=asked)
    assert sent.status == 204
    assert sent.headers["access-control-allow-origin"] == "http://localhost:5173"
    assert "POST" in sent.headers["access-control-allow-methods"]
    assert sent.headers["access-control-allow-headers"] == "authorization,content-type,x-stainless-lang"
    assert sent.headers["access-control-allow-private-network"] == "true"
    assert (await client.send("OPTIONS", "/v1/echo", headers={**asked, "origin": "https://evil.example"})).status == 403


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"origin": "https://evil.example"}])
@pytest.mark.parametrize("extensions", [{}, {"websocket.http.response": {}}])
async def test_sockets_obey_the_same_rule(headers: dict[str, str], extensions: dict[str, object]):
    """A socket of a foreign page is refused before it opens, in words where the server can send them."""
    small, sent = Small(), []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    asked = scope("GET", "/v1/realtime", {"host": "127.0.0.1:8000", **headers}, kind="websocket")
    await small.app({**asked, "extensions": extensions, "subprotocols": []}, receive, send)
    if extensions:
        assert sent[0]["status"] == 403
        assert json.loads(sent[1]["body"])["error"]["code"].endswith("_not_allowed")
    else:
        assert sent == [{"type": "websocket.close", "code": 1008, "reason": ""}]
