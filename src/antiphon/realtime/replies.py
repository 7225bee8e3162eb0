"""Who answers: the responses that are under way, and the answer that is begun before there is one."""

from collections.abc import Iterable

from antiphon.realtime.answer import Answer
from antiphon.realtime.config import ResponseOptions, SessionConfig
from antiphon.realtime.effects import Prompt, ReadLimits, Warm
from antiphon.realtime.hearing import AudioPlace
from antiphon.realtime.items import AudioContent, Item, ItemReference, MessageItem
from antiphon.realtime.parts import Parts
from antiphon.realtime.prompts import Plan, over_budget, prompt_of, shown_to_model, without_oldest
from antiphon.realtime.response import Response
from antiphon.realtime.timing import TurnTiming


class Replies:
    """One response at most writes to the conversation (`current`); others run beside it, out of band.

    The draft is an answer to what the user seems to have said. A response adopts it where it would ask just that.
    """

    def __init__(self, parts: Parts) -> None:
        self.active: dict[str, Response] = {}
        self.current: Response | None = None
        self.last: Response | None = None
        self._parts = parts
        self._draft: Answer | None = None
        self._stand_in: MessageItem | None = None
        self._warmed: Prompt | None = None

    def draft(self, item: MessageItem, timing: TurnTiming) -> None:
        """Begin to answer an item that is not in the conversation yet."""
        self.drop_draft()
        config = self._parts.config
        self._stand_in = item
        self._draft = self._new_answer(self._plan(config, (*self._parts.conversation.known(), item)))
        self._stamp_stages(self._draft, timing)
        self._draft.open()

    def drop_draft(self) -> None:
        """Leave no trace of the draft."""
        if self._draft is not None:
            self._draft.close()
        self._draft = self._stand_in = None

    def respond(self, options: ResponseOptions, timing: TurnTiming | None = None) -> None:
        """Begin a response. That it may begin has been made sure of."""
        response = Response(options.applied_to(self._parts.config), options, self._parts, self._ended)
        response.timing = timing
        self.active[response.id] = response
        if not options.is_out_of_band:
            self.current = response
        response.begin()
        self._begin_answer(response)

    def advance(self) -> None:
        """Go on with every response: those that wait for words, and those whose audio may run ahead no further."""
        for response in tuple(self.active.values()):
            if response.answer is None:
                self._begin_answer(response)
            response.drain()

    def warm(self) -> None:
        """Let the conversation's prompt be computed ahead, unless it was already, or something else is."""
        if self.current is not None or self._draft is not None or self._parts.config.kind != "realtime":
            return
        prompt = self._plan(self._parts.config, self._parts.conversation.known()).prompt
        if prompt != self._warmed:
            self._warmed = prompt
            self._parts.outbox.do(Warm(prompt))

    def _begin_answer(self, response: Response) -> None:
        items = tuple(self._context(response.options))
        places = [place for item in items for place, _ in unread_audio(item)]
        hearing = self._parts.hearing
        if not self._parts.abilities.takes_audio:
            if any(hearing.is_pending(place) for place in places):
                return
            newest = unread_audio(items[-1]) if items else []
            fault = next((fault for place, _ in newest if (fault := hearing.fault(place)) is not None), None)
            if fault is not None:
                response.fail(fault)
                return
        response.adopt(self._answer_for(response, items))

    def _answer_for(self, response: Response, items: tuple[Item, ...]) -> Answer:
        """Return the draft, if it answers just this, or a new answer."""
        is_own = response.options.input is not None or response.options.is_out_of_band
        plan = self._plan(response.config, items, keeps_slot=not is_own)
        draft, stand_in = self._draft, self._stand_in
        if draft is not None and stand_in is not None:
            supposed = (stand_in if item.id == stand_in.id else item for item in items)
            if draft.plan == self._plan(response.config, supposed, keeps_slot=not is_own):
                self._draft = self._stand_in = None
                draft.plan = plan
                return draft
        if not is_own:
            self.drop_draft()
        answer = self._new_answer(plan)
        if response.timing is not None:
            self._stamp_stages(answer, response.timing)
        answer.open()
        return answer

    def _context(self, options: ResponseOptions) -> Iterable[Item]:
        if options.input is None:
            yield from self._parts.conversation.known()
            return
        for item in options.input:
            found = self._parts.conversation.get(item.id) if isinstance(item, ItemReference) else item
            if found is not None:
                yield found

    def _plan(self, config: SessionConfig, items: Iterable[Item], *, keeps_slot: bool = True) -> Plan:
        parts = self._parts
        shown = shown_to_model(items, parts.hearing.words, takes_audio=parts.abilities.takes_audio)
        return Plan(config=config, prompt=prompt_of(config, shown), keeps_slot=keeps_slot)

    def _new_answer(self, plan: Plan) -> Answer:
        answer = Answer(plan, self._parts.works, self._parts.outbox)
        answer.overflowed = self._shortened
        excess_tokens = over_budget(plan.prompt, plan.config.truncation)
        if excess_tokens:
            answer.plan = self._shortened(plan, excess_tokens) or plan
        return answer

    def _shortened(self, plan: Plan, excess_tokens: int) -> Plan | None:
        """Return the plan without its oldest items, which the model will not be shown again, or None."""
        kept = without_oldest(plan.prompt, excess_tokens, plan.config.truncation)
        if kept is None:
            return None
        if plan.keeps_slot:
            kept_ids = {item.id for item in kept}
            self._parts.conversation.forget(item.id for item in plan.prompt.items if item.id not in kept_ids)
        return plan.with_items(kept)

    def _stamp_stages(self, answer: Answer, timing: TurnTiming) -> None:
        answer.reached = lambda stage: timing.stamp(stage, self._parts.now_ms)

    def _ended(self, response: Response) -> None:
        del self.active[response.id]
        for item in response.options.input or ():
            if not isinstance(item, ItemReference):
                self._parts.hearing.forget_item(item.id)
        self._parts.outbox.do(ReadLimits(response.usage.total))
        if response is self.current:
            self.current, self.last = None, response
            self._parts.hush(is_wanted=False)
            self.warm()


def unread_audio(item: Item | ItemReference) -> list[tuple[AudioPlace, AudioContent]]:
    """Return the user's audio in an item that came, or stands there, without its words."""
    if not isinstance(item, MessageItem) or item.role != "user":
        return []
    parts = ((AudioPlace(item.id, index), part) for index, part in enumerate(item.content))
    return [(place, part) for place, part in parts if isinstance(part, AudioContent) and part.transcript is None]
