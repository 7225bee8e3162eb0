"""Makes the file that is kept of the files that were fetched."""

from collections.abc import Callable, Mapping
from pathlib import Path

from antiphon.catalogue.entry import Made
from antiphon.errors import InvalidRequest
from antiphon.stores.models.bert import write_bert_gguf
from antiphon.stores.models.threads import Tick
from antiphon.stores.requantise import requantise

_CONVERSIONS: dict[str, Callable[[Mapping[str, Path], Path, Tick], None]] = {"bert-gguf": write_bert_gguf}


def make(made: Made, files: Mapping[str, Path], target: Path, tick: Tick) -> None:
    """Write to `target` what `made` says, of `files` by their names. Raises `InvalidRequest` where it cannot."""
    if made.by == "requantise":
        (source,) = files.values()
        requantise(source, target, made.to, tick)
    else:
        convert = _CONVERSIONS.get(made.to)
        if convert is None:
            raise InvalidRequest(f"Nothing converts to '{made.to}'; known are {', '.join(_CONVERSIONS)}.")
        convert(files, target, tick)
