"""What the edge does for every request, whatever stands behind it."""

import asyncio
import re
import time

import pytest
from starlette.types import Message, Scope
from structlog.testing import capture_logs
from tests.unit.server.asgi import Client, Exchange, scope
from tests.unit.server.small import Small

from antiphon.callers import Caller, EphemeralSecret, KeyRecord
from antiphon.errors import InvalidApiKey
from antiphon.server.edge import Edge, EdgeParts
from antiphon.server.exchange import Exchange as EdgeExchange
from antiphon.server.exchange import exchange_of
from antiphon.server.keys import Authentication
from antiphon.server.metrics import Metrics
from antiphon.server.origins import Doorkeeper
from antiphon.server.repeats import Repeats
from antiphon.server.routes.health import Readiness
from antiphon.settings import Settings
from antiphon.testing.clock import FakeClock
from antiphon.testing.ephemeral_secrets import EphemeralSecretsInMemory
from antiphon.testing.keys import KeysInMemory
from antiphon.testing.repeats import RepeatsInMemory


@pytest.fixture
async def small() -> Small:
    return Small()


@pytest.fixture
def client(small: Small) -> Client:
    return Client(small.app)


async def test_every_answer_carries_the_headers_of_openai(client: Client):
    """An id of its own, the time it took, the version and the organisation."""
    first, second = await client.post("/v1/echo", {"a": 1}), await client.post("/v1/echo", {"a": 1})
    assert re.fullmatch(r"req_[0-9a-f]{32}", first.headers["x-request-id"])
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert first.headers["openai-processing-ms"].isdigit()
    assert first.headers["openai-version"] == "2020-10-01"
    assert first.headers["openai-organization"] == "default"


async def test_an_error_of_ours_has_the_shape_of_openai(client: Client):
    """With its own status, type, param and code."""
    sent = await client.get("/v1/fail/request")
    assert sent.status == 400
    assert sent.headers["content-type"] == "application/json"
    assert sent.error == {"message": "No.", "type": "invalid_request_error", "param": "a", "code": "b"}


async def test_an_unknown_path_is_an_invalid_url(client: Client):
    """Also one with a slash too many, which is not sent elsewhere."""
    for path in ("/v1/nothing", "/v1/who/"):
        sent = await client.get(path)
        assert (sent.status, sent.error["message"]) == (404, f"Invalid URL (GET {path})")
        assert sent.error["type"] == "invalid_request_error"


async def test_a_wrong_method_is_told_with_those_that_are_right(client: Client):
    """405, OpenAI's code, and `Allow`."""
    sent = await client.send("DELETE", "/v1/echo")
    assert (sent.status, sent.error["code"], sent.headers["allow"]) == (405, "method_not_supported", "POST")
    assert "Not allowed to DELETE on /v1/echo" in sent.error["message"]


async def test_a_parameter_that_the_framework_refuses_is_told_like_one_that_we_refuse(client: Client):
    """Where a route lets FastAPI read its path, FastAPI's words still come in OpenAI's shape."""
    sent = await client.get("/v1/items/nine")
    assert (sent.status, sent.error["param"], sent.error["code"]) == (400, "item", "invalid_value")


async def test_a_bug_says_nothing_of_itself(client: Client):
    """The caller gets an id, the log the rest."""
    with capture_logs() as logs:
        sent = await client.get("/v1/fail/bug")
    assert (sent.status, sent.error["type"]) == (500, "server_error")
    assert "secret" not in sent.body.decode()
    assert any(entry["event"] == "bug" and entry["exc_info"] for entry in logs)


async def test_a_refusal_before_the_application_is_answered_alike(client: Client):
    """The edge's own errors carry the same headers and the same body as a route's."""
    sent = await client.get("/v1/who", headers={"host": "evil.example"})
    assert sent.status == 403
    assert set(sent.error) == {"message", "type", "param", "code"}
    assert "x-request-id" in sent.headers


# Bodies


@pytest.fixture
def narrow() -> Client:
    return Client(Small(Settings(max_body_bytes=1024)).app)


async def test_a_body_of_the_limit_is_read(narrow: Client):
    """Not a byte less is allowed."""
    sent = await narrow.post("/v1/echo", b"x" * 1024)
    assert (sent.status, len(sent.body)) == (200, 1024)


