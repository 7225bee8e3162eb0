"""llama.cpp's server as types: what `/completion`, `/tokenize`, `/detokenize`, `/v1/embeddings` and `/slots` take
and give.

Only as far as we use them; other fields are passed over.
"""

import msgspec

Prompt = str | list[int] | list[str | int]


class CompletionCall(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /completion`.

    Every field that shapes the text is always sent: the server's own defaults are not OpenAI's. `n_predict` of -1
    means the rest of the context; `id_slot` is a slot that the caller holds; `logit_bias` pairs a token with what is
    added to its logit; `repeat_last_n` is how far back the penalties look.
    """

    prompt: Prompt
    n_predict: int
    seed: int
    temperature: float
    top_p: float
    top_k: int
    min_p: float
    repeat_penalty: float
    presence_penalty: float
    frequency_penalty: float
    repeat_last_n: int
    logit_bias: list[tuple[int, float]]
    n_probs: int
    grammar: str
    id_slot: int
    # Slots know no tenants, and reuse to the token changes answers: a call follows on what its slot holds where that
    # was brought there for it, or is a step of the same work or an earlier turn of the same spoken conversation.
    cache_prompt: bool = False
    # The filter by rank comes first since it makes the others cheap; rank and temperature commute.
    samplers: tuple[str, ...] = ("penalties", "top_k", "temperature", "top_p", "min_p")
    stream: bool = True
    # News of a long prompt is also how the server finds out that nobody listens.
    return_progress: bool = True
    response_fields: tuple[str, ...] = ("content", "stop", "stop_type", "tokens_predicted", "tokens_evaluated")


class TokenProbability(msgspec.Struct, frozen=True):
    """A token and the natural logarithm of its probability before sampling; `bytes` may be a part of a character."""

    logprob: float
    bytes: list[int] = []
    top_logprobs: "list[TokenProbability]" = []


class Trouble(msgspec.Struct, frozen=True):
    """The server's account of what is wrong."""

    message: str = ""
    type: str = ""
    n_prompt_tokens: int | None = None
    n_ctx: int | None = None


class TroubleAnswer(msgspec.Struct, frozen=True):
    """The body of an answer with an error status."""

    error: Trouble = Trouble()


class PromptProgress(msgspec.Struct, frozen=True):
    """How far a prompt is; `cache` is how many of its tokens were there before."""

    cache: int = 0


class Piece(msgspec.Struct, frozen=True):
    """One event of a stream: news of the prompt, a token's text, or the end (`stop`, with `stop_type`).

    The server keeps a character's bytes back until they are whole, so `content` is text at every event; a token that
    is a part of a character has no event of its own, and the event of the last one tells the whole character.
    """

    content: str = ""
    stop: bool = False
    stop_type: str = ""
    tokens_predicted: int = 0
    tokens_evaluated: int = 0
    prompt_progress: PromptProgress | None = None
    completion_probabilities: list[TokenProbability] = []
    error: Trouble | None = None


class TokenizeCall(msgspec.Struct, frozen=True):
    """The body of `POST /tokenize`; `parse_special` reads control tokens where their names are spelled out."""

    content: str
    add_special: bool
    parse_special: bool
    with_pieces: bool = False


class Tokenized(msgspec.Struct, frozen=True):
    """The answer to it."""

    tokens: list[int]


class TokenPiece(msgspec.Struct, frozen=True):
    """A token's text, or its bytes where they are only a part of a character."""

    piece: str | list[int]

    @property
    def num_bytes(self) -> int:
        """How many bytes it stands for."""
        return len(self.piece.encode()) if isinstance(self.piece, str) else len(self.piece)


class TokenizedPieces(msgspec.Struct, frozen=True):
    """The answer to a `TokenizeCall` `with_pieces`."""

    tokens: list[TokenPiece]


class DetokenizeCall(msgspec.Struct, frozen=True):
    """The body of `POST /detokenize`."""

    tokens: list[int]


class Detokenized(msgspec.Struct, frozen=True):
    """The answer to it; control tokens are spelled out."""

    content: str


class EmbeddingCall(msgspec.Struct, frozen=True):
    """The body of `POST /v1/embeddings`: one list of tokens for each input."""

    input: list[list[int]]
    encoding_format: str = "base64"


class InputEmbedding(msgspec.Struct, frozen=True):
    """The vector of one input, as the bytes of float32."""

    index: int
    embedding: bytes


class Embeddings(msgspec.Struct, frozen=True):
    """The answer to it."""

    data: list[InputEmbedding]


class SlotStatus(msgspec.Struct, frozen=True):
    """One entry of `GET /slots`."""

    is_processing: bool


class SlotFile(msgspec.Struct, frozen=True):
    """The body of `POST /slots/{id}?action=save` and `restore`: a file in the process's folder for them."""

    filename: str


class SlotSaved(msgspec.Struct, frozen=True):
    """The answer to `save`: how many tokens were written."""

    n_saved: int


class SlotRestored(msgspec.Struct, frozen=True):
    """The answer to `restore`: how many tokens were read."""

    n_restored: int


_encoder = msgspec.json.Encoder()
_decode_piece = msgspec.json.Decoder(Piece).decode
_decode_trouble = msgspec.json.Decoder(TroubleAnswer).decode


def encode(call: msgspec.Struct) -> bytes:
    """Return the body that asks for the call."""
    return _encoder.encode(call)


def decode_piece(data: bytes) -> Piece:
    """Read one event. Raises `msgspec.DecodeError`."""
    return _decode_piece(data)


def decode_trouble(body: bytes) -> Trouble:
    """Read the body of a refusal; what cannot be read tells nothing."""
    try:
        return _decode_trouble(body).error
    except msgspec.DecodeError:
        return Trouble()
