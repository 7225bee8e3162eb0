"""What an engine can do. A difference between engines is a field here, never a question of which engine it is."""

from dataclasses import dataclass
from typing import Literal

ImageTokens = Literal["gpt-4o", "engine"]


@dataclass(frozen=True, slots=True)
class EngineProfile:
    """The abilities of one model on one engine.

    `fingerprint` becomes `system_fingerprint`: it changes when weights or engine build change. `max_top_logprobs` is 0
    where the engine tells none. `max_choices` bounds `n`.
    """

    fingerprint: str
    context_tokens: int | None = None
    max_choices: int = 128
    max_top_logprobs: int = 0
    takes_images: bool = False
    takes_audio: bool = False
    takes_files: bool = False
    speaks: bool = False
    calls_tools: bool = True
    fits_schemas: bool = True
    biases_logits: bool = True
    takes_token_prompts: bool = True
    predicts_outputs: bool = False
    reasons: bool = False
    varies_verbosity: bool = False
