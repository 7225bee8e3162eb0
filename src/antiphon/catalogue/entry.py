"""One catalogued model: what it is, which files it consists of, where these come from and what is made of them.

Sizes are in bytes and checksums are SHA-256 in lower-case hexadecimal. A checksum pins the bytes, whichever source
they come from; it may be missing only where every source is a path of the operator's own.
"""

from collections import defaultdict
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

# `voice_activity` hears whether anybody speaks, `turns` judges whether a speaker is done.
Kind = Literal["chat", "embedding", "recognition", "speech", "voice_activity", "turns"]

ModelName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,127}$")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Bytes = Annotated[int, Field(ge=0)]
Tokens = Annotated[int, Field(ge=1)]
# ISO 639-1, and of ISO 639-3 what it lacks.
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]


class _Part(BaseModel):
    """A table of the catalogue: an unknown key is refused by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WheelPart(_Part):
    """A member of a wheel in the package index: a whole file of the model, or a piece of it.

    The pieces of a file stand in their order. `file` may be left out where the model has one file.
    """

    package: Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,126}[A-Za-z0-9])?$")]
    version: Annotated[str, Field(pattern=r"^[0-9][A-Za-z0-9.+!]{0,63}$")]
    member: Annotated[str, Field(min_length=1, max_length=512)]
    size_bytes: Bytes
    sha256: Sha256
    file: FileName | None = None


class HubFiles(_Part):
    """Files of a Hugging Face repository: the model's file names to the repository's paths."""

    repo: Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*$")]
    revision: Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w./-]*$")] = "main"
    files: Annotated[dict[FileName, str], Field(min_length=1)]


class Source(_Part):
    """One place that has all files of the model: wheels, a Hugging Face repository, or paths on this machine."""

    wheels: tuple[WheelPart, ...] = ()
    hub: HubFiles | None = None
    paths: dict[FileName, Path] = Field(default_factory=dict[str, Path])

    @field_validator("paths")
    @classmethod
    def _are_absolute(cls, paths: dict[str, Path]) -> dict[str, Path]:
        whole = {name: path.expanduser() for name, path in paths.items()}
        for path in whole.values():
            if not path.is_absolute():
                raise ValueError(f"the path {path} is not absolute")
        return whole

    @model_validator(mode="after")
    def _is_one_place(self) -> Self:
        if sum((bool(self.wheels), self.hub is not None, bool(self.paths))) != 1:
            raise ValueError("a source has exactly one of `wheels`, `hub` and `paths`")
        return self

    def file_names(self) -> frozenset[str | None]:
        """The model's files that this place has; `None` stands for the only one."""
        if self.hub is not None:
            return frozenset(self.hub.files)
        return frozenset(self.paths) or frozenset(part.file for part in self.wheels)


class ModelFile(_Part):
    """A file as its source has it."""

    name: FileName
    size_bytes: Bytes | None = None
    sha256: Sha256 | None = None


class Made(_Part):
    """The one file that is made of the fetched ones and kept in their place.

    `requantise` writes GGUF weights again in the quantisation `to`; `convert` makes a GGUF file of what it names:
    `bert-gguf` takes `model.safetensors`, `vocab.txt` and `config.json` of a BERT encoder that pools by the mean.
    Both give the same bytes wherever they run, which is why the result has a checksum too.
    """

    by: Literal["requantise", "convert"]
    to: Annotated[str, Field(min_length=1)]
    name: FileName = "model.gguf"
    size_bytes: Bytes | None = None
    sha256: Sha256 | None = None

    def as_file(self) -> ModelFile:
        """The result, as a file to be kept."""
        return ModelFile(name=self.name, size_bytes=self.size_bytes, sha256=self.sha256)


class Sampling(_Part):
    """How the model is sampled where a request says nothing; `None` leaves it to the engine."""

    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    top_k: Annotated[int, Field(ge=0)] | None = None
    min_p: Annotated[float, Field(ge=0, le=1)] | None = None
    repeat_penalty: Annotated[float, Field(gt=0, le=2)] | None = None


