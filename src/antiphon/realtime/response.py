"""One response: it takes the pieces of its answer and tells them as items, up to its one `response.done`."""

from collections.abc import Callable

import msgspec

from antiphon.audio.levels import frame_levels
from antiphon.realtime.answer import Answer, CallArguments, CallBegun, Ended, Piece, Written
from antiphon.realtime.clause import SENT_MS, Clause
from antiphon.realtime.config import ResponseOptions, SessionConfig
from antiphon.realtime.items import Item
from antiphon.realtime.outputs import Outputs
from antiphon.realtime.parts import Parts
from antiphon.realtime.server_events import (
    Fault,
    ResponseCreated,
    ResponseDone,
    ResponseStatus,
    ResponseView,
    StatusDetails,
    TurnTimed,
    Usage,
)
from antiphon.realtime.timing import Pacer, TurnTiming
from antiphon.realtime.turns.frames import FRAME_MS
from antiphon.realtime.usage import Made, Measured, usage_of

_ENDINGS: dict[str, tuple[ResponseStatus, StatusDetails]] = {
    "length": ("incomplete", StatusDetails(reason="max_output_tokens")),
    "content_filter": ("incomplete", StatusDetails(reason="content_filter")),
}
_COMPLETED: tuple[ResponseStatus, StatusDetails] = ("completed", StatusDetails())


class Response:
    """Says `response.created`, then items one after another, then `response.done`, and nothing after it.

    `config` is the session's set-up with the response's overrides. `done` is called once, right after the end.
    """

    def __init__(
        self, config: SessionConfig, options: ResponseOptions, parts: Parts, done: Callable[["Response"], None]
    ) -> None:
        self.id = parts.ids("resp_")
        self.config = config
        self.options = options
        self.pacer = Pacer(parts.limits.max_ahead_ms, SENT_MS)
        self.timing: TurnTiming | None = None
        self.answer: Answer | None = None
        self.usage = Usage()
        self._parts = parts
        self._done = done
        self._status: ResponseStatus = "in_progress"
        self._clause_start_ms: float | None = None
        self._spoken_ms = 0.0
        self.outputs = Outputs(self.id, parts, None if options.is_out_of_band else parts.conversation)

    @property
    def is_active(self) -> bool:
        """Whether `response.done` is still to come."""
        return self._status == "in_progress"

    def begin(self) -> None:
        """Tell that there is a response."""
        self._parts.outbox.say(ResponseCreated(self._view()))

    def adopt(self, answer: Answer) -> None:
        """Take an answer, and tell what it has already."""
        self.answer = answer
        answer.adopt(self.drain)
        self.drain()

    def drain(self) -> None:
        """Tell what there is to tell, as far as audio may run ahead."""
        while self.is_active and self.answer is not None and self.answer.pieces:
            piece = self.answer.pieces[0]
            if isinstance(piece, Ended):
                self._end_as(piece)
            elif self._has_spoken_enough:
                self.end(*_ENDINGS["length"])
            elif self._told(piece):
                self.answer.took()
            elif not self._has_spoken_enough:
                return

    def wakes_at_ms(self) -> float | None:
        """Return when more audio may be sent, None where none waits for that."""
        waits = self.is_active and self.answer is not None and self.answer.pieces
        return self.pacer.may_send_at_ms() if waits and self._may_not_send() else None

    def end(self, status: ResponseStatus, details: StatusDetails) -> None:
        """Close everything, once; what was sent so far is what there is."""
        if self.answer is not None:
            self.answer.close()
        self.outputs.close("completed" if status == "completed" else "incomplete")
        self._status = status
        if self.timing is not None:
            self._parts.outbox.say(TurnTimed(response_id=self.id, stages_ms=self.timing.stages_ms))
        self.usage = _usage_of(self.answer, tuple(self.outputs.items), status)
        view = msgspec.structs.replace(
            self._view(), details=details, output=tuple(self.outputs.items), usage=self.usage
        )
        self._parts.outbox.say(ResponseDone(view))
        self._done(self)

    def fail(self, fault: Fault) -> None:
        """End by a fault."""
        self.end("failed", StatusDetails(fault=fault))

    def _end_as(self, ended: Ended) -> None:
        if ended.fault is not None:
            self.fail(ended.fault)
        else:
            self.end(*_ENDINGS.get(ended.reason, _COMPLETED))

    def _told(self, piece: Piece) -> bool:
        """Tell a piece; whether it is used up."""
        match piece:
            case Written():
                self.outputs.written().write(piece.text)
            case Clause():
                return self._spoke(piece)
            case CallBegun():
                self.outputs.begin_call(piece.call_id, piece.name)
            case CallArguments():
                self.outputs.add_arguments(piece.text)
            case Ended():
                pass
        self._note_sent()
        return True

    def _spoke(self, clause: Clause) -> bool:
        """Send what may be sent of a clause; whether that is all of it."""
        audio_format = self.config.output_format
        while not (self._has_spoken_enough or self._may_not_send()) and (frame := clause.next_frame()) is not None:
            message = self.outputs.spoken(audio_format)
            if self._clause_start_ms is None:
                self._clause_start_ms = message.duration_ms
            message.speak(frame, self._clause_start_ms)
            duration_ms = len(frame.samples) * 1000 / audio_format.rate_hz
            self._spoken_ms += duration_ms
            self.pacer.sent(duration_ms, self._parts.now_ms)
            levels_dbfs = frame_levels(frame.samples, audio_format.rate_hz, FRAME_MS)
            self._parts.ears.played(levels_dbfs, duration_ms, self._parts.now_ms)
            self._note_sent(is_sound=True)
        if clause.is_taken:
            self._clause_start_ms = None
        return clause.is_taken

    @property
    def _has_spoken_enough(self) -> bool:
        return self._spoken_ms >= self._parts.limits.max_spoken_ms

    def _may_not_send(self) -> bool:
        return self.pacer.may_send_at_ms() > self._parts.now_ms

    def _note_sent(self, *, is_sound: bool = False) -> None:
        if is_sound and self.timing is not None:
            self.timing.stamp("first_audio", self._parts.now_ms)
        if not self.options.is_out_of_band:
            self._parts.hush(is_wanted=False)
            self._parts.has_spoken |= is_sound

    def _view(self) -> ResponseView:
        return ResponseView(
            id=self.id,
            status=self._status,
            output_modalities=self.config.output_modalities,
            voice=self.config.voice,
            output_format=self.config.output_format,
            conversation_id=None if self.options.is_out_of_band else self._parts.conversation.id,
            max_output_tokens=self.config.max_output_tokens,
            temperature=self.config.temperature,
            metadata=self.options.metadata,
        )


def _usage_of(answer: Answer | None, items: tuple[Item, ...], status: ResponseStatus) -> Usage:
    # What failed before anything came of it took nothing, unless the engine says otherwise.
    if answer is None or (status == "failed" and answer.counted is None and not answer.num_bytes):
        return Usage()
    told = answer.measured
    measured = Measured(told.instructions_tokens, told.item_tokens) if told is not None else None
    return usage_of(answer.plan.prompt, measured, answer.counted, Made(answer.num_bytes, items))
