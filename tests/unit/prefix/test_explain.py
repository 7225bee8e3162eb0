"""Each reason for which no more of a prompt was found, provoked and read."""

from dataclasses import replace

import pytest
from tests.fixtures.cached_requests import (
    ANSWER_BEGINS,
    KEY,
    Part,
    Requests,
    image,
    message,
    schema,
    system,
    template,
    tools,
)

from antiphon.prefix.difference import Difference
from antiphon.prefix.entry import DISK_ALLOWANCE, MEMORY_ALLOWANCE, Place, Removal, Removed, Tier
from antiphon.prefix.explain import Explanation, explain
from antiphon.prefix.history import History, HistoryLimits
from antiphon.prefix.reason import Reason, advice
from antiphon.prefix.record import Record
from antiphon.prefix.tree import PrefixTree


class Server:
    """A history in which requests are noted, and a tree in which what they left is held."""

    def __init__(self) -> None:
        self.requests = Requests()
        self.history = History()
        self.tree = PrefixTree({Tier.MEMORY: MEMORY_ALLOWANCE, Tier.DISK: DISK_ALLOWANCE})

    def ask(self, *parts: Part, **outcome: object) -> Record:
        """Note a request."""
        record = self.requests.record(*parts, **outcome)
        self.history.note(record)
        return record

    def explain(self, *parts: Part, **outcome: object) -> Explanation:
        """Note a request and explain it."""
        return explain(self.ask(*parts, **outcome), self.history)

    def lose(self, record: Record, reason: Removal) -> float:
        """Note that what a request left is held no longer; return when."""
        self.requests.now += 1
        made = self.tree.insert(record.prompt.key, record.prompt.sequence, Place(Tier.MEMORY, 1), record.at)
        assert made.entry is not None
        self.history.note_removed(self.tree.drop(made.entry, Tier.MEMORY, reason, self.requests.now))
        return self.requests.now


@pytest.fixture
def server() -> Server:
    """A server that nobody has asked anything."""
    return Server()


HELLO = message(1, "hello")
HOW = message(1, "how are you")


def test_a_conversation_that_goes_on_finds_all_there_is(server: Server):
    """Nothing is missing, so there is no reason and no advice."""
    first = server.ask(system("s"), HELLO, ANSWER_BEGINS)
    told = server.explain(
        system("s"), HELLO, ANSWER_BEGINS, message(2, "answer"), message(3, "more"), reused_tokens=1344
    )
    assert (told.reason, told.advice, told.difference) == (None, "", None)
    assert (told.nearest_id, told.reused_tokens, told.cached_tokens) == (first.id, 1344, 1280)


def test_an_answer_that_is_written_otherwise_in_the_next_prompt_is_no_change(server: Server):
    """Where the answer was to begin, the earlier prompt had only the template's words."""
    server.ask(system("s"), HELLO, template("think"))
    told = server.explain(system("s"), HELLO, template("plain"), message(2, "answer"), reused_tokens=1344)
    assert told.reason is None


def test_the_same_request_again_finds_all_but_its_last_chunk(server: Server):
    """At least one token is computed, and that is nobody's fault."""
    server.ask(system("s"), HELLO, ANSWER_BEGINS)
    told = server.explain(system("s"), HELLO, ANSWER_BEGINS, reused_tokens=1344)
    assert (told.reason, told.prompt_tokens, told.reused_tokens) == (None, 1404, 1344)


def test_a_prompt_may_be_too_short(server: Server):
    """Of less than 1,024 tokens no hit is told, though it may have been used."""
    server.ask(system("s", 500), HELLO)
    told = server.explain(system("s", 500), HELLO, reused_tokens=640)
    assert (told.reason, told.reused_tokens, told.cached_tokens) == (Reason.TOO_SHORT, 640, 0)


def test_what_is_gone_on_from_may_be_too_short(server: Server):
    """The earlier prompt was of less than 1,024 tokens."""
    first = server.ask(system("s", 500), HELLO)
    told = server.explain(system("s", 500), HELLO, message(2, "long", 900), reused_tokens=640)
    assert (told.reason, told.nearest_id, told.difference) == (Reason.TOO_SHORT, first.id, None)


def test_the_first_request_has_none_before_it(server: Server):
    """There is nothing to compare it with."""
    told = server.explain(system("s"), HELLO)
    assert (told.reason, told.nearest_id, told.difference) == (Reason.FIRST_REQUEST, None, None)


def test_a_request_that_only_begins_as_every_prompt_does_is_a_first_one(server: Server):
    """What the template writes at the beginning makes no two requests alike."""
    server.ask(template("begin"), system("s"), HELLO)
    told = server.explain(template("begin"), system("something else"), HOW)
    assert (told.reason, told.nearest_id) == (Reason.FIRST_REQUEST, None)


def test_tools_may_have_changed(server: Server):
    """The first token that differs is one of theirs."""
    first = server.ask(template("begin"), tools("a b"), system("s"), HELLO)
    told = server.explain(template("begin"), tools("b a"), system("s"), HELLO)
    assert (told.reason, told.nearest_id, told.difference) == (
        Reason.CHANGED_TOOLS,
        first.id,
        Difference(4, None, "tools"),
    )


