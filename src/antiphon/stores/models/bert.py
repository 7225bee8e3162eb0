"""A BERT encoder for sentence embeddings as a GGUF file, from its safetensors, its vocabulary and its configuration.

The names of tensors and the meaning of keys are llama.cpp's for the architecture `bert`; token vectors are pooled by
their mean, as sentence-transformers trains such encoders. Matrices are stored as float16, vectors as float32.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import numpy as np
from gguf import MODEL_ARCH, GGUFWriter, LlamaFileType, PoolingType, TokenType, get_tensor_name_map
from numpy.typing import NDArray

from antiphon.errors import InvalidRequest
from antiphon.stores.models.safetensors import read_safetensors
from antiphon.stores.models.threads import Tick

_FILES = ("model.safetensors", "vocab.txt", "config.json")

# What the encoder has beyond the embedding of tokens: a head for another task, and a table of 0, 1, 2, ...
_NOT_NEEDED = ("pooler.", "embeddings.position_ids")

# WordPiece continues a word after this mark; llama.cpp marks the words that begin instead, as SentencePiece does.
_CONTINUES = "##"
_BEGINS = "\u2581"

_SPECIAL = ("[CLS]", "[SEP]", "[UNK]", "[PAD]", "[MASK]")


class _Config(msgspec.Struct):
    """What matters of config.json; other keys are not read."""

    model_type: str
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    max_position_embeddings: int
    layer_norm_eps: float
    type_vocab_size: int
    hidden_act: str


def write_bert_gguf(files: Mapping[str, Path], target: Path, tick: Tick) -> None:
    """Write the encoder in `files` (model.safetensors, vocab.txt and config.json, wherever they lie) to `target`.

    Raises `InvalidRequest` where a file is missing, or not that of a BERT encoder with a WordPiece vocabulary.
    """
    missing = [name for name in _FILES if name not in files]
    if missing:
        raise InvalidRequest(f"A BERT encoder cannot be made without {', '.join(missing)}.")
    weights, vocabulary, configuration = (files[name] for name in _FILES)
    config = _read_config(configuration)
    words = vocabulary.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    tensors = read_safetensors(weights)
    writer = GGUFWriter(target, arch="bert")
    try:
        _describe(writer, config)
        _add_vocabulary(writer, words)
        for name, values in _named(tensors, config):
            writer.add_tensor(name, values)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
    finally:
        writer.close()
    written_bytes = target.stat().st_size
    tick(written_bytes, written_bytes)


def _read_config(path: Path) -> _Config:
    try:
        config = msgspec.json.decode(path.read_bytes(), type=_Config)
    except msgspec.DecodeError as fault:
        raise InvalidRequest(f"config.json does not describe a BERT encoder: {fault}.") from fault
    if config.model_type != "bert" or config.hidden_act != "gelu":
        raise InvalidRequest("config.json describes another architecture than BERT with GELU.")
    return config


def _describe(writer: GGUFWriter, config: _Config) -> None:
    writer.add_file_type(LlamaFileType.MOSTLY_F16)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_head_count(config.num_attention_heads)
    writer.add_layer_norm_eps(config.layer_norm_eps)
    writer.add_causal_attention(False)
    writer.add_pooling_type(PoolingType.MEAN)
    writer.add_token_type_count(config.type_vocab_size)


def _add_vocabulary(writer: GGUFWriter, words: list[str]) -> None:
    missing = [word for word in _SPECIAL if word not in words]
    if missing:
        raise InvalidRequest(f"vocab.txt lacks {', '.join(missing)}: it is no vocabulary of BERT's.")
    tokens = [_as_llama(word) for word in words]
    if len(set(tokens)) < len(tokens):
        raise InvalidRequest("vocab.txt has a word twice.")
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_types([TokenType.CONTROL if word in _SPECIAL else TokenType.NORMAL for word in words])
    # llama.cpp puts the token of the beginning before every text.
    writer.add_bos_token_id(words.index("[CLS]"))
    writer.add_sep_token_id(words.index("[SEP]"))
    writer.add_unk_token_id(words.index("[UNK]"))
    writer.add_pad_token_id(words.index("[PAD]"))
    writer.add_mask_token_id(words.index("[MASK]"))


def _as_llama(word: str) -> str:
    if word in _SPECIAL or (word.startswith("[") and word.endswith("]")):
        return word
    return word.removeprefix(_CONTINUES) if word.startswith(_CONTINUES) else _BEGINS + word


def _named(tensors: Mapping[str, NDArray[np.generic]], config: _Config) -> Iterator[tuple[str, NDArray[np.floating]]]:
    """The tensors by llama.cpp's names, in the order of these; vectors as float32 and matrices as float16."""
    names = get_tensor_name_map(MODEL_ARCH.BERT, config.num_hidden_layers)
    found: dict[str, NDArray[np.generic]] = {}
    for theirs, values in tensors.items():
        bare = theirs.removeprefix("bert.")
        if not bare.startswith(_NOT_NEEDED):
            ours = names.get_name(bare, try_suffixes=(".weight", ".bias"))
            if ours is None:
                raise InvalidRequest(f"The tensor {theirs} is not one of a BERT encoder.")
            found[ours] = values
    for ours in sorted(found):
        is_matrix = found[ours].ndim > 1 and not ours.startswith(("position_embd", "token_types"))
        yield ours, np.ascontiguousarray(found[ours], dtype=np.float16 if is_matrix else np.float32)
