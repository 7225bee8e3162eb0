"""The actor of a session, around a machine that does as the test says."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from structlog.testing import capture_logs
from tests.unit.features.voice.fakes import PROMPT, FakeMachine, Rig, effects_for

from antiphon.audio.formats import AudioFormat
from antiphon.errors import ContextLengthExceeded, EngineFailed, RateLimited
from antiphon.features.voice.outbox import MAX_WAITING_BYTES, Ending
from antiphon.generation.facts import PromptCounted, TextProduced, UsageCounted
from antiphon.generation.profile import EngineProfile
from antiphon.realtime.client_events import AppendAudio, CommitAudio
from antiphon.realtime.effects import (
    CloseWork,
    EndSession,
    ForgetVoice,
    Generate,
    HushOthers,
    JudgeTurn,
    JudgeVoice,
    ReadLimits,
    Recognise,
    Send,
    Synthesise,
    WakeAt,
    Warm,
)
from antiphon.realtime.facts import (
    Generated,
    GenerationDone,
    LimitsRead,
    PromptMeasured,
    RecognitionDone,
    Spoken,
    SynthesisDone,
    Tick,
    TurnJudged,
    VoiceJudged,
    WordsHeard,
    WorkFailed,
)
from antiphon.realtime.server_events import (
    AudioCleared,
    AudioDelta,
    ErrorTold,
    Fault,
    OwnEvent,
    Place,
    RateLimit,
    ResponseDone,
    ResponseView,
    TurnTimed,
)

Begin = Callable[..., Rig]


@pytest.fixture
async def begin() -> AsyncIterator[Begin]:
    """Begin a session whose machine answers a commit with these effects; nothing may be left of it."""
    rigs: list[Rig] = []

    def make(*effects: object, machine: FakeMachine | None = None, stalled_after_s: float = 5) -> Rig:
        rig = Rig(machine or FakeMachine(effects_for(*effects)), stalled_after_s=stalled_after_s)  # type: ignore[arg-type]
        rigs.append(rig)
        return rig

    yield make
    for rig in rigs:
        await rig.close()
        assert rig.engines.num_hushing == 0
        assert rig.meter.num_open == 0
    assert [task for task in asyncio.all_tasks() if "antiphon" in task.get_coro().cr_code.co_filename] == []  # type: ignore[union-attr]


def frames(*percents: int) -> bytes:
    return b"".join(bytes([percent]) + bytes(1023) for percent in percents)


async def test_the_time_is_told_ahead_of_everything(begin: Begin):
    """Of what the client says, of facts that are known at once, and of those of work."""
    rig = begin(JudgeVoice(0, frames(1)), Recognise(work_id="w", audio=b"", format=AudioFormat.PCM16))
    await rig.commit()
    await rig.machine.until(RecognitionDone)
    assert len(rig.machine.ticks_ahead) == 4
    assert all(rig.machine.ticks_ahead)


async def test_a_clients_frame_is_read_in_its_turn(begin: Begin):
    """By whoever the server says can read it."""
    rig = begin()
    await rig.conversation.hear("a frame")
    assert await rig.machine.until(CommitAudio) == [CommitAudio(event_id="a frame")]


async def test_voices_are_judged_before_anything_else_is_told(begin: Begin):
    """In as many facts as it takes, each frame once and in order."""
    percents = [number % 100 for number in range(40)]
    rig = begin(JudgeVoice(7, frames(*percents)))
    await rig.commit()
    await rig.conversation.tell(AppendAudio(audio=b""))
    await rig.machine.until(AppendAudio)
    judged = rig.machine.of(VoiceJudged)
    assert rig.machine.happenings[1:-1] == judged
    assert [fact.first_frame for fact in judged] == [7, 23, 39]
    assert [p for fact in judged for p in fact.probabilities] == [percent / 100 for percent in percents]


async def test_a_stream_that_is_not_continued_is_forgotten(begin: Begin):
    """The ears begin anew."""
    rig = begin(ForgetVoice())
    await rig.commit()
    await rig.commit()
    await rig.machine.until(CommitAudio, 2)
    assert rig.speech.ears.num_forgotten >= 1


async def test_others_run_while_a_long_piece_of_audio_is_taken(begin: Begin):
    """It is taken in pieces, and nobody waits for the whole of it."""
    audio = bytes(5 * 60 * AudioFormat.PCM16.num_bytes(1000))
    rig = begin()
    await rig.conversation.tell(AppendAudio(audio=audio, event_id="e"))
    num_turns = 0
    while sum(len(event.audio) for event in rig.machine.of(AppendAudio)) < len(audio):
        await asyncio.sleep(0)
        num_turns += 1
    assert num_turns > 100
    assert {event.event_id for event in rig.machine.of(AppendAudio)} == {"e"}


async def test_a_long_piece_of_audio_is_refused_once(begin: Begin):
    """What follows the refused part is not tried."""
    refusal = Send(ErrorTold(fault=Fault(message="No.")))
    rig = begin(machine=FakeMachine(lambda it: [refusal] if isinstance(it, AppendAudio) else []))
    await rig.conversation.tell(AppendAudio(audio=bytes(1_000_000)))
    await rig.commit()
    await rig.machine.until(CommitAudio)
    assert len(rig.machine.of(AppendAudio)) == len(rig.said) == 1


async def test_words_come_back_with_their_works_id(begin: Begin):
    """And then that there are no more."""
    rig = begin(Recognise(work_id="w", audio=bytes(480), format=AudioFormat.PCM16, prompt="names", is_urgent=True))
    await rig.commit()
    await rig.machine.until(RecognitionDone)
    assert rig.machine.happenings[1:] == [WordsHeard("w", "hello"), RecognitionDone("w")]
    (work,) = rig.speech.recognised
    assert (work.model, work.prompt, work.is_urgent) == ("the-default-ears", "names", True)


@pytest.mark.parametrize(("named", "used"), [("whisper", "the-whisper"), ("gpt-9-transcribe", "the-default-ears")])
async def test_the_recogniser_is_the_named_one_if_there_is_one(begin: Begin, named: str, used: str):
    """And the default one otherwise."""
    rig = begin(Recognise(work_id="w", audio=b"", format=AudioFormat.PCM16, model=named))
    await rig.commit()
    await rig.machine.until(RecognitionDone)
    assert [work.model for work in rig.speech.recognised] == [used]


async def test_a_turn_is_judged(begin: Begin):
    """The fact carries the work's id."""
    rig = begin(JudgeTurn("w", b""))
    await rig.commit()
    assert await rig.machine.until(TurnJudged) == [TurnJudged("w", 0.75)]


