"""Whatever clients and engines do, in whatever order: what holds for every session."""

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.scenarios.stage import FAULT, Stage, sound, spoken

from antiphon.audio.formats import AudioFormat
from antiphon.generation.facts import TextProduced, UsageCounted
from antiphon.realtime.client_events import (
    AppendAudio,
    CancelResponse,
    ClearAudio,
    ClearOutput,
    CommitAudio,
    CreateItem,
    CreateResponse,
    DeleteItem,
    MalformedEvent,
    RetrieveItem,
    TruncateItem,
    UpdateSession,
)
from antiphon.realtime.config import (
    ResponseOptions,
    SemanticVad,
    ServerVad,
    SessionChanges,
    SessionConfig,
    Transcription,
)
from antiphon.realtime.effects import Generate, JudgeTurn, Recognise, Synthesise
from antiphon.realtime.facts import (
    Generated,
    GenerationDone,
    RecognitionDone,
    SynthesisDone,
    TurnJudged,
    WordsHeard,
    WorkFailed,
)
from antiphon.realtime.items import (
    AudioContent,
    FunctionOutputItem,
    ItemReference,
    MessageItem,
    TextContent,
)
from antiphon.realtime.limits import Abilities, SessionLimits
from antiphon.realtime.server_events import (
    AudioCommitted,
    AudioDelta,
    AudioDone,
    ContentPartDone,
    ErrorTold,
    ItemAdded,
    ItemDeleted,
    OutputItemAdded,
    OutputItemDone,
    ResponseCreated,
    ResponseDone,
    ServerEvent,
    TranscriptDelta,
    TranscriptionCompleted,
    TranscriptionFailed,
)

TEXTS = (
    "Yes.",
    "It is five past nine, and the sun is up already. ",
    "Well, let me see. One two three four five. ",
    " ",
)
CALL = '{"city": "Oslo"}'
KINDS = (Recognise, Generate, Synthesise, JudgeTurn)


def _message(text: str, item_id: str = "") -> MessageItem:
    return MessageItem(id=item_id, role="user", content=(TextContent(text),))


def _spoken_message(ms: float) -> MessageItem:
    return MessageItem(id="", role="user", content=(AudioContent(audio=sound(ms), format=AudioFormat.PCM16),))


