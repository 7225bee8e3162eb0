"""Rate limits, per key and model: the headers that tell them and the refusal when they are reached.

A request is counted once its model is known, so a route calls `admit`. Tokens are taken by estimate before the answer,
as OpenAI's limits take them: what was asked for counts, whether or not it is used.
"""

from collections import OrderedDict
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from starlette.requests import Request

from antiphon.callers import Caller
from antiphon.errors import RateLimited
from antiphon.limits.bucket import Bucket, Reading, written_duration
from antiphon.realtime.server_events import RateLimit
from antiphon.server.exchange import Exchange, caller_of, exchange_of
from antiphon.settings import Settings
from antiphon.speech.metering import tokens_of_bytes

_MAX_ACCOUNTS = 10_000  # the least used is forgotten, and is then full again


# What an answer without a bound of its own is taken for, as OpenAI's limits do.
_ANSWER_TOKENS = 16
_MAX_PROMPT_TOKENS = 131_072  # an image is many bytes and few tokens, and no context holds much more


def estimated_tokens(body: bytes, max_answer_tokens: int | None) -> int:
    """Return about how many tokens a request will take, before anyone has counted them."""
    prompt_tokens = min(tokens_of_bytes(len(body)), _MAX_PROMPT_TOKENS)
    return prompt_tokens + (_ANSWER_TOKENS if max_answer_tokens is None else max_answer_tokens)


class _Account(NamedTuple):
    requests: Bucket
    tokens: Bucket


class _Taking(NamedTuple):
    requests: Reading
    tokens: Reading
    refusal: RateLimited | None


class RateLimits:
    """The accounts of every key and model. `clock` tells seconds and never goes back."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self._requests_per_minute = settings.requests_per_minute
        self._tokens_per_minute = settings.tokens_per_minute
        self._clock = clock
        self._accounts: OrderedDict[tuple[str, str], _Account] = OrderedDict()

    def admit(self, request: Request, model: str, num_tokens: int) -> None:
        """Count a request for `model` that will take about `num_tokens`; its answer will carry the limits.

        Raises `RateLimited`.
        """
        caller, exchange = caller_of(request), exchange_of(request.scope)
        taking = self._take(caller, model, num_tokens)
        _annotate(exchange, taking.requests, taking.tokens)
        exchange.model = model
        if taking.refusal is not None:
            raise taking.refusal

    def allowance(self, caller: Caller, model: str) -> "Allowance":
        """Return what `caller` may still ask of `model` in a session."""
        return Allowance(self, caller, model)

    @contextmanager
    def room_for_answer(self, caller: Caller, model: str) -> Generator[None, None, None]:
        """Hold a request and a few tokens while an answer of a session is made. Raises `RateLimited`.

        What is held is given back: an answer may be dropped before anybody asked for it.
        """
        taking = self._take(caller, model, _ANSWER_TOKENS)
        if taking.refusal is not None:
            raise taking.refusal
        try:
            yield
        finally:
            account = self._account(caller.key_id or caller.organization, model)
            account.requests.take(-1)
            account.tokens.take(-min(_ANSWER_TOKENS, self._tokens_per_minute))

    def spend(self, caller: Caller, model: str, num_tokens: int) -> tuple[RateLimit, ...]:
        """Count a response and the tokens that it took, nothing where it took none, and return what is left."""
        account = self._account(caller.key_id or caller.organization, model)
        if num_tokens:
            account.requests.take(1)
            account.tokens.take(num_tokens)
        now = self._clock()
        requests, tokens = account.requests.read(now), account.tokens.read(now)
        return (
            RateLimit("requests", requests.limit, requests.remaining, requests.reset_s),
            RateLimit("tokens", tokens.limit, tokens.remaining, tokens.reset_s),
        )

    def _take(self, caller: Caller, model: str, num_tokens: int) -> _Taking:
        num_tokens = min(num_tokens, self._tokens_per_minute)  # who asks for more than a minute's waits for a whole one
        account = self._account(caller.key_id or caller.organization, model)
        now = self._clock()
        waits = account.requests.wait_s(1, now), account.tokens.wait_s(num_tokens, now)
        if max(waits) == 0:
            account.requests.take(1)
            account.tokens.take(num_tokens)
        requests, tokens = account.requests.read(now), account.tokens.read(now)
        if max(waits) == 0:
            return _Taking(requests, tokens, None)
        what = ("requests", "RPM", requests, 1) if waits[0] >= waits[1] else ("tokens", "TPM", tokens, num_tokens)
        return _Taking(requests, tokens, _refusal(f"{model} in organization {caller.organization}", what, max(waits)))

    def _account(self, holder: str, model: str) -> _Account:
        account = self._accounts.get((holder, model))
        if account is None:
            now = self._clock()
            account = _Account(Bucket(self._requests_per_minute, now), Bucket(self._tokens_per_minute, now))
            self._accounts[holder, model] = account
            if len(self._accounts) > _MAX_ACCOUNTS:
                self._accounts.popitem(last=False)
        self._accounts.move_to_end((holder, model))
        return account


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one caller may still ask of one model in a session."""

    limits: RateLimits
    caller: Caller
    model: str

    def room_for_answer(self) -> AbstractContextManager[None]:
        """Hold room while an answer is made. Raises `RateLimited` where there is none."""
        return self.limits.room_for_answer(self.caller, self.model)

    def spend(self, num_tokens: int) -> tuple[RateLimit, ...]:
        """Count a response and the tokens that it took, and return what is left."""
        return self.limits.spend(self.caller, self.model, num_tokens)


def _refusal(where: str, what: tuple[str, str, Reading, int], wait_s: float) -> RateLimited:
    noun, abbreviation, reading, requested = what
    return RateLimited(
        f"Rate limit reached for {where} on {noun} per min ({abbreviation}): Limit {reading.limit}, "
        f"Used {reading.limit - reading.remaining}, Requested {requested}. "
        f"Please try again in {written_duration(wait_s)}.",
        retry_after_s=wait_s,
    )


def _annotate(exchange: Exchange, requests: Reading, tokens: Reading) -> None:
    exchange.annotations += [
        (b"x-ratelimit-limit-requests", b"%d" % requests.limit),
        (b"x-ratelimit-limit-tokens", b"%d" % tokens.limit),
        (b"x-ratelimit-remaining-requests", b"%d" % requests.remaining),
        (b"x-ratelimit-remaining-tokens", b"%d" % tokens.remaining),
        (b"x-ratelimit-reset-requests", written_duration(requests.reset_s).encode()),
        (b"x-ratelimit-reset-tokens", written_duration(tokens.reset_s).encode()),
    ]