async def test_an_answer_is_told_as_the_engine_tells_it(begin: Begin):
    """With the prompt measured item by item."""
    rig = begin(Generate(work_id="w", prompt=PROMPT))
    usage = UsageCounted(9, 2)
    rig.engines.engine.facts = [TextProduced(0, "Hi"), PromptCounted((3, 4), 2), usage]
    await rig.commit()
    await rig.machine.until(GenerationDone)
    assert rig.machine.happenings[1:] == [
        Generated("w", TextProduced(0, "Hi")),
        PromptMeasured("w", 5, (4,)),
        Generated("w", usage),
        GenerationDone("w"),
    ]
    (work,) = rig.engines.engine.works
    assert (work.model, work.conversation, work.measures_prompt) == ("the-talker", "sess_1", True)


async def test_an_answer_out_of_band_keeps_no_slot(begin: Begin):
    """It is no part of the conversation."""
    rig = begin(Generate(work_id="w", prompt=PROMPT, keeps_slot=False))
    await rig.commit()
    await rig.machine.until(GenerationDone)
    assert rig.engines.engine.works[0].conversation is None


@pytest.mark.parametrize(("context_tokens", "most"), [(None, None), (2048, 1024), (32_768, 4096)])
async def test_an_answer_comes_to_an_end_where_nobody_says_when(
    begin: Begin, context_tokens: int | None, most: int | None
):
    """After half of the context at most; where that is not known it is the upstream's to say."""
    rig = begin(Generate(work_id="w", prompt=PROMPT))
    rig.engines.engine.profile = EngineProfile(fingerprint="fp", context_tokens=context_tokens)
    await rig.commit()
    await rig.machine.until(GenerationDone)
    assert rig.engines.engine.works[0].request.max_completion_tokens == most


