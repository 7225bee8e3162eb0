"""What follows from what, where the scenes do not show it."""

import json

import msgspec
import pytest
from tests.scenarios.stage import Stage, sound

from antiphon.audio.formats import AudioFormat
from antiphon.generation.facts import UsageCounted
from antiphon.realtime.clause import SENT_MS
from antiphon.realtime.client_events import (
    AppendAudio,
    CancelResponse,
    ClearAudio,
    CommitAudio,
    CreateItem,
    CreateResponse,
    DeleteItem,
    RetrieveItem,
    TruncateItem,
    UpdateSession,
)
from antiphon.realtime.config import (
    ResponseOptions,
    RetentionRatio,
    ServerVad,
    SessionChanges,
    SessionConfig,
    Tool,
    Transcription,
)
from antiphon.realtime.effects import (
    CloseWork,
    EndSession,
    ForgetVoice,
    Generate,
    HushOthers,
    ReadLimits,
    Recognise,
    Send,
    Synthesise,
    WakeAt,
    Warm,
)
from antiphon.realtime.facts import Spoken, Tick
from antiphon.realtime.items import (
    AudioContent,
    FunctionOutputItem,
    ImageContent,
    MessageItem,
    TextContent,
)
from antiphon.realtime.limits import MOST_SPOKEN_CHARS, Abilities, SessionLimits
from antiphon.realtime.server_events import (
    AudioCommitted,
    AudioDelta,
    ErrorTold,
    ItemAdded,
    ItemRetrieved,
    OutputItemDone,
    RateLimitsUpdated,
    ResponseCreated,
    ResponseDone,
    SpeechStarted,
    SpeechStopped,
    StatusDetails,
    TextDelta,
    TranscriptDelta,
    TranscriptionCompleted,
    TranscriptionFailed,
    TurnTimed,
)

QUESTION = MessageItem(id="q", role="user", content=(TextContent("Hello!"),))
LONG = "It is five past nine, and the sun is up already. Shall we go for a walk in the park? Come along, then. "


def manual(**changes: object) -> SessionConfig:
    """Return a set-up without turn detection."""
    return msgspec.structs.replace(SessionConfig(model="m", turn_detection=None), **changes)


def asked(**changes: object) -> Stage:
    """Return a stage where the model was just asked for an answer."""
    stage = Stage(config=manual(**changes))
    stage.step(CreateItem(item=QUESTION))
    stage.step(CreateResponse())
    return stage


def speaking_turn(stage: Stage, ms: float = 600) -> None:
    """Let the user say something and pause for a moment."""
    stage.append(sound(ms))
    stage.append(sound(160, level=0))


def codes(stage: Stage) -> list[str | None]:
    """Return the codes of all errors."""
    return [error.fault.code for error in stage.errors()]


def prompts(stage: Stage) -> list[list[str]]:
    """Return the ids of the items of each prompt that the model was asked to answer."""
    return [[item.id for item in effect.prompt.items] for effect in stage.effects(Generate)]


