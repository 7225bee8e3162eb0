"""Voices by the names that requests use: whose model speaks, and how it is bent so that voices can be told apart."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from antiphon.catalogue.entry import Language, ModelName


class CataloguedVoice(BaseModel):
    """A voice of a speech model.

    `speaker` is one of the model's own, for a model of several. `rate` of 1 is the model's own speed;
    `pitch_semitones` moves the whole spectrum. Voices of the same model and speaker are one person's.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    model: ModelName
    speaker: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    rate: Annotated[float, Field(ge=0.5, le=2)] = 1.0
    # Further, nobody is understood.
    pitch_semitones: Annotated[float, Field(ge=-8, le=8)] = 0.0
    languages: tuple[Language, ...] = ("en",)