async def test_closed_work_is_ended_and_tells_nothing(begin: Begin):
    """The session does not wait for its end."""
    rig = begin(machine=FakeMachine(_generating_until_appended))
    rig.engines.engine.hangs = True
    await rig.commit()
    await rig.engines.engine.began.wait()
    assert rig.allowance.num_held == 1
    await rig.conversation.tell(AppendAudio(audio=b""))
    await rig.engines.engine.closed.wait()
    await rig.conversation.tell(AppendAudio(audio=b""))
    await rig.machine.until(AppendAudio, 2)
    assert rig.machine.count(GenerationDone) == 0
    assert rig.allowance.num_held == 0


def _generating_until_appended(happening: object):
    if isinstance(happening, CommitAudio):
        return [Generate(work_id="w", prompt=PROMPT)]
    return [CloseWork("w")] if isinstance(happening, AppendAudio) else []


async def test_an_engine_that_fails_ends_its_work_alone(begin: Begin):
    """The session goes on."""
    rig = begin(Generate(work_id="w", prompt=PROMPT))
    rig.engines.engine.failure = EngineFailed("It broke.")
    await rig.commit()
    (failed,) = await rig.machine.until(WorkFailed)
    assert failed.fault == Fault(message="It broke.", type="server_error", code="engine_failed")
    assert failed.overflow_tokens is None
    await rig.commit()
    await rig.machine.until(WorkFailed, 2)


async def test_a_prompt_that_is_too_long_is_told_by_how_much(begin: Begin):
    """So that the machine can drop as much of it."""
    rig = begin(Generate(work_id="w", prompt=PROMPT))
    rig.engines.engine.failure = ContextLengthExceeded(context_tokens=100, prompt_tokens=130)
    await rig.commit()
    (failed,) = await rig.machine.until(WorkFailed)
    assert failed.overflow_tokens == 30


async def test_a_response_over_the_limits_fails(begin: Begin):
    """Before an engine is asked."""
    rig = begin(Generate(work_id="w", prompt=PROMPT))
    rig.allowance.refusal = RateLimited("Too much.", retry_after_s=1)
    await rig.commit()
    (failed,) = await rig.machine.until(WorkFailed)
    assert failed.fault.code == "rate_limit_exceeded"
    assert rig.engines.engine.works == []


async def test_warming_ends_with_the_next_answer(begin: Begin):
    """And nothing is told of it."""
    rig = begin(machine=FakeMachine(_warming_until_appended))
    await rig.commit()
    await rig.engines.engine.began.wait()
    await rig.conversation.tell(AppendAudio(audio=b""))
    await rig.engines.engine.closed.wait()
    await rig.machine.until(GenerationDone)
    assert [work.conversation for work in rig.engines.engine.warmed] == ["sess_1"]


def _warming_until_appended(happening: object):
    if isinstance(happening, CommitAudio):
        return [Warm(PROMPT)]
    return [Generate(work_id="w", prompt=PROMPT)] if isinstance(happening, AppendAudio) else []


async def test_texts_are_spoken_one_after_the_other(begin: Begin):
    """In the order in which they were wanted."""
    rig = begin(*(Synthesise(work_id=text, text=text, voice="alloy") for text in ("ab", "cd", "ef")))
    rig.speech.may_speak.clear()
    await rig.commit()
    await rig.conversation.tell(AppendAudio(audio=b""))
    await rig.machine.until(AppendAudio)
    await asyncio.sleep(0)
    assert rig.speech.spoken == ["ab"]
    rig.speech.may_speak.set()
    await rig.machine.until(SynthesisDone, 3)
    facts = rig.machine.of(Spoken)
    assert [(fact.work_id, fact.samples, fact.rate_hz) for fact in facts] == [
        ("ab", b"ab", 22_050),
        ("cd", b"cd", 22_050),
        ("ef", b"ef", 22_050),
    ]


async def test_a_text_that_nobody_wants_any_more_makes_room_at_once(begin: Begin):
    """The next one does not wait until the engine has let go of it."""
    rig = begin(*(Synthesise(work_id=text, text=text, voice="alloy") for text in ("ab", "cd")), CloseWork("ab"))
    await rig.commit()
    await rig.machine.until(SynthesisDone)
    assert [fact.work_id for fact in rig.machine.of(Spoken)] == ["cd"]


