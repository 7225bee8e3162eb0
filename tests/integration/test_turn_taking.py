"""Turn taking on a small made set, of speakers and phrases that nothing was fitted or tuned on.

`python -m bench.turns` measures the whole set; the bounds here are its aims, scaled down.
"""

import pytest
from bench.turns import measure
from bench.turns.listening import Listener
from bench.turns.made_set import MadeSet
from bench.turns.voices import Studio
from tests.fixtures.weights import weights_of

from antiphon.engines.hearing.sessions import open_session
from antiphon.engines.hearing.silero import SileroVoiceActivity
from antiphon.engines.hearing.smart_turn import SmartTurnJudge

NUM_SCENES = 30
ECHO_MINUTES = 2.0


@pytest.fixture(scope="module")
def listener() -> Listener:
    """The real models behind the detector."""
    voices = open_session(weights_of("silero-vad-v6.2")[1].path)
    judge = SmartTurnJudge(open_session(weights_of("smart-turn-v3.2")[1].path))
    return Listener(lambda: SileroVoiceActivity(voices), judge)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeSet:
    """The scenes, spoken by the synthesisers that are here: Piper, and espeak-ng where it is."""
    voice = str(weights_of("piper-en-us-joe-medium")[1].path)
    studio = Studio(tmp_path_factory.mktemp("studio"), engines=("piper", "espeak"))
    return MadeSet("proof", studio, voice, NUM_SCENES)


def test_no_echo_interrupts_an_answer(listener: Listener, made: MadeSet):
    """At 20 and at 10 dB below what we play, whenever the player begins to sound."""
    assert measure.interrupted_by_echo(listener, made.echoes(ECHO_MINUTES)).others == ()


def test_backchannels_let_the_answer_go_on(listener: Listener, made: MadeSet):
    """Two of thirty 'mm-hm' and 'yeah' may interrupt."""
    count = measure.interrupted_by_backchannels(listener, made.backchannels())
    assert count.num <= 2, count.others


def test_interruptions_are_caught_within_300_ms(listener: Listener, made: MadeSet):
    """Two of thirty may be caught later, over headphones and over an echo of -20 dB."""
    count = measure.caught_interruptions(listener, made.interruptions((None, 20.0)))
    assert count.num >= NUM_SCENES - 2, count.others


def test_most_interruptions_are_caught_over_a_loud_echo(listener: Listener, made: MadeSet):
    """At -10 dB the soft beginnings of words drown."""
    count = measure.caught_interruptions(listener, made.interruptions((10.0,)))
    assert count.num >= 0.6 * NUM_SCENES, count.others


def test_a_pause_ends_no_turn_under_semantic_vad(listener: Listener, made: MadeSet):
    """Three of thirty pauses of 400 ms may."""
    borne, _ = measure.borne_pauses(listener, made.pauses())
    assert borne.num >= NUM_SCENES - 3, borne.others


def test_a_sentence_over_a_telephone_is_one_turn(listener: Listener, made: MadeSet):
    """Two of thirty may be cut in their middle, or lack their beginning."""
    count = measure.whole_turns(listener, made.telephoned())
    assert count.num >= NUM_SCENES - 2, count.others


def test_speech_is_found_in_a_steady_noise(listener: Listener, made: MadeSet):
    """Down to 5 dB; a noise alone is never taken for a voice."""
    scenes = [scene for noise, _, scene in made.in_noise(3) if noise != "babble"]
    heard = measure.in_noise(listener, scenes)
    assert (heard.found.num, heard.false_starts.num) == (len(scenes), 0)