@pytest.mark.parametrize("has_tools_now", [True, False])
def test_tools_may_be_new_or_gone(server: Server, *, has_tools_now: bool):
    """Where only one of two requests has tools it is they that changed, whatever the other has in their place."""
    with_tools = template("begin"), tools("a b"), system("s"), HELLO
    without = template("begin"), system("s"), HELLO
    server.ask(*(without if has_tools_now else with_tools))
    told = server.explain(*(with_tools if has_tools_now else without))
    assert (told.reason, told.difference) == (Reason.CHANGED_TOOLS, Difference(4, None, "tools"))


def test_the_schema_may_have_changed(server: Server):
    """It stands before the messages."""
    server.ask(schema("a"), system("s"), HELLO)
    told = server.explain(schema("b"), system("s"), HELLO)
    assert told.reason is Reason.CHANGED_SCHEMA
    assert told.difference == Difference(0, None, "response_format.json_schema.schema")


def test_an_early_message_may_have_changed(server: Server):
    """A time at the beginning of a system message is the usual case: what follows is alike, and of no use."""
    minute = [Part(system("").kind, word, 20, 0, "messages[0].content") for word in ("15:07", "15:08")]
    rest = system("s")
    first = server.ask(minute[0], rest, HELLO)
    told = server.explain(minute[1], rest, HELLO)
    assert (told.reason, told.nearest_id) == (Reason.CHANGED_MESSAGE, first.id)
    assert told.difference == Difference(0, 0, "messages[0].content")


def test_a_later_message_may_have_changed_although_there_is_a_hit(server: Server):
    """What is before it was used, what is behind it could not be."""
    server.ask(system("s"), HELLO, message(2, "answer"), message(3, "more"))
    told = server.explain(system("s"), HELLO, message(2, "edited"), message(3, "more"), reused_tokens=1344)
    assert (told.reason, told.cached_tokens) == (Reason.CHANGED_MESSAGE, 1280)
    assert told.difference == Difference(1400, 2, "messages[2].content")


def test_a_message_that_ends_sooner_is_the_one_that_changed(server: Server):
    """The template's words behind it stand where the earlier one went on."""
    longer, shorter = message(1, "hello", 300), message(1, "hello", 200)
    server.ask(system("s"), longer, template("end"), message(2, "x"))
    told = server.explain(system("s"), shorter, template("end"), message(2, "x"), reused_tokens=1344)
    assert told.difference == Difference(1400, 1, "messages[1].content")


def test_another_role_is_told_of_with_its_message(server: Server):
    """The template's words differ, and lead to the message."""
    server.ask(system("s"), template("user"), HELLO, ANSWER_BEGINS)
    told = server.explain(system("s"), template("assistant"), HELLO, ANSWER_BEGINS, reused_tokens=1152)
    assert told.difference == Difference(1200, 1, "messages[1].content")


def test_an_image_may_have_changed(server: Server):
    """Another image stands in its place."""
    server.ask(image(0, "cat"), system("s"), HELLO)
    told = server.explain(image(0, "dog"), system("s"), HELLO)
    assert told.reason is Reason.CHANGED_IMAGE
    assert told.difference == Difference(0, 0, "messages[0].content[0].image_url")


def test_the_detail_of_an_image_may_have_changed(server: Server):
    """It is the same image, of which the model sees more or less."""
    server.ask(image(0, "cat", "high"), system("s"), HELLO)
    told = server.explain(image(0, "cat", "low", num_tokens=85), system("s"), HELLO)
    assert told.reason is Reason.CHANGED_IMAGE_DETAIL


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (replace(KEY, weights_digest="others"), Reason.OTHER_MODEL),
        (replace(KEY, engine_build="build-2"), Reason.OTHER_MODEL),
        (replace(KEY, adapter_digests=("adapter",)), Reason.OTHER_ADAPTER),
        (replace(KEY, template_digest="others"), Reason.OTHER_TEMPLATE),
    ],
)
def test_the_same_may_have_been_asked_of_another_model(server: Server, other: object, reason: Reason):
    """What that computed is of no use here."""
    server.requests.key = other
    first = server.ask(system("s"), HELLO)
    server.requests.key = KEY
    told = server.explain(system("s"), HELLO)
    assert (told.reason, told.nearest_id) == (reason, first.id)


def test_another_model_is_told_of_though_it_spells_otherwise(server: Server):
    """The openings are the same, whatever the tokens."""
    server.requests.key = replace(KEY, weights_digest="others")
    first = server.ask(system("other tokens"), HELLO, opening="digest")
    server.requests.key = KEY
    told = server.explain(system("s"), HELLO, opening="digest")
    assert (told.reason, told.nearest_id) == (Reason.OTHER_MODEL, first.id)