async def test_a_voice_that_fails_lets_the_next_text_be_tried(begin: Begin):
    """Each work fails by itself."""
    rig = begin(*(Synthesise(work_id=text, text=text, voice="alloy") for text in ("ab", "cd")))
    rig.speech.failure = EngineFailed("It broke.")
    await rig.commit()
    assert [fact.work_id for fact in await rig.machine.until(WorkFailed, 2)] == ["ab", "cd"]


async def test_the_machine_is_woken_when_it_wants(begin: Begin):
    """And an earlier wish is forgotten."""
    loop = asyncio.get_running_loop()
    woken = asyncio.Event()
    began_ms = loop.time() * 1000

    def answer(happening: object):
        if isinstance(happening, CommitAudio):
            return [WakeAt(began_ms + 5), WakeAt(began_ms + 20)]
        if isinstance(happening, Tick) and happening.at_ms >= began_ms + 5:
            woken.set()
        return []

    rig = begin(machine=FakeMachine(answer))
    await rig.commit()
    await asyncio.wait_for(woken.wait(), 5)
    assert loop.time() * 1000 >= began_ms + 20


async def test_others_are_hushed_while_the_session_wants_it(begin: Begin):
    """Wanting it twice is wanting it once."""
    rig = begin(machine=FakeMachine(_hushing_until_appended))
    await rig.commit()
    await rig.commit()
    await rig.machine.until(CommitAudio, 2)
    assert rig.engines.num_hushing == 1
    await rig.conversation.tell(AppendAudio(audio=b""))
    await rig.conversation.tell(AppendAudio(audio=b""))
    await rig.machine.until(AppendAudio, 2)
    assert rig.engines.num_hushing == 0


async def test_a_session_that_ends_lets_the_others_go_on(begin: Begin):
    """Though nobody said that they may."""
    rig = begin(HushOthers(is_wanted=True))
    await rig.commit()
    await rig.machine.until(CommitAudio)
    await asyncio.sleep(0)
    assert rig.engines.num_hushing == 1
    await rig.close()
    assert rig.engines.num_hushing == 0


async def test_nobody_is_hushed_for_long(begin: Begin, monkeypatch: pytest.MonkeyPatch):
    """A turn whose audio breaks off stays open, and the others go on; for the next one they stand still again."""
    monkeypatch.setattr("antiphon.features.voice.performing.MAX_HUSH_S", 0.01)
    rig = begin(machine=FakeMachine(_hushing_until_appended))
    for _ in range(2):
        await rig.commit()
        await _until(lambda: rig.engines.num_hushing == 1)
        await _until(lambda: rig.engines.num_hushing == 0)
        await rig.conversation.tell(AppendAudio(audio=b""))


