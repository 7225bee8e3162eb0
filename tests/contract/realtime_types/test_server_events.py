"""Every server event, in both dialects, fits the types of the newest SDK strictly, and those of the first beta SDKs."""

import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from openai.types.beta.realtime import SessionCreateResponse, TranscriptionSession
from openai.types.beta.realtime.realtime_server_event import RealtimeServerEvent as BetaEvent
from openai.types.realtime import ClientSecretCreateResponse
from openai.types.realtime.realtime_server_event import RealtimeServerEvent as GaEvent
from pydantic import BaseModel, TypeAdapter
from tests.contract.realtime_types.beta_1_59 import LATER, REQUIRED, REQUIRED_OF_ERROR
from tests.unit.realtime.dialects.said import FORCED, FULL, PICTURE, PLAIN, SAID, TRANSCRIPTION

from antiphon.realtime import server_events as events
from antiphon.realtime.config import SessionConfig
from antiphon.realtime.dialects.beta import Beta
from antiphon.realtime.dialects.ga import Ga
from antiphon.realtime.server_events import ServerEvent
from antiphon.testing.ids import CountingIds

# The types leave these out, and the hosted service sends them.
GA_BESIDE_THE_TYPES = {
    "session.id",
    "session.object",
    "session.expires_at",
    "item.content.format",
}
BETA_BESIDE_THE_TYPES = {
    "session.object",
    "session.expires_at",
    "session.client_secret",
    "session.include",
    "session.id",
    "session.input_audio_noise_reduction",
    "item.content.format",
    "response.usage.input_token_details.cached_tokens_details",
}
GA_WITH_PICTURE: tuple[ServerEvent, ...] = (
    *SAID,
    events.ItemAdded(item=PICTURE, previous_item_id=None),
    events.ItemRetrieved(PICTURE),
)


def written(dialect: Ga | Beta, said: tuple[ServerEvent, ...] = SAID) -> list[bytes]:
    ids = CountingIds()
    return [frame for event in said for frame in dialect.write(event, ids)]


def type_of(frame: bytes) -> str:
    return json.loads(frame)["type"]


def names_of(member: type[BaseModel]) -> tuple[str, ...]:
    return get_args(member.model_fields["type"].annotation)


def members_of(union: Any) -> tuple[type[BaseModel], ...]:
    return get_args(get_args(union)[0])


def model_of(name: str, union: Any) -> type[BaseModel]:
    return next(member for member in members_of(union) if name in names_of(member))


def strangers(value: object, path: str = "") -> Iterator[str]:
    """Yield the fields that the types do not have."""
    if isinstance(value, BaseModel):
        yield from (f"{path}.{name}".lstrip(".") for name in value.model_extra or {})
        for name in value.model_fields_set & set(type(value).model_fields):
            yield from strangers(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, list):
        for entry in value:
            yield from strangers(entry, path)


def test_the_samples_are_of_all_events():
    """No server event is left out of what is checked here."""
    assert {type(event) for event in SAID} == set(get_args(ServerEvent))


def test_ga_frames_fit_the_types_strictly():
    """Each GA frame is an instance of the SDK's model of that name, no value converted."""
    for frame in written(Ga(), GA_WITH_PICTURE):
        model_of(type_of(frame), GaEvent).model_validate_json(frame, strict=True)


def test_ga_frames_fit_the_union_that_agents_validate():
    """Each GA frame passes the adapter of the whole union, and comes back as the model of its name."""
    adapter: TypeAdapter[Any] = TypeAdapter(GaEvent)
    for frame in written(Ga(), GA_WITH_PICTURE):
        assert adapter.validate_json(frame).type == type_of(frame)


def test_ga_frames_hold_nothing_beside_the_protocol():
    """No field is there that neither the types nor the hosted service have."""
    frames = written(Ga(), GA_WITH_PICTURE)
    models = [model_of(type_of(frame), GaEvent).model_validate_json(frame) for frame in frames]
    found = {stranger for model in models for stranger in strangers(model)}
    assert found == GA_BESIDE_THE_TYPES