def test_another_organisation_is_never_told_of(server: Server):
    """Its identical request is none before this one."""
    server.requests.key = replace(KEY, organization="org-2")
    lost = server.ask(system("s"), HELLO, opening="digest")
    server.lose(lost, Removal.SPACE)
    server.requests.key = KEY
    told = server.explain(system("s"), HELLO, opening="digest")
    assert (told.reason, told.nearest_id, told.removed_at) == (Reason.FIRST_REQUEST, None, None)


@pytest.mark.parametrize(
    ("removal", "reason"),
    [
        (Removal.SPACE, Reason.EVICTED),
        (Removal.DELETED, Reason.EVICTED),
        (Removal.EXPIRED, Reason.EXPIRED),
    ],
)
def test_what_was_held_may_have_been_lost(server: Server, removal: Removal, reason: Reason):
    """It is told why and when."""
    first = server.ask(system("s"), HELLO)
    at = server.lose(first, removal)
    told = server.explain(system("s"), HELLO)
    assert (told.reason, told.removal, told.removed_at, told.nearest_id) == (reason, removal, at, first.id)
    assert "1 s before this request" in told.advice


def test_a_loss_from_before_the_earlier_request_is_not_the_reason(server: Server):
    """That request computed it anew, and it was lost again."""
    first = server.ask(system("s"), HELLO)
    server.lose(first, Removal.EXPIRED)
    second = server.ask(system("s"), HELLO)
    at = server.lose(second, Removal.SPACE)
    told = server.explain(system("s"), HELLO)
    assert (told.reason, told.removed_at, told.nearest_id) == (Reason.EVICTED, at, second.id)


def test_a_loss_that_came_later_is_not_the_reason(server: Server):
    """It was held as the request came, where it could not be used."""
    first = server.ask(system("s"), HELLO)
    late = server.ask(system("s"), HELLO, held_tokens=1400)
    server.lose(first, Removal.SPACE)
    assert explain(late, server.history).reason is Reason.BUSY


def test_a_loss_may_be_forgotten(server: Server):
    """Then it is not told when."""
    server.history = History(HistoryLimits(removal_bytes=100))
    first = server.ask(system("s"), HELLO)
    server.lose(first, Removal.EXPIRED)
    told = server.explain(system("s"), HELLO)
    assert (told.reason, told.removal, told.removed_at) == (Reason.EVICTED, None, None)


def test_what_is_in_a_slot_at_work_is_busy(server: Server):
    """It is held, and could not be used in time."""
    server.ask(system("s"), HELLO)
    assert server.explain(system("s"), HELLO, held_tokens=1400).reason is Reason.BUSY


def test_what_is_still_being_computed_is_busy(server: Server):
    """Nothing was lost, and nothing is held yet."""
    server.ask(system("s"), HELLO)
    assert server.explain(system("s"), HELLO).reason is Reason.BUSY


def test_what_the_cache_cannot_hold_says_why(server: Server):
    """In the engine's words."""
    told = server.explain(system("s"), HELLO, not_cacheable="This engine cannot keep audio.")
    assert (told.reason, told.advice) == (Reason.NOT_CACHEABLE, "This engine cannot keep audio.")


def test_a_request_may_allow_no_reuse(server: Server):
    """Then none is missed."""
    server.ask(system("s"), HELLO)
    assert server.explain(system("s"), HELLO, wanted_tokens=0).reason is Reason.NOT_WANTED


def test_a_request_may_allow_reuse_of_a_part(server: Server):
    """Up to its last breakpoint all was found, and what differs behind it is not missed."""
    server.ask(system("s"), HELLO)
    told = server.explain(system("s"), HOW, wanted_tokens=1200, reused_tokens=1152)
    assert (told.reason, told.difference) == (None, None)


def test_a_hit_on_what_nobody_remembers_is_a_hit(server: Server):
    """A file from before a restart holds more than the requests since then."""
    assert server.explain(system("s"), HELLO, reused_tokens=1344).reason is None
    server.ask(system("s"), HOW)
    assert server.explain(system("s"), message(1, "hi"), message(2, "x"), reused_tokens=1408).reason is None


def test_a_place_is_not_told_where_segments_are_unknown(server: Server):
    """The token is known all the same."""
    earlier, later = server.requests.record(system("s"), HELLO), server.requests.record(system("s"), HOW)
    earlier, later = (
        Record(each.id, each.prompt, replace(each.outcome, reused_tokens=1152), each.at) for each in (earlier, later)
    )
    server.history.note(earlier)
    server.history.note(later)
    told = explain(later, server.history)
    assert (told.reason, told.difference) == (Reason.CHANGED_MESSAGE, Difference(1200))


def test_every_reason_has_one_sentence_of_advice(server: Server):
    """It ends in a full stop, and there is no other in it."""
    made = server.tree.insert(KEY, server.ask(system("s")).prompt.sequence, Place(Tier.DISK, 1), 0)
    assert made.entry is not None
    record = server.requests.record(system("s"), not_cacheable="This engine cannot keep audio.")
    removals = [None, *(Removed(made.entry, Tier.DISK, removal, 1, is_gone=True) for removal in Removal)]
    for reason in Reason:
        for removed in removals:
            sentence = advice(reason, record, removed)
            assert sentence.endswith(".")
            assert sentence.count(". ") == 0