_client = st.one_of(
    st.builds(lambda ms, level: ("append", ms, level), st.sampled_from([7, 60, 200, 500]), st.sampled_from([0.0, 0.3])),
    st.just(("tell", CommitAudio)),
    st.just(("tell", ClearAudio)),
    st.just(("tell", ClearOutput)),
    st.builds(lambda place: ("create", place), st.integers(-2, 6)),
    st.just(("create_audio",)),
    st.just(("output",)),
    st.builds(lambda options: ("respond", options), st.integers(0, 4)),
    st.just(("tell", CancelResponse)),
    st.builds(lambda place, ms: ("truncate", place, ms), st.integers(0, 6), st.integers(0, 3000)),
    st.builds(lambda place: ("delete", place), st.integers(0, 6)),
    st.builds(lambda place: ("retrieve", place), st.integers(0, 6)),
    st.builds(lambda change: ("update", change), st.integers(0, 10)),
    st.just(("malformed",)),
)
_engines = st.one_of(
    st.builds(lambda text: ("hears", text), st.sampled_from(["", "What time is it?"])),
    st.builds(lambda text: ("writes", text), st.sampled_from(TEXTS)),
    st.just(("calls",)),
    st.builds(lambda reason, counts: ("finishes", reason, counts), st.sampled_from(["stop", "length"]), st.booleans()),
    st.builds(lambda is_all: ("speaks", is_all), st.booleans()),
    st.builds(lambda kind: ("fails", kind), st.integers(0, 3)),
    st.just(("overflows",)),
    st.builds(lambda place: ("stale", place), st.integers(0, 20)),
    st.builds(lambda ms: ("wait", ms), st.sampled_from([20, 400, 6000])),
    st.builds(lambda probability: ("judges", probability), st.sampled_from([0.1, 0.9])),
)
# What belongs together comes together now and then, so that long stories come about.
_ASKED = [("append", 500, 0.3), ("append", 500, 0.0), ("hears", "What time is it?")]
_chapter = st.sampled_from(
    [
        [*_ASKED, ("writes", TEXTS[1]), ("speaks", True), ("finishes", "stop", True), ("speaks", True)],
        [*_ASKED, ("writes", TEXTS[2]), ("speaks", False), ("append", 500, 0.3), ("truncate", 1, 300)],
        [("append", 500, 0.3), ("append", 140, 0.0), ("hears", "Go on"), ("writes", TEXTS[1]), ("append", 500, 0.3)],
        [("append", 500, 0.3), ("append", 500, 0.0), ("hears", "")],
        [("create", -1), ("respond", 0), ("writes", TEXTS[2]), ("speaks", True), ("append", 500, 0.3)],
        [("respond", 0), ("writes", TEXTS[0]), ("finishes", "stop", True), ("speaks", True)],
        [("respond", 3), ("writes", TEXTS[1]), ("output",), ("finishes", "stop", False)],
        [("respond", 0), ("calls",), ("create", -1), ("calls",), ("finishes", "tool_calls", True), ("output",)],
        [("respond", 2), ("respond", 0), ("writes", TEXTS[1]), ("writes", TEXTS[1]), ("finishes", "stop", False)],
        [("respond", 4), ("hears", "Words"), ("writes", TEXTS[0]), ("finishes", "stop", True), ("speaks", True)],
        [("update", 0), ("append", 500, 0.3), ("tell", CommitAudio), ("respond", 0), ("hears", "Hm?"), ("calls",)],
        [("create", -1), ("create", -1), ("respond", 0), ("overflows",), ("overflows",), ("writes", TEXTS[1])],
    ]
)
_scene = st.one_of(_client.map(lambda op: [op]), _engines.map(lambda op: [op]), _chapter, _chapter)
_stories = st.lists(_scene, min_size=3, max_size=25).map(lambda parts: [op for part in parts for op in part])
_changes = (
    SessionChanges(turn_detection=None),
    SessionChanges(turn_detection=ServerVad()),
    SessionChanges(turn_detection=SemanticVad(eagerness="high")),
    SessionChanges(turn_detection=ServerVad(interrupt_response=False, idle_timeout_ms=5000)),
    SessionChanges(transcription=Transcription(model="whisper-1")),
    SessionChanges(transcription=None),
    SessionChanges(output_modalities=("text",)),
    SessionChanges(output_modalities=("audio",), voice="echo"),
    SessionChanges(input_format=AudioFormat.MULAW, output_format=AudioFormat.ALAW),
    SessionChanges(noise_reduction="far_field"),
    SessionChanges(kind="transcription"),
)
_options = (
    ResponseOptions(),
    ResponseOptions(is_out_of_band=True),
    ResponseOptions(is_out_of_band=True, input=(_message("Hello!"), ItemReference("item_1"))),
    ResponseOptions(input=(), output_modalities=("text",)),
    ResponseOptions(is_out_of_band=True, input=(_spoken_message(300),)),
)