def test_ga_says_all_that_it_can():
    """Each GA event of a WebSocket without MCP, telephones or speakers told apart is among the frames."""
    names = {name for member in members_of(GaEvent) for name in names_of(member)}
    ends = (".segment", ".dtmf_event_received")
    unsaid = {name for name in names if "mcp" in name or name.startswith("output_audio_buffer.") or name.endswith(ends)}
    frames = {type_of(frame) for frame in written(Ga())}
    assert frames == names - unsaid - {"conversation.created", "conversation.item.created"}


def test_beta_frames_fit_the_types_strictly():
    """Each beta frame is an instance of the newest SDK's beta model of that name, no value converted."""
    for frame in written(Beta()):
        if type_of(frame) != "transcription_session.created":  # the SDK has no model of it
            model_of(type_of(frame), BetaEvent).model_validate_json(frame, strict=True)


def test_beta_frames_fit_the_union():
    """Each beta frame passes the adapter of the whole union, and comes back as the model of its name."""
    adapter: TypeAdapter[Any] = TypeAdapter(BetaEvent)
    for frame in written(Beta()):
        if type_of(frame) != "transcription_session.created":
            assert adapter.validate_json(frame).type == type_of(frame)


def test_beta_frames_hold_nothing_beside_the_protocol():
    """No field is there that neither the types nor the hosted service had."""
    frames = [frame for frame in written(Beta()) if type_of(frame) != "transcription_session.created"]
    models = [model_of(type_of(frame), BetaEvent).model_validate_json(frame) for frame in frames]
    found = {stranger for model in models for stranger in strangers(model)}
    assert found == BETA_BESIDE_THE_TYPES


def test_beta_frames_miss_nothing_that_the_first_types_require():
    """Each field that openai-python 1.59.3 requires is there, and each event that it knows is said."""
    frames = [json.loads(frame) for frame in written(Beta())]
    assert {frame["type"] for frame in frames} - LATER == set(REQUIRED)
    for frame in frames:
        missing = set(REQUIRED.get(frame["type"], ())) - frame.keys()
        assert not missing, (frame["type"], missing)
        if frame["type"] == "error":
            assert set(REQUIRED_OF_ERROR) <= frame["error"].keys()


@pytest.mark.parametrize("dialect", [Ga(), Beta()], ids=["ga", "beta"])
def test_a_session_with_a_forced_function_is_told(dialect: Ga | Beta):
    """A function that must be called is told as an object, in beta too, whose types know only words there."""
    event = events.SessionUpdated(id="sess_1", config=FORCED, expires_at=None)
    session = json.loads(dialect.write(event, CountingIds())[0])["session"]
    assert session["tool_choice"] == {"type": "function", "name": "look"}


@pytest.mark.parametrize("config", [PLAIN, FULL, TRANSCRIPTION], ids=["plain", "full", "transcription"])
def test_answers_with_ga_keys_fit_the_types(config: SessionConfig):
    """A session inside of a GA key fits the model of the answer."""
    session = Ga().session_view("sess_1", config, 1790726624)
    answer = {"value": "ek_1", "expires_at": 1790726624, "session": session}
    read = ClientSecretCreateResponse.model_validate(answer, strict=True)
    assert read.session.type == config.kind


def test_answers_with_beta_keys_fit_the_types():
    """A beta session with its key fits the model of the answer, of either kind."""
    secret = {"client_secret": {"value": "ek_1", "expires_at": 1}}
    session = {**Beta().session_view("sess_1", PLAIN, 1790726624), **secret}
    SessionCreateResponse.model_validate(session, strict=True)
    transcription = {**Beta().session_view("sess_1", TRANSCRIPTION, 1790726624), **secret}
    TranscriptionSession.model_validate(transcription, strict=True)
