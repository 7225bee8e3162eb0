r"""The string formats of the strict subset, each as a regular expression of values that every validator accepts.

They are narrower than their standards on purpose: a value is written here, never read, so what only some validators
accept (leap seconds, the year 0000, quoted local parts, one-label domains of addresses, ...) is left out, and every
part has a length at which people's own values end.
"""

from collections.abc import Mapping
from types import MappingProxyType

_YEAR = r"(?:[1-9]\d{3}|0[1-9]\d\d|00[1-9]\d|000[1-9])"
_MULTIPLE_OF_4 = r"(?:0[48]|[2468][048]|[13579][26])"
_LEAP_YEAR = rf"(?:\d\d{_MULTIPLE_OF_4}|{_MULTIPLE_OF_4}00)"
_MONTH_AND_DAY = (
    r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
)
_DATE = rf"(?:{_YEAR}-{_MONTH_AND_DAY}|{_LEAP_YEAR}-02-29)"
# RFC 3339 full-time. Fractions end at microseconds, which is where Python's own type ends.
_LOCAL_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?"
_TIME = rf"{_LOCAL_TIME}(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"

_COUNT = r"(?:0|[1-9]\d{0,3})"
# RFC 3339 appendix A: no unit may be skipped between the largest and the smallest.
_DAYS = rf"(?:{_COUNT}Y(?:{_COUNT}M(?:{_COUNT}D)?)?|{_COUNT}M(?:{_COUNT}D)?|{_COUNT}D)"
_HOURS = rf"T(?:{_COUNT}H(?:{_COUNT}M(?:{_COUNT}S)?)?|{_COUNT}M(?:{_COUNT}S)?|{_COUNT}S)"

_LABEL = r"[A-Za-z0-9]{1,20}(?:-[A-Za-z0-9]{1,20}){0,2}"
_TOP_LABEL = r"[A-Za-z]{2,15}"
_LOCAL_PART = r"[A-Za-z0-9_+-]{1,20}(?:\.[A-Za-z0-9_+-]{1,20}){0,2}"

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_GROUP = r"[0-9A-Fa-f]{1,4}"


def _ipv6() -> str:
    """Eight groups, or `::` in the place of one or more of them."""
    options = [
        rf"{_GROUP}(?::{_GROUP}){{7}}",
        rf"::(?:{_GROUP}(?::{_GROUP}){{0,6}})?",
        rf"{_GROUP}(?::{_GROUP}){{6}}::",
    ]
    for num_before in range(1, 7):
        before = rf"{_GROUP}(?::{_GROUP}){{{num_before - 1}}}"
        options.append(rf"{before}::(?:{_GROUP}(?::{_GROUP}){{0,{6 - num_before}}})?")
    return "|".join(options)


FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "date-time": rf"^{_DATE}T{_TIME}$",
        "time": rf"^{_TIME}$",
        "date": rf"^{_DATE}$",
        "duration": rf"^P(?:{_DAYS}(?:{_HOURS})?|{_HOURS}|{_COUNT}W)$",
        "email": rf"^{_LOCAL_PART}@(?:{_LABEL}\.){{1,3}}{_TOP_LABEL}$",
        "hostname": rf"^(?:{_LABEL}\.){{0,4}}{_TOP_LABEL}$",
        "ipv4": rf"^{_OCTET}(?:\.{_OCTET}){{3}}$",
        "ipv6": rf"^(?:{_ipv6()})$",
        "uuid": r"^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
    }
)

# What zod means by a time: it has no offset, and says so in a pattern beside the format.
LOCAL_TIME = rf"^{_LOCAL_TIME}$"
