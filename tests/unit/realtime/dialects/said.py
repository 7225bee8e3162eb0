"""One or more of every server event, as the machine says them."""

from antiphon.audio.formats import AudioFormat
from antiphon.realtime import server_events as events
from antiphon.realtime.config import (
    NamedTool,
    RetentionRatio,
    SemanticVad,
    ServerVad,
    SessionConfig,
    Tool,
    Transcription,
)
from antiphon.realtime.items import (
    AudioContent,
    FunctionCallItem,
    FunctionOutputItem,
    ImageContent,
    Item,
    MessageItem,
    TextContent,
)
from antiphon.realtime.server_events import Fault, ResponseView, ServerEvent, StatusDetails, TokenSplit, Usage

MODEL = "gpt-4o-realtime-preview"  # a name that the strict types of both generations take
SPOKEN = AudioContent(audio=bytes(4800), format=AudioFormat.PCM16, transcript="Hello there.")
HEARD = AudioContent(audio=bytes(4800), format=AudioFormat.MULAW)
PLACE = events.Place("resp_1", "item_1", 0, 1)
FAULT = Fault(message="It broke.", type="server_error", code="engine_failed", param="model")
BARE_FAULT = Fault(message="It broke.")
USAGE = Usage(input=TokenSplit(text=119, audio=13), cached=TokenSplit(text=64), output=TokenSplit(text=30, audio=91))

ITEMS: tuple[Item, ...] = (
    MessageItem(id="item_1", role="system", content=(TextContent("Be kind."),)),
    MessageItem(id="item_2", role="user", content=(TextContent("Hi"), HEARD)),
    MessageItem(id="item_3", role="assistant", status="in_progress"),
    MessageItem(id="item_4", role="assistant", content=(SPOKEN,), status="incomplete"),
    MessageItem(id="item_5", role="assistant", content=(TextContent("Hello"),)),
    FunctionCallItem(id="item_6", call_id="call_1", name="look", status="in_progress"),
    FunctionCallItem(id="item_7", call_id="call_1", name="look", arguments='{"at": "it"}'),
    FunctionOutputItem(id="item_8", call_id="call_1", output="seen"),
)
PICTURE = MessageItem(id="item_9", role="user", content=(ImageContent("data:image/png;base64,iVBORw0KGgo="),))

PLAIN = SessionConfig(model=MODEL, temperature=0.8)
FULL = SessionConfig(
    model=MODEL,
    instructions="Be brief.",
    output_modalities=("text",),
    input_format=AudioFormat.MULAW,
    transcription=Transcription(model="whisper-1", language="en", prompt="Names: Ada."),
    noise_reduction="far_field",
    turn_detection=SemanticVad(eagerness="low", interrupt_response=False),
    output_format=AudioFormat.ALAW,
    voice="verse",
    speed=1.5,
    tools=(Tool(name="look", description="Looks.", parameters={"type": "object"}), Tool(name="bare")),
    tool_choice="required",
    parallel_tool_calls=True,
    temperature=0.6,
    max_output_tokens=200,
    truncation=RetentionRatio(ratio=0.8, post_instructions_tokens=4000),
    passed={"tracing": {"workflow_name": "w"}, "include": ["item.input_audio_transcription.logprobs"]},
)
MANUAL = SessionConfig(model=MODEL, turn_detection=None, truncation="disabled", temperature=1.2)
TRANSCRIPTION = SessionConfig(
    model="",
    kind="transcription",
    transcription=Transcription(model="whisper-1"),
    turn_detection=ServerVad(silence_duration_ms=500),
)
FORCED = SessionConfig(model=MODEL, tool_choice=NamedTool("look"), temperature=0.8)