class Actor:
    """Plays a story on a stage, and notes of each happening whether it was a client's, with its id."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.num_events = 0
        self.item_ids: list[str] = []

    def play(self, op: tuple[Any, ...]) -> tuple[list[ServerEvent], str | None]:
        """Let one thing happen; return what was told, and the id of the client event if it was one."""
        told, cause = self._played(op)
        self.item_ids += [event.item.id for event in told if isinstance(event, ItemAdded)]
        return told, cause

    def _played(self, op: tuple[Any, ...]) -> tuple[list[ServerEvent], str | None]:
        event = self._client_event(op)
        if event is not None:
            return self.stage.step(event), event.event_id
        return self._engine(op), None

    def _client_event(self, op: tuple[Any, ...]) -> Any:  # noqa: C901, PLR0911 - one return for each kind
        self.num_events += 1
        cause = f"evt_{self.num_events}"
        match op:
            case ("append", ms, level):
                self.stage.wait(ms)
                audio = sound(ms, self.stage.session.config.input_format, level)
                return AppendAudio(audio=audio[: len(audio) - self.num_events % 2], event_id=cause)
            case ("tell", kind):
                return kind(event_id=cause)
            case ("create", place):
                previous = None if place == -1 else "root" if place == -2 else self._item(place)
                return CreateItem(item=_message("Hello!"), previous_item_id=previous, event_id=cause)
            case ("create_audio",):
                return CreateItem(item=_spoken_message(400), event_id=cause)
            case ("output",):
                return CreateItem(item=FunctionOutputItem(id="", call_id="call_1", output="Rain."), event_id=cause)
            case ("respond", number):
                return CreateResponse(options=_options[number], event_id=cause)
            case ("truncate", place, ms):
                return TruncateItem(item_id=self._item(place), content_index=0, audio_end_ms=ms, event_id=cause)
            case ("delete", place):
                return DeleteItem(item_id=self._item(place), event_id=cause)
            case ("retrieve", place):
                return RetrieveItem(item_id=self._item(place), event_id=cause)
            case ("update", change):
                return UpdateSession(changes=_changes[change], event_id=cause)
            case ("malformed",):
                return MalformedEvent(message="What is that?", event_id=cause)
            case _:
                return None

    def _engine(self, op: tuple[Any, ...]) -> list[ServerEvent]:  # noqa: C901, PLR0911 - one return for each kind
        stage = self.stage
        match op:
            case ("hears", text) if stage.has(Recognise):
                return stage.hears(text)
            case ("writes", text) if stage.has(Generate):
                return stage.writes(text)
            case ("calls",) if stage.has(Generate):
                return stage.calls("get_weather", CALL)
            case ("finishes", reason, counts) if stage.has(Generate):
                return stage.finishes(reason, UsageCounted(200, 9, cached_tokens=130) if counts else None)
            case ("speaks", is_all) if stage.has(Synthesise):
                return stage.speaks(is_all=is_all)
            case ("fails", kind) if stage.has(KINDS[kind]):
                return stage.fails(KINDS[kind])
            case ("overflows",) if stage.has(Generate):
                return stage.fails(Generate, overflow_tokens=5)
            case ("stale", place) if stage.closed:
                told = self._stale(sorted(stage.closed)[place % len(stage.closed)])
                assert told == [], "closed work was listened to"
                return told
            case ("wait", ms):
                return stage.wait(ms)
            case ("judges", probability) if stage.has(JudgeTurn):
                return stage.judges_turn(probability)
            case _:
                return []

    def _stale(self, work_id: str) -> list[ServerEvent]:
        facts = (
            WordsHeard(work_id, "late"),
            RecognitionDone(work_id),
            Generated(work_id, TextProduced(0, "late")),
            GenerationDone(work_id),
            spoken(work_id, "late"),
            SynthesisDone(work_id),
            TurnJudged(work_id, 0.9),
            WorkFailed(work_id=work_id, fault=FAULT),
        )
        return [event for fact in facts for event in self.stage.step(fact)]

    def _item(self, place: int) -> str:
        return self.item_ids[place % len(self.item_ids)] if self.item_ids else "nobody"


class Witness:
    """Sees every event, and knows what must not happen."""

    def __init__(self) -> None:
        self.active = set[str]()
        self.in_conversation = set[str]()
        self.done = set[str]()
        self.order: list[str] = []
        self.sent_audio = defaultdict[str, bytearray](bytearray)
        self.sent_words = defaultdict[str, str](str)
        self.finished_items = set[str]()
        self.formats: dict[str, AudioFormat] = {}

    def see(self, event: ServerEvent) -> None:
        """Check one event against all before it."""
        self._see_response(event)
        match event:
            case ItemAdded():
                place = 0 if event.previous_item_id is None else self.order.index(event.previous_item_id) + 1
                self.order.insert(place, event.item.id)
            case ItemDeleted():
                self.order.remove(event.item_id)
            case AudioCommitted():
                assert event.previous_item_id == (self.order[-1] if self.order else None)
            case TranscriptDelta():
                sent_ms = self.formats[event.place.response_id].ms(len(self.sent_audio[event.place.item_id]))
                assert event.start_ms >= sent_ms - 1, "audio ran ahead of its transcript"
                self.sent_words[event.place.item_id] += event.delta
            case AudioDelta():
                audio_format = self.formats[event.place.response_id]
                assert event.audio
                assert len(event.audio) % audio_format.sample_bytes == 0
                assert audio_format.ms(len(event.audio)) <= 100
                self.sent_audio[event.place.item_id] += event.audio
            case OutputItemDone():
                self._see_item(event)
            case _:
                pass

    def _see_response(self, event: ServerEvent) -> None:
        match event:
            case ResponseCreated():
                response = event.response
                assert response.id not in self.active | self.done
                self.active.add(response.id)
                self.formats[response.id] = response.output_format
                if response.conversation_id is not None:
                    assert not self.in_conversation & self.active, "two responses write to the conversation"
                    self.in_conversation.add(response.id)
            case ResponseDone():
                response = event.response
                self.active.remove(response.id)
                self.done.add(response.id)
                assert response.usage is not None
                assert response.usage.cached.total % 64 == 0
                assert response.usage.cached.text <= response.usage.input.text
                assert response.usage.cached.audio <= response.usage.input.audio
                assert response.details is not None
                assert (response.status == "failed") == (response.details.fault is not None)
                assert all(item.id in self.finished_items for item in response.output)
            case _:
                place = getattr(event, "place", None)
                response_id = place.response_id if place is not None else getattr(event, "response_id", None)
                assert response_id is None or response_id in self.active, f"{event} after its response"
                item_id = place.item_id if place is not None else None
                assert item_id not in self.finished_items

    def _see_item(self, event: OutputItemDone) -> None:
        item = event.item
        self.finished_items.add(item.id)
        if not isinstance(item, MessageItem):
            return
        for content in item.content:
            if isinstance(content, AudioContent):
                assert content.audio == bytes(self.sent_audio[item.id])
                assert content.transcript == self.sent_words[item.id]
                assert content.transcript == "".join(word.text for word in content.words)


def _stage(limits: SessionLimits = SessionLimits(), *, takes_audio: bool = False) -> Stage:  # noqa: B008
    return Stage(abilities=Abilities(takes_audio=takes_audio), limits=limits)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(story=_stories, takes_audio=st.booleans(), ahead_ms=st.sampled_from([None, 300.0]))
def test_a_session_keeps_its_promises(story: list[tuple[Any, ...]], takes_audio: bool, ahead_ms: float | None):
    """One done for each response and nothing after it; what is told is what was sent; errors name their cause."""
    stage = _stage(SessionLimits(max_ahead_ms=ahead_ms), takes_audio=takes_audio)
    actor, witness, num_seen, causes = Actor(stage), Witness(), 0, set[str | None]()
    for op in story:
        told, cause = actor.play(op)
        causes |= {cause} - {None}
        for error in (event for event in told if isinstance(event, ErrorTold)):
            # An item that waited for the end of a response may be refused then, for what happened meanwhile.
            assert error.cause in causes, "an error names the client event that it answers"
            causes.remove(error.cause)
        for event in stage.sent[num_seen:]:
            witness.see(event)
        num_seen = len(stage.sent)
        assert witness.order == list(stage.session._parts.conversation._order)
        _check_nothing_is_left(stage)
    _end(stage, witness, num_seen)


def _check_nothing_is_left(stage: Stage) -> None:
    """No alarm of the past, which would ring again and again; others are hushed for somebody who waits."""
    session = stage.session
    alarm_ms, parts = session._wakes_at_ms, session._parts
    assert alarm_ms is None or alarm_ms > stage.now_ms
    waits = (parts.turn_item_id, session._answers._unanswered, session._replies.current)
    assert not parts.is_hushing or any(waits)


def _end(stage: Stage, witness: Witness, num_seen: int) -> None:
    """Whatever came before, the session answers, and everything that began can end."""
    for response_id in sorted(witness.active):
        stage.step(CancelResponse(response_id=response_id))
    for event in stage.sent[num_seen:]:
        witness.see(event)
    # A turn that waited for the end of another response may be answered now.
    assert witness.active <= {
        event.response.id for event in stage.sent[num_seen:] if isinstance(event, ResponseCreated)
    }
    told = stage.step(RetrieveItem(item_id="nobody", event_id="last"))
    assert [event.cause for event in told if isinstance(event, ErrorTold)] == ["last"]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(story=_stories)
def test_the_same_happenings_give_the_same_effects(story: list[tuple[Any, ...]]):
    """A session is a function of what happens to it."""
    first, second = _stage(), _stage()
    for stage in (first, second):
        actor = Actor(stage)
        for op in story:
            actor.play(op)
    assert first.wanted == second.wanted


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(story=_stories)
def test_every_committed_audio_is_transcribed_or_failed_once_in_order(story: list[tuple[Any, ...]]):
    """With transcription on from the first, each committed item has one end, in the order of commits."""
    stage = Stage(config=SessionConfig(model="m", transcription=Transcription(model="whisper-1")))
    actor = Actor(stage)
    for op in story:
        if op[0] not in {"update", "delete", "create_audio"}:
            actor.play(op)
    while stage.has(Recognise):
        stage.hears("Late words.")
    committed = [event.item_id for event in stage.events(AudioCommitted)]
    ended = [event.item_id for event in stage.sent if isinstance(event, TranscriptionCompleted | TranscriptionFailed)]
    assert ended == committed


_SCRIPT = [(300, 0.0), (900, 0.3), (600, 0.0), (120, 0.3), (500, 0.0), (1500, 0.3), (250, 0.0), (700, 0.3), (900, 0.0)]


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(1, 40_000), min_size=1, max_size=40), audio_format=st.sampled_from(AudioFormat))
def test_any_chunking_of_the_same_audio_gives_the_same_events(sizes: list[int], audio_format: AudioFormat):
    """Where the audio is cut on its way changes nothing, to the sample."""
    audio = b"".join(sound(ms, audio_format, level) for ms, level in _SCRIPT)
    config = SessionConfig(model="m", input_format=audio_format)
    whole, cut = Stage(config=config), Stage(config=config)
    whole.append(audio, real_time=False)
    start = 0
    while start < len(audio):
        for size in sizes:
            cut.append(audio[start : start + size], real_time=False)
            start += size
    assert cut.sent == whole.sent
    assert len(whole.events(AudioCommitted)) >= 3


@settings(max_examples=60, deadline=None)
@given(cut_ms=st.integers(0, 4600), num_frames=st.integers(0, 60))
def test_a_truncated_answer_holds_the_words_that_ended_and_no_more(cut_ms: int, num_frames: int):
    """Whether the answer was whole or interrupted, the cut keeps exactly what was heard."""
    stage = Stage(config=SessionConfig(model="m", turn_detection=None), limits=SessionLimits(max_ahead_ms=80.0))
    stage.step(CreateItem(item=_message("Hello!", "a")))
    stage.step(CreateResponse())
    stage.writes("It is five past nine, and the sun is up already. Shall we go for a walk in the park? ")
    stage.finishes()
    stage.speaks_everything()
    stage.wait(num_frames * 80.0)
    item = stage.events(OutputItemAdded)[0].item
    told = stage.step(TruncateItem(item_id=item.id, content_index=0, audio_end_ms=cut_ms))
    sent = b"".join(event.audio for event in stage.events(AudioDelta))
    if cut_ms > AudioFormat.PCM16.ms(len(sent)):
        assert [type(event) for event in told] == [ErrorTold]
        return
    done = stage.events(OutputItemDone)[0].item
    assert isinstance(done, MessageItem)
    assert isinstance(done.content[0], AudioContent)
    kept = stage.session._parts.conversation.get(item.id)
    assert isinstance(kept, MessageItem)
    assert isinstance(kept.content[0], AudioContent)
    expected = [word for word in done.content[0].words if word.end_ms <= cut_ms]
    assert kept.content[0].words == tuple(expected)
    assert kept.content[0].transcript == "".join(word.text for word in expected)
    assert kept.content[0].audio == sent[: AudioFormat.PCM16.num_bytes(cut_ms)]


@pytest.mark.parametrize("level", [0.0, 0.3])
def test_an_hour_of_audio_takes_bounded_room(level: float):
    """Silence keeps the padding alone; a voice that never ends is cut into turns."""
    limits = SessionLimits(max_buffer_bytes=400_000, max_audio_bytes=1_000_000)
    stage = _stage(limits)
    minute = sound(10_000, level=level)
    for _ in range(60):
        stage.append(minute, real_time=False)
        while stage.has(Recognise):
            stage.hears("words")
        stage.wanted.clear()
        stage.sent.clear()
        assert len(stage.session._parts.ears.input) <= limits.max_buffer_bytes
    conversation = stage.session._parts.conversation
    audio = sum(len(part.audio) for item in conversation.known() for part in item.content)  # type: ignore[union-attr]
    assert audio <= limits.max_audio_bytes


def test_closing_events_stand_in_order():
    """Audio is done before its part, and its part before its item."""
    stage = Stage(config=SessionConfig(model="m", turn_detection=None))
    stage.step(CreateResponse())
    stage.writes("Hello.")
    stage.finishes()
    stage.speaks()
    kinds = [type(event) for event in stage.sent]
    assert kinds.index(AudioDone) < kinds.index(ContentPartDone) < kinds.index(OutputItemDone)
