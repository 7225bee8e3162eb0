"""Which names are slips of the pen."""

import pytest

from antiphon.catalogue.slips import likeliest, slip_of

NAMES = ["gpt-4o", "gpt-5", "o1-mini", "whisper-1", "tts-1-hd"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        *(("gpt-4oo", "gpt-4o"), ("ggpt-4o", "gpt-4o"), ("gpt4o", "gpt-4o"), ("gp-4o", "gpt-4o"), ("gpt-4", "gpt-4o")),
        *(("gtp-4o", "gpt-4o"), ("gpt-o4", "gpt-4o"), ("gpt-40", "gpt-4o"), ("o1-nini", "o1-mini")),
        *(("gpt-4o", None), ("gpt-6", None), ("gpt-51", None), ("o3-mini", None), ("whisper-2", None)),
        *(("gpt-4o-mini", None), ("gpt-5.1", None), ("gpt-4ooo", None), ("tts", None), ("", None)),
        ("x" * 100_000, None),
    ],
)
def test_one_letter_makes_a_slip_and_a_digit_another_version(name: str, meant: str | None):
    """More, less, another, or turned around."""
    assert slip_of(name, NAMES) == meant


@pytest.mark.parametrize(
    ("name", "likely"),
    [
        *(("gpt-4oo", "gpt-4o"), ("GPT-4o", "gpt-4o"), ("whisperr-1", "whisper-1"), ("wisper-l", "whisper-1")),
        *(("no-such-model", None), ("", None), ("x" * 100_000, None)),
    ],
)
def test_a_name_that_means_nothing_is_likely_to_mean_what_is_much_like_it(name: str, likely: str | None):
    """Or nothing at all."""
    assert likeliest(name, NAMES) == likely
