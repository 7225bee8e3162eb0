"""Why no more of a prompt was found, and what to do about it."""

from enum import StrEnum

from antiphon.prefix.entry import Removal, Removed
from antiphon.prefix.record import Record


class Reason(StrEnum):
    """Why no more of a prompt was found.

    `TOO_SHORT`: less than 1,024 tokens, of the prompt or of what it shares with an earlier one, of which no hit is
    told. `FIRST_REQUEST`: no earlier request that is remembered is like it. `CHANGED_…`: the first token that differs
    from the nearest earlier request is a part of this. `OTHER_…`: an earlier request was alike, and its computation is
    of no use here. `EVICTED` and `EXPIRED`: it was held, and is no longer. `BUSY`: it was held, or was being computed,
    where it could not be used in time. `NOT_CACHEABLE`: the cache cannot hold such a prompt. `NOT_WANTED`: the
    request allowed no reuse.
    """

    TOO_SHORT = "too_short"
    FIRST_REQUEST = "first_request"
    CHANGED_TOOLS = "changed_tools"
    CHANGED_SCHEMA = "changed_schema"
    CHANGED_MESSAGE = "changed_message"
    CHANGED_IMAGE = "changed_image"
    CHANGED_IMAGE_DETAIL = "changed_image_detail"
    OTHER_MODEL = "other_model"
    OTHER_ADAPTER = "other_adapter"
    OTHER_TEMPLATE = "other_template"
    EVICTED = "evicted"
    EXPIRED = "expired"
    BUSY = "busy"
    NOT_CACHEABLE = "not_cacheable"
    NOT_WANTED = "not_wanted"


def advice(reason: Reason, record: Record, removed: Removed | None) -> str:
    """Return one sentence on how the next request finds more."""
    if reason is Reason.NOT_CACHEABLE:
        return record.outcome.not_cacheable or ""
    if reason not in {Reason.EVICTED, Reason.EXPIRED}:
        return _ADVICE[reason]
    when = "At a time that is forgotten" if removed is None else f"{record.at - removed.at:.0f} s before this request"
    if reason is Reason.EXPIRED:
        return f"{when} it had not been used for long enough to expire: ask again sooner."
    if removed is not None and removed.reason is Removal.DELETED:
        return f"{when} it was deleted: ask again, and what this request left is found."
    return f"{when} it gave way to other prompts: ask again sooner, or let the operator give the cache more room."


_ADVICE = {
    Reason.TOO_SHORT: "Hits are told from 1,024 tokens on: there is nothing to do where less is the same.",
    Reason.FIRST_REQUEST: "Ask again with the same beginning: nothing like this request is remembered from before it.",
    Reason.CHANGED_TOOLS: "Send the same tools in the same order each time, and narrow them down by 'tool_choice'.",
    Reason.CHANGED_SCHEMA: "Send the same schema each time, with its keys in the same order.",
    Reason.CHANGED_MESSAGE: "Put what changes, such as the time, behind all that stays the same.",
    Reason.CHANGED_IMAGE: "Send an image that recurs at the same place and as the same bytes.",
    Reason.CHANGED_IMAGE_DETAIL: "Ask for the same 'detail' of an image each time.",
    Reason.OTHER_MODEL: "Ask the same model each time: what another has computed, or this one elsewhere, is of no use.",
    Reason.OTHER_ADAPTER: "Ask the same fine-tuned model each time: what another has computed is of no use to it.",
    Reason.OTHER_TEMPLATE: "Ask again: the model's chat template changed, and what was computed before is of no use.",
    Reason.BUSY: "Ask once the earlier request has ended: what it computed could not be used in time.",
    Reason.NOT_WANTED: "Mark a breakpoint, or leave out the mode 'explicit' of 'prompt_cache_options'.",
}