async def test_a_body_that_announces_too_much_is_refused_unread(narrow: Client):
    """By its `content-length` alone."""
    exchange = Exchange(narrow, "POST", "/v1/echo", [b""], {"content-length": "1025"})
    sent = await exchange.run()
    assert (sent.status, sent.error["code"]) == (413, "request_too_large")


async def test_a_body_that_announces_nothing_is_counted(narrow: Client):
    """Chunks are counted as they come."""
    sent = await Exchange(narrow, "POST", "/v1/echo", [b"x" * 1000, b"x" * 25, b"x"]).run()
    assert (sent.status, sent.error["code"]) == (413, "request_too_large")


async def test_a_compressed_body_is_refused_in_words(client: Client):
    """It could unpack to anything."""
    sent = await client.post("/v1/echo", b"\x1f\x8b", {"content-encoding": "gzip"})
    assert (sent.status, sent.error["code"]) == (400, "unsupported_content_encoding")
    assert "gzip" in sent.error["message"]


# Keys


def test_settings_decide_whether_keys_are_required():
    """Loopback needs none, any other address does, and loopback can be made to."""
    assert not Settings().requires_keys
    assert Settings(host="0.0.0.0").requires_keys
    assert Settings(auth="required").requires_keys


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer sk-anything"}, {"openai-organization": "org-mine"}])
async def test_on_loopback_everybody_owns_the_machine(client: Client, headers: dict[str, str]):
    """Any token or none, and whatever organisation the caller's environment names."""
    sent = await client.get("/v1/who", headers=headers)
    assert sent.body == b'["default","default",true]'


@pytest.fixture
async def guarded() -> Client:
    keys = KeysInMemory()
    await keys.add(KeyRecord("key_1", "acme", "radio", False, "sk-...", 1), "sk-radio-1234567890")
    return Client(Small(Settings(auth="required", admin_key="sk-admin-1234567890"), keys).app)


def bearer(secret: str, **headers: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}", **{name.replace("_", "-"): value for name, value in headers.items()}}


async def test_a_key_acts_for_its_organization_and_project(guarded: Client):
    """And the answer names the organisation."""
    sent = await guarded.get("/v1/who", bearer("sk-radio-1234567890"))
    assert sent.body == b'["acme","radio",false]'
    assert sent.headers["openai-organization"] == "acme"


async def test_no_key_is_told_how_to_send_one(guarded: Client):
    """401 and no organisation."""
    for headers in ({}, {"authorization": "Basic abc"}, {"authorization": "Bearer "}):
        sent = await guarded.get("/v1/who", headers)
        assert (sent.status, sent.error["code"]) == (401, "invalid_api_key")
        assert sent.error["message"].startswith("You didn't provide an API key.")
        assert "openai-organization" not in sent.headers


async def test_a_wrong_key_is_shown_masked(guarded: Client):
    """By its ends, and a short one not at all."""
    sent = await guarded.get("/v1/who", bearer("sk-wrong-1234567890abcd"))
    assert (sent.status, sent.error["code"]) == (401, "invalid_api_key")
    assert "sk-...abcd" in sent.error["message"]
    assert "1234567890" not in sent.error["message"]
    short = await guarded.get("/v1/who", bearer("hunter2"))
    assert "hunter2" not in short.body.decode()
    assert "hun" not in short.error["message"]


async def test_an_ephemeral_key_answers_no_request(client: Client, guarded: Client):
    """Where any other word would do, too."""
    for asked in (client, guarded):
        sent = await asked.get("/v1/who", bearer("ek_abcdefghijklmnop"))
        assert (sent.status, sent.error["code"]) == (401, "invalid_api_key")
        assert "Realtime sockets alone" in sent.error["message"]


async def test_the_operators_key_is_an_administrators(guarded: Client):
    """`ANTIPHON_ADMIN_KEY` opens what other keys do not."""
    assert (await guarded.get("/v1/admins", bearer("sk-admin-1234567890"))).status == 200
    sent = await guarded.get("/v1/admins", bearer("sk-radio-1234567890"))
    assert (sent.status, sent.error["code"]) == (403, "admin_required")


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"openai_organization": "globex"}, "mismatched_organization"),
        ({"openai_project": "tv"}, "mismatched_project"),
    ],
)
async def test_a_key_acts_for_nobody_else(guarded: Client, headers: dict[str, str], code: str):
    """A header that names another organisation or project is refused."""
    sent = await guarded.get("/v1/who", bearer("sk-radio-1234567890", **headers))
    assert (sent.status, sent.error["code"]) == (401, code)
    right = bearer("sk-radio-1234567890", openai_organization="acme", openai_project="radio")
    assert (await guarded.get("/v1/who", right)).status == 200


