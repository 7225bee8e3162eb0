"""The scripted model's voice."""

import numpy as np
import pytest
from tests.fixtures.tone_speech import heard, script

from antiphon.engines.scripted.script import is_script
from antiphon.engines.scripted.tones import heard_texts
from antiphon.engines.scripted.voice import MAX_SECONDS, RATE_HZ, ScriptedSynthesiser
from antiphon.errors import AntiphonError, EngineFailed, InvalidRequest, RateLimited
from antiphon.speech.facts import AudioSpoken
from antiphon.speech.voices import Voice
from antiphon.speech.work import SpeechWork
from antiphon.testing.clock import FakeClock

VOICE = Voice(name="alloy", model="antiphon-scripted")


async def said(text: str, **options: float) -> list[AudioSpoken]:
    """Return all that is told of a text."""
    work = SpeechWork(id="speech_1", organization="org", voice=VOICE, text=text, **options)
    return [fact async for fact in ScriptedSynthesiser(sleep=FakeClock().sleep).speak(work)]


def audio(facts: list[AudioSpoken]) -> bytes:
    """Return the whole audio."""
    return b"".join(fact.samples for fact in facts)


@pytest.mark.parametrize("text", ["Hello there, friend.", "  two\n\nlines  ", "one", "握草 Größe", " "])
async def test_the_audio_says_the_text_and_the_words_are_its_letters(text: str):
    facts = await said(text)
    assert heard(audio(facts)) == text
    assert "".join(word.text for fact in facts for word in fact.words) == text


async def test_words_end_where_their_tones_do():
    """The recogniser, which knows the audio alone, finds the same times."""
    facts = await said("The whole Größe is here.")
    words = [word for fact in facts for word in fact.words]
    (found,) = heard_texts(np.frombuffer(audio(facts), dtype="<i2").astype(np.int16), RATE_HZ)
    num_bytes = 0
    for word in words:
        end_ms = found.byte_ends_ms[num_bytes + len(word.text.rstrip().encode()) - 1]
        assert word.end_ms == pytest.approx(end_ms, abs=3)
        num_bytes += len(word.text.encode())
    assert [word.start_ms for word in words] == sorted(word.start_ms for word in words)


async def test_audio_is_as_long_as_the_text_has_bytes():
    assert len(audio(await said("abcd"))) == 4 * 25 * RATE_HZ // 1000 * 2


async def test_speed_divides_the_length_and_ends_where_nobody_could_understand():
    normal, slow, fast = [len(audio(await said("abcdefgh", speed=speed))) for speed in (1.0, 0.5, 4.0)]
    assert slow == 2 * normal
    assert fast == pytest.approx(normal * 12 / 25, rel=0.01)
    assert heard(audio(await said("abcdefgh", speed=4.0))) == "abcdefgh"


async def test_the_same_text_is_the_same_audio():
    assert await said("Once more.") == await said("Once more.")


async def test_a_script_is_performed():
    facts = await said(script({"say": "Slow ", "ms_per_character": 50}, {"wait_ms": 100}, {"say": "down."}))
    assert [word.text for fact in facts for word in fact.words] == ["Slow ", "down."]
    assert [len(fact.samples) // 2 * 1000 // RATE_HZ for fact in facts] == [250, 125]


@pytest.mark.parametrize(
    ("step", "error"),
    [({"fail": {"status": 429}}, RateLimited), ({"crash": "gone"}, EngineFailed), ({"call": "f"}, InvalidRequest)],
)
async def test_a_script_fails_as_it_says(step: dict, error: type[AntiphonError]):
    with pytest.raises(error):
        await said(script({"say": "Hello."}, step))


async def test_words_before_a_script_are_spoken_first():
    """So that an answer can fail in its middle, whatever clauses it is cut into."""
    synthesiser = ScriptedSynthesiser()
    text = "Hello there. " + script({"fail": {}})
    assert not is_script(text)
    work = SpeechWork(id="speech_1", organization="org", voice=VOICE, text=text)
    facts = synthesiser.speak(work)
    assert [word.text for word in (await anext(facts)).words] == ["Hello "]
    assert [word.text for word in (await anext(facts)).words] == ["there. "]
    with pytest.raises(EngineFailed):
        await anext(facts)


async def test_a_long_word_is_told_in_pieces_and_known_with_the_last():
    word = "Größe" * 30
    facts = await said(word)
    assert len(facts) > 1
    assert max(len(fact.samples) for fact in facts) <= 2 * 2 * RATE_HZ
    assert [len(fact.words) for fact in facts] == [*[0] * (len(facts) - 1), 1]
    assert heard(audio(facts)) == facts[-1].words[0].text == word


async def test_nothing_is_spoken_for_hours():
    """A few letters would ask for all the memory that there is."""
    with pytest.raises(InvalidRequest, match=f"{MAX_SECONDS} seconds"):
        await said(script({"say": "ab " * (MAX_SECONDS // 2), "ms_per_character": 1000}))
