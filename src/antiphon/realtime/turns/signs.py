"""What the detector tells. Frames are counted from 0, in the order in which they were fed; none was fed twice."""

import msgspec


class VoiceSuspected(msgspec.Struct, frozen=True, gc=False):
    """A voice may have begun; nothing follows from it for the client. `VoiceBegan` or `VoiceDismissed` follows."""

    first_frame: int


class VoiceDismissed(msgspec.Struct, frozen=True, gc=False):
    """The suspicion was nothing that takes the turn: a noise, our own echo, or 'mm-hm' over our own audio."""

    first_frame: int


class VoiceBegan(msgspec.Struct, frozen=True, gc=False):
    """The user takes the turn, certainly, and has since `first_frame`; over our own audio it is an interruption."""

    first_frame: int


class EndSuspected(msgspec.Struct, frozen=True, gc=False):
    """The user is silent for a moment: what answers may begin to think. `VoiceResumed` or `TurnEnded` follows."""

    last_voiced_frame: int


class VoiceResumed(msgspec.Struct, frozen=True, gc=False):
    """The user goes on: the suspicion of an end is dropped, and a question that was asked is void."""

    frame: int


class TurnQuestioned(msgspec.Struct, frozen=True, gc=False):
    """The judge of turns is to be asked now, by the audio until the frame just fed; see `TurnDetector.judged`."""

    last_voiced_frame: int


class TurnEnded(msgspec.Struct, frozen=True, gc=False):
    """The user is done. `end_frame` is the frame just fed, whose end is the end of the turn."""

    last_voiced_frame: int
    end_frame: int


Sign = VoiceSuspected | VoiceDismissed | VoiceBegan | EndSuspected | VoiceResumed | TurnQuestioned | TurnEnded