_BEGUN = ResponseView(
    id="resp_1",
    status="in_progress",
    output_modalities=("text", "audio"),
    voice="alloy",
    output_format=AudioFormat.PCM16,
    conversation_id="conv_1",
    temperature=0.8,
    metadata={"client_event_id": "e1"},
)
RESPONSES: tuple[ResponseView, ...] = (
    _BEGUN,
    ResponseView(
        id="resp_1",
        status="completed",
        output_modalities=("audio",),
        voice="alloy",
        output_format=AudioFormat.PCM16,
        output=ITEMS,
        conversation_id="conv_1",
        max_output_tokens=100,
        temperature=0.8,
        usage=USAGE,
    ),
    ResponseView(
        id="resp_1",
        status="cancelled",
        output_modalities=("text",),
        voice="alloy",
        output_format=AudioFormat.MULAW,
        details=StatusDetails(reason="turn_detected"),
        usage=USAGE,
    ),
    ResponseView(
        id="resp_1",
        status="incomplete",
        output_modalities=("text",),
        voice="alloy",
        output_format=AudioFormat.ALAW,
        details=StatusDetails(reason="max_output_tokens"),
        usage=USAGE,
    ),
    ResponseView(
        id="resp_1",
        status="failed",
        output_modalities=("audio",),
        voice="alloy",
        output_format=AudioFormat.PCM16,
        details=StatusDetails(fault=FAULT),
    ),
)

SAID: tuple[ServerEvent, ...] = (
    *(events.SessionCreated(id="sess_1", config=config, expires_at=1790726624) for config in (PLAIN, TRANSCRIPTION)),
    *(
        events.SessionUpdated(id="sess_1", config=config, expires_at=None)
        for config in (PLAIN, FULL, MANUAL, TRANSCRIPTION)
    ),
    events.ErrorTold(fault=FAULT, cause="e1"),
    events.ErrorTold(fault=BARE_FAULT),
    *(events.ItemAdded(item=item, previous_item_id=None) for item in ITEMS),
    *(events.ItemDone(item=item, previous_item_id="item_0") for item in ITEMS),
    *(events.ItemRetrieved(item) for item in ITEMS),
    events.ItemTruncated(item_id="item_4", content_index=0, audio_end_ms=1500),
    events.ItemDeleted("item_1"),
    events.TranscriptionDelta(item_id="item_2", delta="Hel"),
    events.TranscriptionCompleted(item_id="item_2", transcript="Hello", seconds=1.25),
    events.TranscriptionFailed(item_id="item_2", fault=FAULT),
    events.TranscriptionFailed(item_id="item_2", fault=BARE_FAULT),
    events.AudioCommitted(item_id="item_2", previous_item_id=None),
    events.AudioCleared(),
    events.SpeechStarted(audio_start_ms=100, item_id="item_2"),
    events.SpeechStopped(audio_end_ms=900, item_id="item_2"),
    events.IdleTimedOut(audio_start_ms=0, audio_end_ms=6000, item_id="item_2"),
    events.ResponseCreated(_BEGUN),
    *(events.ResponseDone(response) for response in RESPONSES[1:]),
    *(events.OutputItemAdded(response_id="resp_1", output_index=0, item=item) for item in ITEMS),
    *(events.OutputItemDone(response_id="resp_1", output_index=0, item=item) for item in ITEMS),
    events.ContentPartAdded(place=PLACE, kind="audio"),
    events.ContentPartAdded(place=PLACE, kind="text"),
    events.ContentPartDone(place=PLACE, kind="audio", text="Hello"),
    events.ContentPartDone(place=PLACE, kind="text", text="Hello"),
    events.TextDelta(place=PLACE, delta="Hel"),
    events.TextDone(place=PLACE, text="Hello"),
    events.TranscriptDelta(place=PLACE, delta="Hel", start_ms=1234.5678),
    events.TranscriptDone(place=PLACE, transcript="Hello"),
    events.AudioDelta(place=PLACE, audio=bytes(range(200))),
    events.AudioDone(PLACE),
    events.ArgumentsDelta(place=PLACE, call_id="call_1", delta='{"a'),
    events.ArgumentsDone(place=PLACE, call_id="call_1", name="look", arguments="{}"),
    events.RateLimitsUpdated((events.RateLimit("tokens", 1000, 900, 0.5), events.RateLimit("requests", 10, 9, 6.0))),
    events.TurnTimed(response_id="resp_1", stages_ms={"recognised": 120.5}),
    events.OwnEvent(name="antiphon.session.resumable", fields={"token": "t"}),
)
