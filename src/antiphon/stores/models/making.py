"""Makes the file that is kept of the files that were fetched."""

from collections.abc import Callable, Mapping
from pathlib import Path

from antiphon.catalogue.entry import Made
from antiphon.errors import InvalidRequest
from antiphon.stores.models.bert import write_bert_gguf
from antiphon.stores.models.threads import Tick
from antiphon.stores.requantise import requantise

# What the gguf package raises for a file that is damaged or of another format.
_NO_GGUF = (ValueError, IndexError, KeyError)

_CONVERSIONS: dict[str, Callable[[Mapping[str, Path], Path, Tick], None]] = {"bert-gguf": write_bert_gguf}


def make(made: Made, files: Mapping[str, Path], target: Path, tick: Tick) -> None:
    """Write to `target` what `made` says, of `files` by their names. Raises `InvalidRequest` where it cannot."""
    if made.by == "requantise":
        ((name, source),) = files.items()
        try:
            requantise(source, target, made.to, tick)
        except _NO_GGUF as fault:
            raise InvalidRequest(f"{name} cannot be requantised: it is no sound GGUF file ({fault}).") from fault
    else:
        convert = _CONVERSIONS.get(made.to)
        if convert is None:
            raise InvalidRequest(f"Nothing converts to '{made.to}'; known are {', '.join(_CONVERSIONS)}.")
        convert(files, target, tick)
