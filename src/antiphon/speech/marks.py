"""Marks that stand around words, of several scripts."""
# ruff: noqa: RUF001 - marks that look alike are the subject here

import unicodedata

# Chinese and Japanese letters, as the inside of a character class; Korean puts spaces between words.
UNSPACED = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
WIDE_MARKS = "、。〉》」』】〕！，．：；？）～…”’"

OPENERS = "\"'([{<*_`~“‘«¿¡「『【（〈《〔#>|"
CLOSERS = "\"')]}>*_`~”’»」』】）〉》〕|"
SENTENCE_MARKS = ".!?。！？．"
CLAUSE_MARKS = ",;:)…—–，、；："

# What each mark at a word's end means for the voice.
_PAUSES = dict(zip(".!?。！？．" + ",;:，、；：" + "…—–)）", ".!?.!?." + ",;:,,;:" + ",,,,,", strict=True))


def pause_of(trailing: str) -> str:
    """Return the mark with which the voice pauses after a word that `trailing` follows, "" where it goes on."""
    pauses = [_PAUSES[mark] for mark in trailing.replace("...", "…") if mark in _PAUSES]
    ends = [pause for pause in pauses if pause in ".!?"]
    return (ends or pauses or [""])[-1]


def without_pictures(text: str) -> str:
    """Return a text without emoji, dingbats and what modifies them, which nobody reads out."""
    return "".join(letter for letter in text if not _is_picture(letter))


def _is_picture(letter: str) -> bool:
    if letter in "\u200d\ufe0e\ufe0f\u20e3" or "\U0001f3fb" <= letter <= "\U0001f3ff":
        return True
    return unicodedata.category(letter) in {"So", "Cn", "Co", "Cs"} and letter not in "°©®™№℃℉"
