"""Every option of the server. Environment variables are read here and nowhere else.

A value comes from, in this order: the command line, `ANTIPHON_*` variables, the TOML file named by `--config`, the
default. An unknown or malformed value stops the start with a sentence.
"""

import os
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from antiphon.errors import StartRefused

MIB = 1024 * 1024
_PREFIX = "ANTIPHON_"


class RemoteEngine(BaseModel):
    """An OpenAI-compatible server that answers for some models: vLLM, SGLang, llama-server, a hosted service.

    `base_url` ends where the SDK's would, usually in `/v1`. `models` maps the names that our callers use to the
    server's own; the abilities say what it may be sent. The models of an engine that `recognises` or `speaks` do
    nothing else: `times_words` says that its transcriptions come as `verbose_json`, `voices` maps the names of voices
    that our callers use to the server's own.

    `salts_cache` sends each chat and continuation with a `cache_salt` of its organisation's, as vLLM takes it, so that
    no organisation can use or detect what another one's prompt left in the server's cache; OpenAI's own API refuses
    the field. The salt is a digest under `cache_salt_key`, or under a key of this process's own where there is none.
    `takes_cache_fields` says that the server knows `prompt_cache_*` and breakpoints; another is not sent any.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    base_url: Annotated[str, Field(pattern=r"^https?://")]
    models: Annotated[dict[str, str], Field(min_length=1)]
    api_key: SecretStr | None = None
    api_key_env: str | None = None
    context_tokens: int | None = None
    max_top_logprobs: int = 20
    takes_images: bool = False
    takes_audio: bool = False
    takes_files: bool = False
    calls_tools: bool = True
    fits_schemas: bool = True
    biases_logits: bool = True
    predicts_outputs: bool = False
    reasons: bool = False
    varies_verbosity: bool = False
    embeds: bool = False
    salts_cache: bool = False
    cache_salt_key: SecretStr | None = None
    takes_cache_fields: bool = False
    recognises: bool = False
    times_words: bool = True
    speaks: bool = False
    voices: dict[str, str] = Field(default_factory=dict[str, str])
    connect_timeout_s: Annotated[float, Field(gt=0)] = 5.0
    first_token_timeout_s: Annotated[float, Field(gt=0)] = 120.0
    idle_timeout_s: Annotated[float, Field(gt=0)] = 60.0
    num_retries: Annotated[int, Field(ge=0, le=10)] = 2
    max_in_flight: Annotated[int, Field(ge=1)] = 1024

    @model_validator(mode="after")
    def _has_a_voice_to_speak_with(self) -> Self:
        if self.speaks and not self.voices:
            raise ValueError(f"the engine '{self.name}' speaks, and has no `voices`")
        return self

    @property
    def chats(self) -> bool:
        """Whether its models write text or embed it."""
        return not (self.recognises or self.speaks)

    def key(self) -> str | None:
        """The key to send, from the file or from the variable that it names.

        Raises `StartRefused` where the variable is not set.
        """
        if self.api_key is not None:
            return self.api_key.get_secret_value()
        if self.api_key_env is None:
            return None
        if self.api_key_env not in os.environ:
            raise StartRefused(f"Engine '{self.name}' wants its key in the variable {self.api_key_env}: set it.")
        return os.environ[self.api_key_env]


class Settings(BaseSettings):
    """The options, frozen once read."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid", frozen=True, env_ignore_empty=True)

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    data_dir: Path = Path("~/.antiphon")
    models_dir: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None

    auth: Literal["by-address", "required"] = "by-address"
    admin_key: SecretStr | None = None
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()

    database_url: str | None = None

    max_body_bytes: Annotated[int, Field(ge=1024)] = 64 * MIB
    max_image_bytes: Annotated[int, Field(ge=1024)] = 20 * MIB
    image_timeout_s: Annotated[float, Field(gt=0)] = 10.0
    image_private_hosts: tuple[str, ...] = ()
    requests_per_minute: Annotated[int, Field(ge=1)] = 1_000_000
    tokens_per_minute: Annotated[int, Field(ge=1)] = 1_000_000_000
    shutdown_grace_s: Annotated[float, Field(ge=0)] = 30.0
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    engines: tuple[RemoteEngine, ...] = ()
    aliases: dict[str, str] = Field(default_factory=dict[str, str])
    embedded_engines: bool = True
    engine_threads: Annotated[int, Field(ge=1)] = os.cpu_count() or 1
    engine_slots: Annotated[int, Field(ge=1, le=64)] = 4
    engine_queue: Annotated[int, Field(ge=0)] = 256
    model_catalogue: Path | None = None
    prompt_cache_disk_bytes: Annotated[int, Field(ge=0)] = 8 * 1024 * MIB  # 0: nothing is kept on disk
    prompt_cache_secret: Annotated[SecretStr, Field(min_length=32)] | None = None  # without it files are in clear
    price_policy: Literal["openai", "gemini", "deepseek"] = "openai"

    realtime_max_sessions: Annotated[int, Field(ge=1)] = 256
    realtime_session_minutes: Annotated[float, Field(ge=0)] = 60  # 0: as long as the client stays
    realtime_max_ahead_ms: Annotated[float, Field(gt=0)] | None = None
    realtime_resume_s: Annotated[float, Field(ge=0)] = 60
    realtime_recogniser: str = "whisper-tiny.en"

    @field_validator("data_dir", "models_dir", "tls_cert", "tls_key", "model_catalogue")
    @classmethod
    def _expand(cls, path: Path | None) -> Path | None:
        return path.expanduser().absolute() if path is not None else None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the framework passes it
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - likewise
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the TOML file under the environment; there is no dotenv file and no folder of secrets."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def weights_dir(self) -> Path:
        """Where model files lie: in a folder of their own, or else in the data folder."""
        return self.models_dir or self.data_dir / "models"

    @property
    def prefixes_dir(self) -> Path:
        """Where the prompt cache keeps its files."""
        return self.data_dir / "prefixes"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the address that the server binds."""
        return self.host in {"127.0.0.1", "::1", "localhost"}

    @property
    def requires_keys(self) -> bool:
        """Trust is by the address that is bound, unless keys are required anywhere."""
        return self.auth == "required" or not self.is_loopback


def read_settings(config: Path | None = None, given: Mapping[str, Any] | None = None) -> Settings:
    """Read the options; `given` are those of the command line, `None` meaning that it said nothing.

    Raises `StartRefused` with one sentence that names the option and what is wrong with it.
    """
    if config is not None and not config.is_file():
        raise StartRefused(f"There is no configuration file at {config}.")

    _check_variables(os.environ)

    class _FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=config)

    try:
        return _FromFile(**{name: value for name, value in (given or {}).items() if value is not None})
    except ValidationError as refusal:
        first = refusal.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "configuration"
        if first["type"] == "extra_forbidden":
            known = RemoteEngine.model_fields if place.startswith("engines.") else Settings.model_fields
            raise StartRefused(_no_option(place, str(first["loc"][-1]), known)) from None
        raise StartRefused(f"The option '{place}' cannot be read: {first['msg']}.") from None
    except ValueError as refusal:  # TOML that does not parse
        raise StartRefused(f"The configuration file {config} cannot be read: {refusal}.") from None


def _check_variables(variables: Iterable[str]) -> None:
    """Refuse a variable of ours that names no option, which would otherwise be passed over."""
    known = {f"{_PREFIX}{name.upper()}" for name in Settings.model_fields}
    for name in variables:
        if name.startswith(_PREFIX) and name not in known:
            raise StartRefused(_no_option(name, name, known))


def _no_option(place: str, name: str, known: Iterable[str]) -> str:
    likely = get_close_matches(name, known, n=1)
    return f"There is no option '{place}'" + (f": did you mean '{likely[0]}'?" if likely else ".")