async def test_health_and_documents_need_no_key_and_metrics_do(guarded: Client):
    """A load balancer has none; Prometheus can have one."""
    assert (await guarded.get("/health")).status == 200
    assert (await guarded.get("/openapi.json")).status == 200
    assert (await guarded.get("/metrics")).status == 401
    assert (await guarded.get("/metrics", bearer("sk-radio-1234567890"))).status == 403
    assert (await guarded.get("/metrics", bearer("sk-admin-1234567890"))).status == 200


# Rate limits


async def test_an_answer_tells_the_limits():
    """What is allowed, what is left, and when it is whole again."""
    client = Client(Small(Settings(requests_per_minute=60, tokens_per_minute=600), clock=FakeClock()).app)
    sent = await client.post("/v1/limited", b"100")
    limits = {name: value for name, value in sent.headers.items() if name.startswith("x-ratelimit")}
    assert limits == {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-limit-tokens": "600",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-remaining-tokens": "500",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-reset-tokens": "10s",
    }
    assert not any(name.startswith("x-ratelimit") for name in (await client.get("/v1/who")).headers)


async def test_too_many_requests_are_told_when_to_come_back():
    """429 with OpenAI's text and the headers that the SDKs wait by; after that time one is let in."""
    clock = FakeClock()
    client = Client(Small(Settings(requests_per_minute=2), clock=clock).app)
    for _ in range(2):
        assert (await client.post("/v1/limited", b"1")).status == 200
    sent = await client.post("/v1/limited", b"1")
    assert (sent.status, sent.error["code"], sent.error["type"]) == (429, "rate_limit_exceeded", "requests")
    assert sent.error["message"] == (
        "Rate limit reached for gpt-4o in organization default on requests per min (RPM): "
        "Limit 2, Used 2, Requested 1. Please try again in 30s."
    )
    assert (sent.headers["retry-after-ms"], sent.headers["x-ratelimit-remaining-requests"]) == ("30000", "0")
    clock.advance(30)
    assert (await client.post("/v1/limited", b"1")).status == 200


async def test_tokens_are_limited_too():
    """And a request for more than a minute's worth is let in when the minute is whole."""
    clock = FakeClock()
    client = Client(Small(Settings(tokens_per_minute=100), clock=clock).app)
    assert (await client.post("/v1/limited", b"60")).status == 200
    sent = await client.post("/v1/limited", b"1000000")
    assert (sent.status, sent.headers["retry-after-ms"]) == (429, "36000")
    assert "tokens per min (TPM): Limit 100, Used 60, Requested 100" in sent.error["message"]
    clock.advance(36)
    assert (await client.post("/v1/limited", b"1000000")).status == 200


# Health, metrics, logs


async def test_ready_says_what_is_waited_for(small: Small, client: Client):
    """503 until the default model answers."""
    assert (await client.get("/ready")).status == 200
    small.readiness = Readiness(is_ready=False, waiting_for=("smollm2",))
    sent = await client.get("/ready")
    assert (sent.status, sent.body) == (503, b'{"status":"starting","waiting_for":["smollm2"]}')


async def test_metrics_count_by_route_and_status(small: Small, client: Client):
    """Ids in paths do not multiply them, and unknown paths share one name."""
    for path in ("/v1/items/1", "/v1/items/2", "/v1/items/x", "/v1/unknown/1", "/v1/unknown/2"):
        await client.get(path)
    text = (await client.get("/metrics")).body.decode()
    assert 'antiphon_requests_total{method="GET",route="/v1/items/{item}",status="200"} 2.0' in text
    assert 'antiphon_requests_total{method="GET",route="/v1/items/{item}",status="400"} 1.0' in text
    assert 'antiphon_requests_total{method="GET",route="none",status="404"} 2.0' in text
    assert "antiphon_requests_in_flight 1.0" in text