class TestSpeculation:
    """Answers that begin before the turn is over."""

    def test_a_draft_is_adopted_with_all_that_it_made(self):
        """Nothing is asked twice, and the first audio goes out with the response's creation."""
        stage = Stage()
        speaking_turn(stage)
        stage.hears("Hello.")
        stage.writes(LONG)
        stage.speaks()
        assert stage.events(ResponseCreated) == []
        told = stage.append(sound(160, level=0))
        assert any(isinstance(event, AudioDelta) for event in told)
        assert len(stage.effects(Generate)) == 1

    def test_a_draft_speaks_no_more_than_its_first_clause(self):
        """What may be thrown away is to be little; afterwards one clause is made ahead."""
        stage = Stage()
        speaking_turn(stage)
        stage.hears("Hello.")
        stage.writes(LONG)
        assert len(stage.effects(Synthesise)) == 1
        stage.append(sound(160, level=0))
        assert len(stage.effects(Synthesise)) == 2
        stage.speaks()
        assert len(stage.effects(Synthesise)) == 3
        assert [effect.is_urgent for effect in stage.effects(Synthesise)] == [True, False, False]

    def test_a_draft_whose_prompt_was_too_long_is_adopted(self):
        """What was dropped for it is dropped for the response."""
        stage = Stage()
        for number in range(6):
            stage.step(CreateItem(item=msgspec.structs.replace(QUESTION, id=str(number))))
        speaking_turn(stage)
        stage.hears("What time is it?")
        stage.fails(Generate, overflow_tokens=10)
        stage.append(sound(160, level=0))
        assert prompts(stage) == [["0", "1", "2", "3", "4", "5", "item_1"], ["2", "3", "4", "5", "item_1"]]
        assert stage.has(Generate)
        assert len(stage.events(ResponseCreated)) == 1

    def test_a_draft_of_another_set_up_is_not_adopted(self):
        """The client changed its mind between the last word and the end of the turn."""
        stage = Stage()
        speaking_turn(stage)
        stage.hears("Hello.")
        stage.step(UpdateSession(changes=SessionChanges(instructions="Be rude.")))
        stage.append(sound(160, level=0))
        first, second = stage.effects(Generate)
        assert CloseWork(first.work_id) in stage.wanted
        assert second.prompt.instructions == "Be rude."

    def test_a_draft_of_another_conversation_is_not_adopted(self):
        """An item came in between."""
        stage = Stage()
        speaking_turn(stage)
        stage.hears("Hello.")
        stage.step(CreateItem(item=QUESTION))
        stage.append(sound(160, level=0))
        assert prompts(stage) == [["item_1"], ["q", "item_1"]]

    def test_nothing_is_begun_before_earlier_words_are_known(self):
        """The prompt would be another one."""
        stage = Stage()
        stage.append(sound(600))
        stage.step(CommitAudio())
        speaking_turn(stage)
        early, late = (effect.work_id for effect in stage.effects(Recognise))
        stage.open = {late: stage.open[late], early: stage.open[early]}
        stage.hears("The second.")
        assert stage.effects(Generate) == []
        stage.append(sound(160, level=0))
        stage.hears("The first.")
        assert prompts(stage) == [["item_1", "item_2"]]

    def test_one_recognition_at_most_is_begun_early(self):
        """Each pause of the user drops the one before."""
        stage = Stage()
        for _ in range(4):
            speaking_turn(stage)
            assert sum(isinstance(work, Recognise) for work in stage.open.values()) == 1
        assert len(stage.effects(Recognise)) == 4

    def test_a_turn_that_nobody_answers_begins_no_answer(self):
        """`create_response` is off."""
        stage = Stage(config=SessionConfig(model="m", turn_detection=ServerVad(create_response=False)))
        speaking_turn(stage)
        stage.hears("Hello.")
        stage.append(sound(160, level=0))
        assert stage.effects(Generate) == []
        assert stage.effects(HushOthers) == []