class Limits(_Part):
    """Where the model stops being of use before its context ends; `None` where it does not."""

    prompt_tokens: Tokens | None = None
    answer_tokens: Tokens | None = None


class Entry(_Part):
    """A model of the catalogue.

    `context_tokens` is of models that read text, 0 of others. `languages` are those of a speech model, empty where any
    may be tried. Where nothing is `made`, all files are kept in one folder, and the first is the one that an engine is
    told of.
    """

    name: ModelName
    about: str = ""
    kind: Kind
    licence: Annotated[str, Field(min_length=1)]
    engine: Literal["llama", "whisper", "piper", "onnx"] = "llama"
    context_tokens: Annotated[int, Field(ge=0)] = 0
    languages: tuple[Language, ...] = ()
    is_default: bool = False
    limits: Limits = Limits()
    sampling: Sampling = Sampling()
    files: Annotated[tuple[ModelFile, ...], Field(min_length=1)]
    made: Made | None = None
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _sources_have_every_file(self) -> Self:
        names = {file.name for file in self.files}
        for source in self.sources:
            theirs = {self._file_name(name) for name in source.file_names()}
            if theirs != names:
                raise ValueError(f"a source of `{self.name}` has {sorted(theirs)} and not {sorted(names)}")
            self._check_sums(source)
        makes_one = self.made is not None and self.made.by == "convert"
        if len(self.files) > 1 and not makes_one and (self.engine == "llama" or self.made is not None):
            raise ValueError(f"`{self.name}` has several files, and nothing that makes one of them")
        return self

    @model_validator(mode="after")
    def _text_has_a_length(self) -> Self:
        if self.kind in {"chat", "embedding"} and self.context_tokens == 0:
            raise ValueError(f"`{self.name}` reads text, and does not say how many `context_tokens`")
        return self

    def _check_sums(self, source: Source) -> None:
        sums: dict[str, int] = defaultdict(int)
        for part in source.wheels:
            sums[self._file_name(part.file)] += part.size_bytes
        for file in self.files:
            is_pinned = file.size_bytes is not None and file.sha256 is not None
            if not is_pinned and not source.paths:
                raise ValueError(f"`{self.name}` comes from elsewhere, so `{file.name}` needs size and checksum")
            if source.wheels and sums[file.name] != file.size_bytes:
                raise ValueError(f"the parts of `{file.name}` of `{self.name}` do not add up to its size")

    def _file_name(self, name: str | None) -> str:
        if name is None and len(self.files) > 1:
            raise ValueError(f"a part of `{self.name}` does not say of which file")
        return next(iter(self.files)).name if name is None else name

    def parts_of(self, file: ModelFile, source: Source) -> tuple[WheelPart, ...]:
        """The pieces of `file` in the wheels of `source`, in order."""
        return tuple(part for part in source.wheels if self._file_name(part.file) == file.name)

    @property
    def weights(self) -> ModelFile:
        """The file that an engine is told of: what was made, or the first file as it was fetched."""
        return self.kept[0]

    @property
    def kept(self) -> tuple[ModelFile, ...]:
        """The files that stay on this machine: what was made, or all that were fetched."""
        return self.files if self.made is None else (self.made.as_file(),)

    @property
    def kept_bytes(self) -> int | None:
        """What they take on disk, `None` where nobody knows yet."""
        sizes = [file.size_bytes for file in self.kept if file.size_bytes is not None]
        return sum(sizes) if len(sizes) == len(self.kept) else None

    def recipe(self) -> str:
        """A digest of all that decides which bytes the weights are: it changes when the catalogue wants others."""
        is_pinned = all(file.sha256 for file in self.files)
        decisive = self.model_dump_json(include={"files", "made"} if is_pinned else {"files", "made", "sources"})
        return sha256(decisive.encode()).hexdigest()

    @property
    def fetched_bytes(self) -> int:
        """The size of the files as their sources have them; what is not known counts nothing."""
        return sum(file.size_bytes or 0 for file in self.files)
