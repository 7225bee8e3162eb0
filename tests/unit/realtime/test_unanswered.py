"""Who was not answered yet, and who says nothing."""

from tests.scenarios.stage import Stage, sound

from antiphon.realtime.client_events import CreateItem, CreateResponse, TruncateItem, UpdateSession
from antiphon.realtime.config import ServerVad, SessionChanges, SessionConfig
from antiphon.realtime.effects import Generate, Recognise
from antiphon.realtime.items import MessageItem, TextContent
from antiphon.realtime.server_events import IdleTimedOut, ItemAdded, ResponseCreated, ResponseDone, SpeechStarted

IDLE = ServerVad(idle_timeout_ms=5000)
QUESTION = MessageItem(id="q", role="user", content=(TextContent("Hello!"),))


def turn(stage: Stage) -> None:
    """Let the user say something and be silent."""
    stage.append(sound(600))
    stage.append(sound(400, level=0))


def answered(detection: ServerVad) -> Stage:
    """Return a stage where the model has said a second of something, and nothing more is to come."""
    stage = Stage(config=SessionConfig(model="m", turn_detection=detection))
    stage.step(CreateItem(item=QUESTION))
    stage.step(CreateResponse())
    stage.writes("It is five past nine.")
    stage.finishes()
    stage.speaks_everything()
    return stage


def prompts(stage: Stage) -> list[list[str]]:
    """Return the ids of the items of each prompt that the model was asked to answer."""
    return [[item.id for item in effect.prompt.items] for effect in stage.effects(Generate)]


def test_a_noise_before_the_answer_does_not_swallow_the_question():
    """The user asks, and coughs while the words are still unknown."""
    stage = Stage()
    turn(stage)
    turn(stage)
    assert stage.events(ResponseCreated) == []
    stage.hears("What time is it?")
    stage.hears("")
    assert len(stage.events(ResponseCreated)) == 1
    assert prompts(stage)[-1] == ["item_1"]


def test_a_noise_that_broke_off_an_answer_nobody_heard_brings_it_back():
    """The response was there, and had not said anything."""
    stage = Stage()
    turn(stage)
    stage.hears("What time is it?")
    turn(stage)
    assert [event.response.status for event in stage.events(ResponseDone)] == ["cancelled"]
    stage.hears("")
    assert len(stage.events(ResponseCreated)) == 2
    assert prompts(stage)[-1] == ["item_1"]


def test_a_noise_over_an_answer_that_is_heard_ends_it():
    """What the model said so far stands, and it does not begin again."""
    stage = Stage()
    turn(stage)
    stage.hears("What time is it?")
    stage.writes("It is five past nine, and the sun is up. ")
    stage.speaks()
    stage.wait(3000)
    turn(stage)
    stage.hears("")
    assert len(stage.events(ResponseCreated)) == 1


def test_nobody_is_taken_for_idle_while_speaking():
    """Though the answer may not be interrupted, and ended before the user did."""
    stage = answered(ServerVad(idle_timeout_ms=5000, interrupt_response=False))
    stage.wait(2000)
    for _ in range(8):
        stage.append(sound(1000))
    assert len(stage.events(SpeechStarted)) == 1
    assert stage.events(IdleTimedOut) == []


def test_a_noise_lets_the_silence_begin_anew():
    """Nothing was said in it, so that the model goes on alone all the same."""
    stage = answered(IDLE)
    stage.wait(2000)
    turn(stage)
    stage.hears("")
    stage.wait(4000)
    assert stage.events(IdleTimedOut) == []
    stage.wait(1500)
    assert len(stage.events(IdleTimedOut)) == 1


def test_a_session_that_only_transcribes_answers_nothing_more():
    """Neither what was said before it was one, nor silence."""
    stage = answered(IDLE)
    stage.wait(2000)
    turn(stage)
    stage.step(UpdateSession(changes=SessionChanges(kind="transcription")))
    stage.hears("What time is it?")
    stage.wait(20_000)
    assert len(stage.events(ResponseCreated)) == 1
    assert stage.events(IdleTimedOut) == []
    assert not stage.is_hushing
    assert stage.session._wakes_at_ms is None


def test_a_timeout_that_is_taken_back_is_none():
    """The set-up counts that holds when the time has come."""
    stage = answered(IDLE)
    stage.step(UpdateSession(changes=SessionChanges(turn_detection=ServerVad())))
    stage.wait(20_000)
    assert stage.events(IdleTimedOut) == []


def test_a_long_turn_is_recognised_at_its_end_and_no_sooner():
    """Or else each of its pauses would have all of it recognised again."""
    stage = Stage()
    num_before = list[int]()
    for _ in range(70):
        stage.append(sound(800))
        stage.append(sound(160, level=0))
        num_before.append(len(stage.effects(Recognise)))
    assert num_before[:62] == list(range(1, 63))
    assert num_before[62:] == [num_before[61]] * 8
    stage.append(sound(400, level=0))
    stage.hears("All of it.")
    assert len(stage.effects(Recognise)) == num_before[-1] + 1
    assert len(stage.events(SpeechStarted)) == len(stage.events(ResponseCreated)) == 1


def test_our_audio_is_over_when_the_microphone_comes_back():
    """A client that keeps quiet while we speak sends nothing; then the user says 'yes', and is heard at once."""
    stage = answered(ServerVad())
    stage.wait(4000)
    stage.append(sound(160, level=0))
    stage.append(sound(160))
    assert len(stage.events(SpeechStarted)) == 1


def test_who_says_what_was_heard_has_stopped_the_player():
    """After `conversation.item.truncate` nothing of ours can be heard."""
    stage = answered(ServerVad())
    playback = stage.session._parts.ears.playback
    assert playback.unplayed_ms(stage.now_ms) > 0
    (item,) = (event.item for event in stage.events(ItemAdded) if event.item.id != "q")
    stage.step(TruncateItem(item_id=item.id, content_index=0, audio_end_ms=100))
    assert playback.unplayed_ms(stage.now_ms) == 0