class TestTurns:
    """The user's voice, and what follows from it."""

    def test_who_speaks_again_before_the_answer_is_answered_once(self):
        """Both turns are in the prompt of the one response."""
        stage = Stage()
        speaking_turn(stage)
        stage.append(sound(160, level=0))
        speaking_turn(stage)
        stage.hears("The first.")
        stage.hears("The second.")
        stage.append(sound(160, level=0))
        assert len(stage.events(ResponseCreated)) == 1
        assert prompts(stage)[-1] == ["item_1", "item_2"]

    def test_a_turn_over_an_answer_that_may_not_be_interrupted_is_answered_after_it(self):
        """Rather than not at all."""
        stage = Stage(config=SessionConfig(model="m", turn_detection=ServerVad(interrupt_response=False)))
        stage.step(CreateResponse())
        stage.writes("I am")
        speaking_turn(stage)
        stage.append(sound(160, level=0))
        stage.hears("Hello.")
        assert len(stage.events(ResponseCreated)) == 1
        stage.finishes()
        stage.speaks_everything()
        assert [event.response.status for event in stage.events(ResponseDone)] == ["completed"]
        assert len(stage.events(ResponseCreated)) == 2
        assert prompts(stage)[-1] == ["item_2", "item_1"]

    def test_a_client_that_asks_first_has_the_one_answer(self):
        """What was said in the turn is not answered a second time."""
        stage = Stage()
        speaking_turn(stage)
        stage.append(sound(160, level=0))
        stage.step(CreateResponse())
        stage.hears("Hello.")
        assert len(stage.events(ResponseCreated)) == 1
        assert len(stage.effects(Generate)) == 1

    def test_clearing_the_buffer_drops_the_turn(self):
        """The voice that goes on begins another one."""
        stage = Stage()
        stage.append(sound(600))
        stage.step(ClearAudio())
        assert ForgetVoice() in stage.wanted
        stage.append(sound(600))
        started = stage.events(SpeechStarted)
        assert [event.item_id for event in started] == ["item_1", "item_2"]
        assert started[1].audio_start_ms == 600
        assert stage.events(SpeechStopped) == []

    def test_committing_in_the_turn_keeps_its_item(self):
        """The item is the one that was announced."""
        stage = Stage()
        stage.append(sound(600))
        stage.step(CommitAudio())
        assert [event.item_id for event in stage.events(AudioCommitted)] == ["item_1"]

    def test_turning_detection_off_leaves_the_audio_to_the_client(self):
        """What was said so far can be committed."""
        stage = Stage()
        stage.append(sound(600))
        stage.step(UpdateSession(changes=SessionChanges(turn_detection=None)))
        stage.append(sound(600))
        stage.step(CommitAudio())
        (item,) = (event.item for event in stage.events(ItemAdded))
        assert isinstance(item, MessageItem)
        assert isinstance(item.content[0], AudioContent)
        assert item.content[0].duration_ms == 1200
        assert stage.events(SpeechStopped) == []

    def test_an_interruption_silences_the_echo(self):
        """The client flushes its player, so that nothing of ours is heard in what follows."""
        stage = Stage()
        stage.step(CreateResponse())
        stage.writes(LONG)
        stage.speaks()
        ears = stage.session._parts.ears
        assert ears.playback.unplayed_ms(600) > 0
        stage.append(sound(600, level=0.8))
        assert ears.playback.unplayed_ms(stage.now_ms) == 0

    def test_a_turn_goes_on_where_only_its_consequences_change(self):
        """Who may be answered is no reason to hear anew."""
        stage = Stage()
        stage.append(sound(600))
        changes = SessionChanges(turn_detection=ServerVad(create_response=False))
        stage.step(UpdateSession(changes=changes))
        stage.append(sound(320, level=0))
        assert [event.item_id for event in stage.events(SpeechStopped)] == ["item_1"]
        assert ForgetVoice() not in stage.wanted
        stage.hears("Hello.")
        assert stage.events(ResponseCreated) == []

    def test_the_stages_of_a_turn_are_told_before_its_response_is_done(self):
        """Counted from the last voiced frame, in the order in which they happened."""
        stage = Stage()
        speaking_turn(stage)
        stage.wait(100)
        stage.hears("Hello.")
        stage.append(sound(160, level=0))
        stage.wait(50)
        stage.writes("Good day. ")
        stage.finishes()
        stage.wait(70)
        stage.speaks_everything()
        (timed,) = stage.events(TurnTimed)
        assert stage.sent.index(timed) < stage.sent.index(stage.events(ResponseDone)[0])
        assert list(timed.stages_ms) == [
            "end_suspected",
            "recognised",
            "turn_ended",
            "first_token",
            "first_clause",
            "first_audio",
        ]
        stages = list(timed.stages_ms.values())
        assert stages == sorted(stages)
        assert stages[1] - stages[0] == 100
        assert stages[-1] - stages[-2] == 70

    def test_others_are_hushed_from_the_pause_to_the_first_sound(self):
        """And no longer."""
        stage = Stage()
        stage.append(sound(600))
        assert not stage.is_hushing
        stage.append(sound(320, level=0))
        assert stage.is_hushing
        stage.hears("Hello.")
        stage.writes("Good day. ")
        stage.finishes()
        assert stage.is_hushing
        stage.speaks()
        assert not stage.is_hushing

    def test_a_voice_that_fills_the_buffer_ends_its_turn(self):
        """Nobody is heard for ever; the next words are another turn."""
        stage = Stage(limits=SessionLimits(max_buffer_bytes=96_000))
        for _ in range(5):
            stage.append(sound(500))
        assert len(stage.events(AudioCommitted)) == 1
        assert stage.errors() == []


