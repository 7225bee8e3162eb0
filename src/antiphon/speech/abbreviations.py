"""English abbreviations and what is said for them."""

import re

from antiphon.speech.marks import OPENERS

# With the full stop that is written; what may stand without one stands without it.
_SPOKEN = {
    "mr.": "mister",
    "mr": "mister",
    "mrs.": "missus",
    "mrs": "missus",
    "ms.": "miz",
    "ms": "miz",
    "dr.": "doctor",
    "dr": "doctor",
    "prof.": "professor",
    "rev.": "reverend",
    "gen.": "general",
    "sen.": "senator",
    "rep.": "representative",
    "gov.": "governor",
    "capt.": "captain",
    "sgt.": "sergeant",
    "lt.": "lieutenant",
    "col.": "colonel",
    "jr.": "junior",
    "jr": "junior",
    "sr.": "senior",
    "st.": "saint",
    "ave.": "avenue",
    "blvd.": "boulevard",
    "rd.": "road",
    "mt.": "mount",
    "ft.": "feet",
    "e.g.": "for example",
    "eg.": "for example",
    "i.e.": "that is",
    "ie.": "that is",
    "etc.": "et cetera",
    "etc": "et cetera",
    "vs.": "versus",
    "vs": "versus",
    "cf.": "compare",
    "incl.": "including",
    "approx.": "approximately",
    "est.": "established",
    "dept.": "department",
    "govt.": "government",
    "inc.": "incorporated",
    "corp.": "corporation",
    "ltd.": "limited",
    "co.": "company",
    "bros.": "brothers",
    "no.": "number",
    "nos.": "numbers",
    "vol.": "volume",
    "fig.": "figure",
    "figs.": "figures",
    "eq.": "equation",
    "sec.": "section",
    "ch.": "chapter",
    "p.": "page",
    "pp.": "pages",
    "ed.": "edition",
    "et al.": "and others",
    "al.": "al",
    "a.m.": "A.M",
    "p.m.": "P.M",
    "jan.": "January",
    "feb.": "February",
    "mar.": "March",
    "apr.": "April",
    "jun.": "June",
    "jul.": "July",
    "aug.": "August",
    "sep.": "September",
    "sept.": "September",
    "oct.": "October",
    "nov.": "November",
    "dec.": "December",
    "mon.": "Monday",
    "tue.": "Tuesday",
    "tues.": "Tuesday",
    "wed.": "Wednesday",
    "thu.": "Thursday",
    "thurs.": "Thursday",
    "fri.": "Friday",
    "sat.": "Saturday",
    "sun.": "Sunday",
    "w/": "with",
    "w/o": "without",
    "b/c": "because",
    "n/a": "not applicable",
    "ok": "okay",
    "phd": "P.H.D",
    "ph.d.": "P.H.D",
    "c++": "C plus plus",
    "c#": "C sharp",
}

# These mean what they abbreviate only before a number: elsewhere `No.` is an answer, and `p.` a letter.
_BEFORE_NUMBERS = frozenset({"no.", "nos.", "vol.", "fig.", "figs.", "eq.", "sec.", "ch.", "p.", "pp.", "ed.", "est."})
# Words, and at the end of a sentence most often no abbreviation.
_ALSO_WORDS = frozenset({"mar.", "jun.", "sat.", "sun.", "wed.", "mon.", "fri.", "gen.", "rep.", "col."})
# Said at the end of sentences too: what follows their full stop may be a new one.
_MAY_END = frozenset({"etc.", "a.m.", "p.m.", "inc.", "ltd.", "co.", "corp.", "jr.", "sr.", "ave.", "blvd.", "rd."})

_INITIALS = re.compile(r"(?:[A-Za-z]\.)+$")


def is_abbreviation(word: str) -> bool:
    """Whether the full stop of `word` is part of an abbreviation rather than the end of a sentence."""
    bare = word.lstrip(OPENERS)
    lower = bare.lower()
    if not lower.endswith("."):
        return False
    if _INITIALS.match(bare):
        return lower not in _MAY_END and (len(bare) > 2 or bare[0].isupper()) and bare != "I."
    is_known = lower in _SPOKEN and lower not in _MAY_END and lower not in _ALSO_WORDS
    return is_known and (lower not in _BEFORE_NUMBERS or lower in {"fig.", "figs.", "vol.", "no.", "pp."})


def may_end_sentence(word: str) -> bool:
    """Whether the full stop of an abbreviation may end a sentence as well, where the next word seems a first one."""
    return word.lower() in _MAY_END or bool(_INITIALS.fullmatch(word))


def spoken_abbreviation(word: str, following: str) -> str | None:
    """Return what is said for `word` before the written word `following`, `None` where it abbreviates nothing."""
    lower = word.lower()
    is_before_number = bool(following) and following.lstrip("#(").startswith(tuple("0123456789"))
    if lower in _BEFORE_NUMBERS and not is_before_number:
        return None
    if lower == "st." and not following[:1].isupper():
        return "street"
    if lower in _ALSO_WORDS and not (word[0].isupper() and is_before_number):
        return None
    return _SPOKEN.get(lower)