async def _until(is_reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not is_reached():  # noqa: ASYNC110 - another's state can only be asked for
            await asyncio.sleep(0)


def _hushing_until_appended(happening: object):
    if isinstance(happening, CommitAudio):
        return [HushOthers(is_wanted=True)]
    return [HushOthers(is_wanted=False)] if isinstance(happening, AppendAudio) else []


async def test_limits_are_read_at_once(begin: Begin):
    """What a response took is counted."""
    rig = begin(ReadLimits(12))
    await rig.commit()
    assert await rig.machine.until(LimitsRead) == [LimitsRead((RateLimit("tokens", 10, 5, 1.5),))]
    assert rig.allowance.spent == [12]


async def test_what_is_left_of_the_limits_is_told_with_the_response(begin: Begin):
    """Ahead of all that was wanted after it; what else follows from it comes in its turn."""
    last = OwnEvent(name="last", fields={})
    loop = asyncio.get_running_loop()
    woken = asyncio.Event()

    def answer(happening: object):
        match happening:
            case CommitAudio():
                return [ReadLimits(12), Send(AudioCleared()), WakeAt(None)]
            case LimitsRead():
                return [Send(last), WakeAt(loop.time() * 1000)]
            case Tick() if rig.said:
                woken.set()
        return []

    rig = begin(machine=FakeMachine(answer))
    await rig.commit()
    await asyncio.wait_for(woken.wait(), 5)
    assert rig.said == [last, AudioCleared()]


async def test_the_machine_ends_the_session(begin: Begin):
    """Nothing that it wants afterwards is done."""
    rig = begin(Send(AudioCleared()), EndSession(1001, "Too long."), Send(AudioCleared()))
    await rig.commit()
    assert await rig.ended() == Ending(1001, "Too long.")
    assert rig.said == [AudioCleared()]


async def test_a_bug_ends_its_session_with_an_error(begin: Begin):
    """It is in the log, and the other sessions go on."""

    def broken(happening: object):
        if isinstance(happening, CommitAudio):
            raise ZeroDivisionError("a secret")
        return []

    rig, other = begin(machine=FakeMachine(broken)), begin(ReadLimits(1))
    with capture_logs() as logs:
        await rig.commit()
        assert (await rig.ended()).code == 1011
    (error,) = rig.said
    assert isinstance(error, ErrorTold)
    assert (error.fault.code, "secret" in error.fault.message) == ("server_error", False)
    assert any(line["event"] == "bug" and line["exc_info"] for line in logs)
    await other.commit()
    await other.machine.until(LimitsRead)


async def test_a_bug_in_work_is_a_bug_of_the_session(begin: Begin):
    """An engine that raises what no engine may is no engine error."""
    rig = begin(Generate(work_id="w", prompt=PROMPT))
    rig.engines.engine.failure = ZeroDivisionError("a secret")
    with capture_logs():
        await rig.commit()
        assert (await rig.ended()).code == 1011


async def test_work_that_was_cancelled_from_elsewhere_has_failed(begin: Begin):
    """Nobody waits for it in vain, and the session goes on."""
    rig = begin(Generate(work_id="w", prompt=PROMPT))
    rig.engines.engine.failure = asyncio.CancelledError()  # type: ignore[assignment]
    with capture_logs() as logs:
        await rig.commit()
        (failed,) = await rig.machine.until(WorkFailed)
    assert (failed.work_id, failed.fault.code) == ("w", "server_error")
    assert [line["work"] for line in logs if line["event"] == "work lost"] == ["w"]
    rig.engines.engine.failure = None
    await rig.commit()
    await rig.machine.until(GenerationDone)


async def test_a_client_that_never_reads_is_let_go(begin: Begin):
    """What waits for it is bounded, and dropped in the end."""
    delta = Send(AudioDelta(place=Place("r", "i", 0), audio=bytes(MAX_WAITING_BYTES // 4)))
    rig = begin(*[delta] * 40, stalled_after_s=0.05)
    rig.outbox.attach()
    await rig.commit()
    assert (await rig.ended()).code == 1008
    assert len(rig.said) < 40


async def test_what_happens_is_counted(begin: Begin):
    """Responses by their status, and spoken turns; one line in the log when the session ends."""
    view = ResponseView(
        id="r", status="completed", output_modalities=("audio",), voice="alloy", output_format=AudioFormat.PCM16
    )
    timed = TurnTimed(response_id="r", stages_ms={"first_audio": 400.0})
    rig = begin(Send(ResponseDone(view)), Send(timed), EndSession(1000, ""))
    with capture_logs() as logs:
        await rig.commit()
        await rig.ended()
    assert (rig.meter.statuses, rig.meter.timed) == (["completed"], [timed])
    (line,) = [line for line in logs if line["event"] == "session"]
    assert (line["session"], line["responses"], line["code"]) == ("sess_1", 1, 1000)


async def test_others_run_while_a_long_recording_is_made_ready(begin: Begin):
    """Ten minutes take more time than any other conversation should wait."""
    num_turns = 0

    async def other() -> None:
        nonlocal num_turns
        while True:
            num_turns += 1
            await asyncio.sleep(0)

    rig = begin(Recognise(work_id="w", audio=bytes(600 * 48_000), format=AudioFormat.PCM16))
    task = asyncio.create_task(other())
    await rig.commit()
    await rig.machine.until(RecognitionDone)
    task.cancel()
    assert num_turns > 60
    assert len(rig.speech.recognised[0].samples) == 600 * 32_000
