"""What must be equal before one request may use what another one computed."""

import json
from dataclasses import astuple, dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class PrefixKey:
    """Everything but the tokens that could change what an engine computes for them, and whose it is.

    `organization` is an organisation's id. `weights_digest` covers every file of weights, a projector for images or
    audio too. `quantization` and `kv_type` are the engine's names for how weights, keys and values are kept.
    `engine_build` names the engine's version and every option of its that changes numbers, such as the length of a
    chunk. `template_digest` is of the chat template. `adapter_digests` are of the adapters, in the order in which they
    are applied, each with its scale. Images and audio are in the token sequence, by digest.
    """

    organization: str
    weights_digest: str
    quantization: str
    kv_type: str
    engine_build: str
    template_digest: str
    adapter_digests: tuple[str, ...] = ()

    def digest(self) -> str:
        """Return the SHA-256 of the complete key in hexadecimal: the same in every process and every release.

        The fields are written as a JSON list, so that no two keys are written alike.
        """
        written = json.dumps(astuple(self), ensure_ascii=True, separators=(",", ":"))
        return sha256(written.encode()).hexdigest()