class TestResponses:
    """One after the other, each to its end."""

    def test_limits_are_read_right_after_the_response_is_done(self):
        """With the tokens that it took."""
        stage = asked(output_modalities=("text",))
        stage.writes("Good day.")
        stage.finishes(usage=UsageCounted(40, 2))
        place = stage.wanted.index(Send(stage.events(ResponseDone)[0]))
        assert stage.wanted[place + 1] == ReadLimits(42)
        assert isinstance(stage.sent[-1], RateLimitsUpdated)

    def test_two_clauses_at_most_are_made_and_not_sent(self):
        """The answer may be long; what is held of it is not."""
        stage = asked()
        stage.writes(LONG * 5)
        while stage.has(Synthesise):
            assert sum(isinstance(work, Synthesise) for work in stage.open.values()) <= 2
            stage.speaks()

    def test_nobody_speaks_without_end(self):
        """A response that is as long as it may be is incomplete, its work is closed, and the session goes on."""
        stage = Stage(config=manual(), limits=SessionLimits(max_spoken_ms=200.0))
        stage.step(CreateResponse())
        stage.writes(LONG * 5)
        stage.speaks_everything()
        (done,) = stage.events(ResponseDone)
        assert (done.response.status, done.response.details) == (
            "incomplete",
            StatusDetails(reason="max_output_tokens"),
        )
        assert 200 <= sum(len(event.audio) for event in stage.events(AudioDelta)) / 48 < 200 + SENT_MS
        assert not stage.open
        stage.step(CreateResponse())
        assert len(stage.events(ResponseCreated)) == 2

    def test_an_answer_is_three_minutes_long_at_most(self):
        """Though nobody named a bound: the audio of 4,096 tokens takes about as long."""
        stage = asked()
        stage.writes(LONG * 45)
        stage.finishes()
        stage.speaks_everything()
        (done,) = stage.events(ResponseDone)
        assert done.response.details == StatusDetails(reason="max_output_tokens")
        assert 180_000 <= sum(len(event.audio) for event in stage.events(AudioDelta)) / 48 < 180_000 + SENT_MS

    def test_a_model_that_never_ends_is_stopped_before_it_is_spoken(self):
        """What it would write after what can be spoken is not waited for; the call of a function is no speech."""
        stage = Stage(config=manual(), limits=SessionLimits(max_spoken_ms=3_600_000.0))
        stage.step(CreateResponse())
        stage.calls("note", json.dumps({"text": LONG * 60}))
        stage.writes(LONG * 52)
        assert stage.has(Generate)
        stage.writes(LONG)
        assert not stage.has(Generate)
        stage.speaks_everything()
        (done,) = stage.events(ResponseDone)
        assert (done.response.status, done.response.details) == (
            "incomplete",
            StatusDetails(reason="max_output_tokens"),
        )
        said = "".join(event.delta for event in stage.events(TranscriptDelta))
        assert (LONG * 53).startswith(said)
        assert len(said) >= MOST_SPOKEN_CHARS

    def test_a_written_answer_is_as_long_as_the_model_makes_it(self):
        """Nobody waits until it was spoken."""
        stage = asked(output_modalities=("text",))
        stage.writes(LONG * 60)
        stage.finishes()
        (done,) = stage.events(ResponseDone)
        assert done.response.status == "completed"

    @pytest.mark.parametrize("max_ahead_ms", [80.0, 500.0])
    def test_audio_runs_no_further_ahead_than_it_may(self, max_ahead_ms: float):
        """At no instant is more sent than was played, and that much."""
        stage = Stage(config=manual(), limits=SessionLimits(max_ahead_ms=max_ahead_ms))
        stage.step(CreateResponse())
        stage.writes(LONG)
        stage.finishes()
        stage.speaks_everything()
        while stage.has(Synthesise) or not stage.events(ResponseDone):
            sent_ms = sum(len(event.audio) for event in stage.events(AudioDelta)) / 48
            assert sent_ms - stage.now_ms <= max_ahead_ms
            stage.wait(37)
            stage.speaks_everything()
        assert stage.events(ResponseDone)[0].response.status == "completed"

    def test_a_slow_synthesiser_is_not_waited_for_twice(self):
        """After a gap in playback audio may run ahead from there."""
        stage = Stage(config=manual(), limits=SessionLimits(max_ahead_ms=160.0))
        stage.step(CreateResponse())
        stage.writes(LONG)
        stage.wait(5000)
        stage.speaks()
        assert sum(len(event.audio) for event in stage.events(AudioDelta)) / 48 == 160

    @pytest.mark.parametrize("output_format", [AudioFormat.MULAW, AudioFormat.ALAW])
    def test_telephones_get_their_format(self, output_format: AudioFormat):
        """One byte a sample, 8,000 a second."""
        stage = asked(output_format=output_format)
        stage.writes("Good day. ")
        stage.finishes()
        stage.speaks()
        assert sum(len(event.audio) for event in stage.events(AudioDelta)) == 2 * 1600
        (done,) = stage.events(OutputItemDone)
        assert isinstance(done.item, MessageItem)
        assert isinstance(done.item.content[0], AudioContent)
        assert done.item.content[0].duration_ms == 400

    def test_nothing_of_a_cancelled_response_is_heard(self):
        """Whatever the engines still tell."""
        stage = asked()
        stage.writes(LONG)
        speech = stage.find(Synthesise)
        stage.step(CancelResponse())
        assert stage.open == {}
        assert stage.step(Spoken(work_id=speech.work_id, samples=bytes(48_000), rate_hz=24_000)) == []

    def test_a_response_that_waits_for_words_can_be_cancelled(self):
        """Nothing is asked of the model then."""
        stage = Stage(config=manual())
        stage.append(sound(500))
        stage.step(CommitAudio())
        stage.step(CreateResponse())
        stage.step(CancelResponse())
        stage.hears("Hello.")
        assert stage.effects(Generate) == []
        assert [event.response.status for event in stage.events(ResponseDone)] == ["cancelled"]

    def test_items_that_come_meanwhile_are_in_the_next_prompt(self):
        """They are announced after the response, before anything that follows from its end."""
        stage = asked(output_modalities=("text",))
        stage.calls("look_up", "{}")
        stage.step(CreateItem(item=FunctionOutputItem(id="late", call_id="call_1", output="x")))
        stage.step(DeleteItem(item_id="late"))
        stage.step(CreateItem(item=msgspec.structs.replace(QUESTION, id="r"), previous_item_id="q"))
        assert len(stage.events(ItemAdded)) == 2
        stage.finishes("tool_calls")
        assert [event.item.id for event in stage.events(ItemAdded)] == ["q", "item_1", "late", "r"]
        stage.step(CreateResponse())
        assert prompts(stage)[-1] == ["q", "r", "item_1"]

    def test_parallel_responses_have_a_bound(self):
        """One too many is refused."""
        stage = Stage(config=manual(), limits=SessionLimits(max_parallel_responses=2))
        for _ in range(3):
            stage.step(CreateResponse(options=ResponseOptions(is_out_of_band=True)))
        assert codes(stage) == ["too_many_active_responses"]

    def test_audio_in_an_input_is_heard_for_that_response_alone(self):
        """Its words are forgotten with it."""
        content = AudioContent(audio=sound(400), format=AudioFormat.PCM16)
        item = MessageItem(id="", role="user", content=(content,))
        stage = Stage(config=manual(transcription=Transcription(model="whisper-1"), output_modalities=("text",)))
        stage.step(CreateResponse(options=ResponseOptions(is_out_of_band=True, input=(item,))))
        stage.hears("Where is Toronto?")
        stage.writes("In Canada.")
        stage.finishes()
        assert stage.events(TextDelta)
        assert stage.events(TranscriptionCompleted) == []
        assert stage.session._parts.hearing._heard == {}

    def test_an_input_is_not_mistaken_for_what_it_is_named_after(self):
        """Its ids are the client's, and may be those of items in the conversation."""
        audio = AudioContent(audio=sound(400), format=AudioFormat.PCM16)
        item = MessageItem(id="a", role="user", content=(audio,))
        stage = Stage(config=manual(transcription=Transcription(model="whisper-1")))
        stage.step(CreateItem(item=item))
        stage.step(CreateResponse(options=ResponseOptions(is_out_of_band=True, input=(item, item))))
        for words in ("The item.", "The input.", "Once more."):
            stage.hears(words)
        asked_for = stage.effects(Generate)[0].prompt.items
        assert [part.transcript for item in asked_for for part in item.content] == ["The input.", "Once more."]
        stage.writes("Yes.")
        stage.finishes()
        stage.speaks_everything()
        assert [event.transcript for event in stage.events(TranscriptionCompleted)] == ["The item."]
        stage.step(CreateResponse())
        assert prompts(stage)[-1] == ["a"]

    def test_a_budget_of_tokens_is_kept_before_anything_is_asked(self):
        """What goes beyond it is not shown to the model again."""
        truncation = RetentionRatio(ratio=0.5, post_instructions_tokens=50)
        stage = Stage(config=manual(output_modalities=("text",), truncation=truncation))
        for number in range(12):
            stage.step(CreateItem(item=msgspec.structs.replace(QUESTION, id=str(number))))
        stage.step(CreateResponse())
        assert prompts(stage) == [["6", "7", "8", "9", "10", "11"]]

    def test_a_prompt_that_never_fits_fails_after_some_cuts(self):
        """The oldest items go, more at each cut, and the last one stays."""
        stage = Stage(config=manual(output_modalities=("text",)))
        for number in range(40):
            stage.step(CreateItem(item=msgspec.structs.replace(QUESTION, id=str(number))))
        stage.step(CreateResponse())
        while stage.has(Generate):
            stage.fails(Generate, overflow_tokens=3)
        sizes = [len(items) for items in prompts(stage)]
        assert sizes == sorted(sizes, reverse=True)
        assert len(sizes) <= 7
        assert [event.response.status for event in stage.events(ResponseDone)] == ["failed"]


