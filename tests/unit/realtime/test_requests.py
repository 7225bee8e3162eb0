"""What of the set-up, of responses and of items is refused, and why."""

import json

import msgspec
import pytest
from tests.scenarios.stage import Stage, sound

from antiphon.audio.formats import AudioFormat
from antiphon.realtime.client_events import (
    ClearAudio,
    CreateItem,
    CreateResponse,
    DeleteItem,
    UpdateSession,
)
from antiphon.realtime.config import ResponseOptions, SessionChanges, SessionConfig, Transcription
from antiphon.realtime.dialects.beta import Beta
from antiphon.realtime.dialects.dialect import Dialect
from antiphon.realtime.dialects.ga import Ga
from antiphon.realtime.items import FunctionCallItem, FunctionOutputItem, ItemReference
from antiphon.realtime.limits import Abilities
from antiphon.realtime.server_events import ItemAdded, ResponseCreated, SessionUpdated
from antiphon.testing.ids import CountingIds

CALL = FunctionCallItem(id="call", call_id="call_1", name="look_up", arguments="{}")
OUTPUT = FunctionOutputItem(id="output", call_id="call_1", output="Rain.")


def manual(**changes: object) -> Stage:
    """Return a session without turn detection."""
    return Stage(config=msgspec.structs.replace(SessionConfig(model="m", turn_detection=None), **changes))


def manual_with(abilities: Abilities) -> Stage:
    """Return a session without turn detection, with these abilities."""
    return Stage(config=SessionConfig(model="m", turn_detection=None), abilities=abilities)


def codes(stage: Stage) -> list[str | None]:
    """Return the codes of all errors."""
    return [error.fault.code for error in stage.errors()]


class TestFunctionOutputs:
    """What a client's function gave belongs to a call."""

    def test_of_a_call_that_nobody_made_it_is_refused(self):
        """As the hosted service refuses it, in its words."""
        stage = manual()
        stage.step(CreateItem(item=OUTPUT, event_id="mine"))
        (error,) = stage.errors()
        assert (error.fault.code, error.cause) == ("invalid_tool_call_id", "mine")
        assert error.fault.message.startswith("Tool call ID 'call_1' not found in conversation.")
        assert stage.events(ItemAdded) == []

    def test_of_a_call_that_the_client_made_it_is_taken(self):
        """Until the call is deleted."""
        stage = manual()
        stage.step(CreateItem(item=CALL))
        stage.step(CreateItem(item=OUTPUT))
        stage.step(DeleteItem(item_id="call"))
        stage.step(CreateItem(item=msgspec.structs.replace(OUTPUT, id="again")))
        assert [event.item.id for event in stage.events(ItemAdded)] == ["call", "output"]
        assert codes(stage) == ["invalid_tool_call_id"]

    def test_it_may_wait_with_its_call(self):
        """Both came while the model answered."""
        stage = manual(output_modalities=("text",))
        stage.step(CreateResponse())
        stage.step(CreateItem(item=CALL))
        stage.step(CreateItem(item=OUTPUT))
        stage.writes("Hello.")
        stage.finishes()
        assert [event.item.id for event in stage.events(ItemAdded)][-2:] == ["call", "output"]
        assert codes(stage) == []

    def test_in_the_input_of_a_response_its_call_comes_before_it(self):
        """The input takes the conversation's place, where the call may be known all the same."""
        stage = manual(output_modalities=("text",))
        stage.step(CreateItem(item=CALL))
        stage.step(CreateResponse(options=ResponseOptions(is_out_of_band=True, input=(OUTPUT,))))
        assert codes(stage) == ["invalid_tool_call_id"]
        assert stage.events(ResponseCreated) == []
        stage.step(CreateResponse(options=ResponseOptions(is_out_of_band=True, input=(ItemReference("call"), OUTPUT))))
        assert len(stage.events(ResponseCreated)) == 1


def test_a_long_recording_keeps_its_format():
    """To convert it would keep everybody waiting; once it is cleared, the format may change."""
    stage = manual()
    stage.append(sound(61_000))
    change = UpdateSession(changes=SessionChanges(input_format=AudioFormat.MULAW))
    stage.step(change)
    assert (codes(stage), stage.events(SessionUpdated)) == (["cannot_update_format"], [])
    stage.step(ClearAudio())
    stage.step(change)
    assert len(stage.events(SessionUpdated)) == 1


class TestTranscriptionModels:
    """Whoever hears is whom the client named, or it is told."""

    @pytest.mark.parametrize(
        ("dialect", "param"),
        [
            (Ga(), "session.audio.input.transcription.model"),
            (Beta(), "session.input_audio_transcription.model"),
        ],
    )
    def test_a_name_that_nobody_hears_by_is_refused(self, dialect: Dialect, param: str):
        """Nothing changes, and it is said where the name stands in the client's dialect."""
        stage = manual_with(Abilities(recognises=lambda name: name == "whisper-1"))
        wish = Transcription(model="no-such-model")
        stage.step(UpdateSession(changes=SessionChanges(transcription=wish, instructions="Be brief.")))
        (error,) = stage.errors()
        assert error.fault.code == "invalid_value"
        assert "'no-such-model' is no transcription model" in error.fault.message
        assert "GET /v1/models" in error.fault.message
        (frame,) = dialect.write(error, CountingIds())
        assert json.loads(frame)["error"]["param"] == param
        stage.step(UpdateSession(changes=SessionChanges(transcription=Transcription(model="whisper-1"))))
        (updated,) = stage.events(SessionUpdated)
        assert (updated.config.transcription, updated.config.instructions) == (Transcription(model="whisper-1"), "")

    def test_no_transcription_is_no_name(self):
        """It is turned off where it was on."""
        stage = manual_with(Abilities(recognises=lambda _name: False))
        stage.step(UpdateSession(changes=SessionChanges(transcription=None)))
        assert stage.errors() == []
