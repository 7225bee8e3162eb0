"""BERT encoders as GGUF files: the real engine computes with them what plain numpy computes with the originals."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.conftest import absent
from tests.integration.models.bert_reference import embed, word_pieces
from tests.integration.models.encoder import (
    CONFIG,
    VOCABULARY,
    engine_of,
    random_tensors,
    vectors_of,
    write_encoder,
)

from antiphon.catalogue.reading import shipped_catalogue
from antiphon.errors import InvalidRequest
from antiphon.settings import read_settings
from antiphon.stores.models.bert import write_bert_gguf
from antiphon.stores.models.folder import ModelFolder

TEXTS = [
    "the cat is sleeping",
    "The CAT slept.",
    "a dog was eating fast",
    "un café, un dog?",
    "unknown",
    "zebra",
    "the dog (a cat!) eats",
    "cats, dogs and others",
    "中 the 中",
    "the cat eats and the dog sleeps and the cat sleeps and the dog eats",
]

NEAR = [
    ("A man is eating food.", "Somebody is having a meal."),
    ("The stock market fell sharply today.", "Share prices dropped a lot this afternoon."),
    ("How do I reset my password?", "I forgot my login and need a new one."),
    ("The cat sleeps on the sofa.", "A kitten is napping on the couch."),
    ("It will rain tomorrow in Paris.", "Tomorrow's weather in the French capital is wet."),
]


def silent(_done_bytes: int, _total_bytes: int) -> None:
    """Nobody listens."""


async def test_the_engine_agrees_with_the_arithmetic_of_the_paper(tmp_path: Path):
    """On ten texts, words in pieces, accents, ideographs and unknown words among them, the cosines are over 0.999."""
    write_bert_gguf(write_encoder(tmp_path), tmp_path / "model.gguf", silent)
    ids = {word: number for number, word in enumerate(VOCABULARY)}
    expected = [embed(word_pieces(text, ids), random_tensors(), CONFIG) for text in TEXTS]
    async with engine_of(tmp_path / "model.gguf") as address:
        vectors = await vectors_of(address, TEXTS)
    cosines = (vectors * np.array(expected)).sum(-1)
    assert np.linalg.norm(vectors, axis=-1) == pytest.approx(1)
    assert cosines.min() > 0.999


def test_the_same_encoder_gives_the_same_bytes(tmp_path: Path):
    """So that the result has a checksum to pin."""
    files = write_encoder(tmp_path)
    targets = [tmp_path / "one.gguf", tmp_path / "two.gguf"]
    for target in targets:
        write_bert_gguf(files, target, silent)
    assert targets[0].read_bytes() == targets[1].read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("config.json", "{}", "does not describe a BERT encoder"),
        ("config.json", json.dumps(CONFIG | {"model_type": "t5"}), "another architecture"),
        ("vocab.txt", "the\na\n", r"lacks \[CLS\]"),
        ("vocab.txt", "\n".join([*VOCABULARY, "the"]), "a word twice"),
        ("model.safetensors", "no tensors", "no safetensors file"),
    ],
)
def test_files_of_something_else_are_refused(tmp_path: Path, name: str, content: str, complaint: str):
    """In words."""
    files = write_encoder(tmp_path)
    files[name].write_text(content)
    with pytest.raises(InvalidRequest, match=complaint):
        write_bert_gguf(files, tmp_path / "model.gguf", silent)


def test_a_missing_file_is_named(tmp_path: Path):
    """A source may have forgotten the vocabulary."""
    files = write_encoder(tmp_path)
    del files["vocab.txt"]
    with pytest.raises(InvalidRequest, match=r"without vocab.txt"):
        write_bert_gguf(files, tmp_path / "model.gguf", silent)


async def test_the_pulled_encoder_finds_what_means_the_same():
    """Of five pairs of sentences that share few words, each finds its other half among all."""
    entry = shipped_catalogue().entry("all-minilm-l6-v2")
    stored = ModelFolder(read_settings().weights_dir).stored(entry)
    if stored is None:
        absent(f"The model {entry.name}")
    async with engine_of(stored.path) as address:
        vectors = await vectors_of(address, [text for pair in NEAR for text in pair])
    firsts, seconds = vectors[0::2], vectors[1::2]
    assert vectors.shape == (10, 384)
    assert (firsts @ seconds.T).argmax(-1).tolist() == [0, 1, 2, 3, 4]