class TestWarmth:
    """The prompt is computed before it is needed."""

    def test_what_changes_the_prompt_warms_it(self):
        """After a response, a truncation, a deletion, an update."""
        stage = asked()
        num_warm = [len(stage.effects(Warm))]
        stage.writes("Good day to you.")
        stage.finishes()
        stage.speaks_everything()
        for event in (
            TruncateItem(item_id="item_1", content_index=0, audio_end_ms=300),
            DeleteItem(item_id="item_1"),
            UpdateSession(changes=SessionChanges(instructions="Be brief.")),
        ):
            num_warm.append(len(stage.effects(Warm)))
            stage.step(event)
        num_warm.append(len(stage.effects(Warm)))
        assert num_warm == [1, 2, 3, 4, 5]

    def test_the_same_prompt_is_warmed_once(self):
        """There is nothing new to compute."""
        stage = Stage()
        stage.append(sound(600))
        stage.step(UpdateSession(changes=SessionChanges(transcription=Transcription(model="whisper-1"))))
        assert len(stage.effects(Warm)) == 1


class TestWords:
    """What is said, and who may read it."""

    def test_words_that_were_not_asked_for_stay_inside(self):
        """The item shows none."""
        stage = Stage(config=manual())
        stage.append(sound(500))
        stage.step(CommitAudio())
        stage.hears("Hello.")
        (shown,) = stage.step(RetrieveItem(item_id="item_1"))
        assert isinstance(shown, ItemRetrieved)
        assert isinstance(shown.item, MessageItem)
        assert isinstance(shown.item.content[0], AudioContent)
        assert shown.item.content[0].transcript is None
        assert stage.events(TranscriptionCompleted) == []

    def test_words_are_told_in_the_order_of_commits(self):
        """A recogniser that is done early with the second waits, and a failure holds nobody up."""
        stage = Stage(config=manual(transcription=Transcription(model="whisper-1")))
        for _ in range(3):
            stage.append(sound(500))
            stage.step(CommitAudio())
        stage.open = dict(reversed(stage.open.items()))
        stage.hears("Third.")
        stage.hears("Second.")
        assert stage.events(TranscriptionCompleted) == []
        stage.fails(Recognise)
        ended = [event for event in stage.sent if isinstance(event, TranscriptionCompleted | TranscriptionFailed)]
        assert [(type(event), event.item_id) for event in ended] == [
            (TranscriptionFailed, "item_1"),
            (TranscriptionCompleted, "item_2"),
            (TranscriptionCompleted, "item_3"),
        ]

    def test_nothing_is_told_of_a_deleted_item(self):
        """Its recognition ends, and the next ones go on."""
        stage = Stage(config=manual(transcription=Transcription(model="whisper-1")))
        for _ in range(2):
            stage.append(sound(500))
            stage.step(CommitAudio())
        stage.step(DeleteItem(item_id="item_1"))
        stage.hears("Second.")
        assert [event.item_id for event in stage.events(TranscriptionCompleted)] == ["item_2"]

    def test_words_that_the_client_gave_are_not_recognised_again(self):
        """A transcript that comes with the audio is taken."""
        content = AudioContent(audio=sound(400), format=AudioFormat.PCM16, transcript="Hello.")
        stage = Stage(config=manual())
        stage.step(CreateItem(item=MessageItem(id="a", role="user", content=(content,))))
        stage.step(CreateResponse())
        assert stage.effects(Recognise) == []
        assert prompts(stage) == [["a"]]