async def test_a_request_leaves_one_line_in_the_log(client: Client):
    """With its status and the caller's own id, and without its key, its body or its query."""
    with capture_logs() as logs:
        headers = {"authorization": "Bearer sk-secret-1234567890", "x-client-request-id": "mine-1"}
        await client.send("POST", "/v1/echo?token=hidden", b'"a private prompt"', headers)
    (entry,) = logs
    assert (entry["event"], entry["method"], entry["path"], entry["status"]) == ("request", "POST", "/v1/echo", 200)
    assert entry["client_request_id"] == "mine-1"
    assert not any(word in str(entry) for word in ("secret", "hidden", "private"))


async def test_a_cancelled_request_says_that_the_server_stops(small: Small, client: Client):
    """A shutdown that waits no longer still answers."""
    exchange = Exchange(client, "POST", "/v1/slow", [b"{}"])
    running = asyncio.ensure_future(exchange.run())
    await asyncio.sleep(0.01)
    running.cancel()
    sent = await running
    assert (sent.status, sent.error["code"]) == (503, "engine_unavailable")
    assert small.closed.is_set()


async def test_a_realtime_socket_opens_whatever_its_key_is_worth():
    """Its clients read the reason from an event; sockets elsewhere are refused."""
    opened: list[object] = []

    async def app(scope: Scope, receive: object, send: object) -> None:
        opened.append(exchange_of(scope).refusal)

    edge = Edge(app, edge_parts(Settings(auth="required")))
    for path in ("/v1/realtime", "/v1/other"):
        asked = scope("GET", path, {"host": "127.0.0.1:8000", "authorization": "Bearer sk-nobody"}, kind="websocket")
        await edge(asked, _connecting, _ignoring)
    assert [type(refusal) for refusal in opened] == [InvalidApiKey]


async def test_an_ephemeral_key_is_good_for_a_realtime_socket_alone():
    """It is noted with the session that it opens; one that was never made is refused where no key is asked for, too."""
    seen: list[EdgeExchange] = []

    async def app(scope: Scope, receive: object, send: object) -> None:
        seen.append(exchange_of(scope))

    parts = edge_parts(Settings())
    record = EphemeralSecret(Caller("acme", "radio"), "{}", expires_at=2**40)
    await parts.authentication._secrets.add(record, "ek_one", 10)
    for key in ("ek_one", "ek_two"):
        asked = scope("GET", "/v1/realtime", {"host": "127.0.0.1:8000", "authorization": f"Bearer {key}"}, "websocket")
        await Edge(app, parts)(asked, _connecting, _ignoring)
    known, unknown = seen
    assert (known.caller, known.secret, known.refusal) == (record.caller, record, None)
    assert isinstance(unknown.refusal, InvalidApiKey)


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ("openai-organization.acme, openai-project.radio", None),
        ("openai-organization.globex", "mismatched_organization"),
        ("openai-project.tv", "mismatched_project"),
    ],
)
async def test_a_browser_names_its_key_and_for_whom_it_acts_among_the_subprotocols(named: str, code: str | None):
    """It can set no headers."""
    seen: list[EdgeExchange] = []

    async def app(scope: Scope, receive: object, send: object) -> None:
        seen.append(exchange_of(scope))

    parts = edge_parts(Settings(auth="required"))
    record = EphemeralSecret(Caller("acme", "radio"), "{}", expires_at=2**40)
    await parts.authentication._secrets.add(record, "ek_one", 10)
    protocols = f"realtime, openai-insecure-api-key.ek_one, {named}"
    asked = scope("GET", "/v1/realtime", {"host": "127.0.0.1:8000", "sec-websocket-protocol": protocols}, "websocket")
    await Edge(app, parts)(asked, _connecting, _ignoring)
    (exchange,) = seen
    assert (exchange.refusal.code if exchange.refusal is not None else None) == code
    assert (exchange.caller is None) is (code is not None)


async def _connecting() -> Message:
    return {"type": "websocket.connect"}


async def _ignoring(message: Message) -> None:
    pass


def edge_parts(settings: Settings) -> EdgeParts:
    return EdgeParts(
        doorkeeper=Doorkeeper(settings),
        authentication=Authentication(settings, KeysInMemory(), EphemeralSecretsInMemory(time.time)),
        repeats=Repeats(RepeatsInMemory(time.time)),
        metrics=Metrics(),
        max_body_bytes=settings.max_body_bytes,
        clock=time.monotonic,
    )