class TestRefusals:
    """Nothing is done by halves."""

    @pytest.mark.parametrize(
        ("abilities", "event"),
        [
            (
                Abilities(),
                CreateItem(item=MessageItem(id="i", role="user", content=(ImageContent("data:image/png;base64,"),))),
            ),
            (
                Abilities(),
                CreateItem(
                    item=MessageItem(
                        id="i", role="assistant", content=(AudioContent(audio=b"", format=AudioFormat.PCM16),)
                    )
                ),
            ),
            (Abilities(calls_tools=False), UpdateSession(changes=SessionChanges(tools=(Tool(name="go"),)))),
            (Abilities(calls_tools=False), CreateResponse(options=ResponseOptions(tools=(Tool(name="go"),)))),
        ],
    )
    def test_what_the_model_cannot_do_is_refused(self, abilities: Abilities, event: object):
        """In words, with nothing done."""
        stage = Stage(config=manual(), abilities=abilities)
        told = stage.step(event)  # type: ignore[arg-type]
        assert [type(told_event) for told_event in told] == [ErrorTold]

    def test_what_only_transcribes_cannot_begin_to_answer(self):
        """It has no model; the other way round a session may change."""
        stage = Stage(config=manual())
        stage.step(UpdateSession(changes=SessionChanges(kind="transcription")))
        assert stage.session.config.kind == "transcription"
        stage.step(UpdateSession(changes=SessionChanges(kind="realtime", instructions="Be brief.")))
        assert codes(stage) == ["invalid_session_type"]
        assert stage.session.config.instructions == ""

    def test_a_conversation_has_a_bound(self):
        """Items that wait are counted too."""
        stage = Stage(config=manual(), limits=SessionLimits(max_items=2))
        stage.step(CreateItem(item=QUESTION))
        stage.step(CreateResponse())
        stage.step(CreateItem(item=msgspec.structs.replace(QUESTION, id="r")))
        stage.step(CreateItem(item=msgspec.structs.replace(QUESTION, id="s"), event_id="e"))
        assert [(error.fault.code, error.cause) for error in stage.errors()] == [("conversation_full", "e")]

    def test_a_full_buffer_takes_no_more(self):
        """Without turn detection only the client can make room."""
        stage = Stage(config=manual(), limits=SessionLimits(max_buffer_bytes=48_000))
        stage.step(AppendAudio(audio=sound(900)))
        stage.step(AppendAudio(audio=sound(200), event_id="e"))
        stage.step(CommitAudio())
        assert codes(stage) == ["input_audio_buffer_full"]
        assert len(stage.events(AudioCommitted)) == 1

    def test_a_voice_of_the_conversation_holds_for_its_responses(self):
        """Out of band it may be another one."""
        stage = asked()
        stage.writes("Good day. ")
        stage.finishes()
        stage.speaks()
        stage.step(CreateResponse(options=ResponseOptions(voice="echo", is_out_of_band=True)))
        assert codes(stage) == []
        stage.step(CreateResponse(options=ResponseOptions(voice="echo")))
        assert codes(stage) == ["cannot_update_voice"]


class TestLifetime:
    """From the first instant to the last."""

    def test_the_session_wakes_for_its_end(self):
        """And does nothing afterwards."""
        stage = Stage(limits=SessionLimits(max_session_ms=900_000))
        assert stage.wakes_at_ms == 900_000
        stage.wait(900_000)
        assert stage.ended == EndSession(1001, "Your session hit the maximum duration of 15 minutes.")
        assert stage.session.step(CreateResponse()) == []
        assert stage.session.step(Tick(1_000_000)) == []

    def test_an_alarm_that_rang_too_early_is_set_again(self):
        """Clocks round; the time still comes."""
        stage = Stage(limits=SessionLimits(max_session_ms=900_000))
        stage.step(Tick(899_999.9999))
        assert stage.ended is None
        assert stage.wanted[-1] == WakeAt(900_000)

    def test_a_session_without_an_end_needs_no_waking(self):
        """There is nothing to wait for."""
        assert Stage().wakes_at_ms is None

    def test_all_work_is_closed_at_the_end(self):
        """A session that is over leaves nothing running."""
        stage = Stage(limits=SessionLimits(max_session_ms=60_000))
        speaking_turn(stage)
        stage.wait(60_000)
        assert stage.open == {}
        assert not stage.is_hushing
