"""A BERT encoder of random weights, small enough to be made for a test, and the real engine's vectors of it."""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
from tests.integration.models.bert_reference import write_tensors

WORDS = "the a cat dog is was sleep eat ##s ##ing ##ed fast café un ##known 中 . , ? ! ( )".replace("é", "e").split()
SPECIAL = ["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = [mark + chr(letter) for mark in ("", "##") for letter in range(ord("a"), ord("z") + 1)]
VOCABULARY = list(dict.fromkeys([*SPECIAL, *WORDS, *LETTERS]))

CONFIG: dict[str, Any] = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 64,
    "layer_norm_eps": 1e-12,
    "type_vocab_size": 2,
}

SERVE = """
import sys, time, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.port, params.embedding = sys.argv[1], 0, True
params.n_ctx = params.n_batch = params.n_ubatch = 512
params.n_parallel = 1
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
"""


def random_tensors() -> dict[str, np.ndarray]:
    """The encoder's tensors by the names that they have in published files."""
    random = np.random.default_rng(1)
    wide, narrow = CONFIG["intermediate_size"], CONFIG["hidden_size"]
    shapes = {
        "embeddings.word_embeddings.weight": (len(VOCABULARY), narrow),
        "embeddings.position_embeddings.weight": (CONFIG["max_position_embeddings"], narrow),
        "embeddings.token_type_embeddings.weight": (2, narrow),
        **_norm("embeddings.LayerNorm", narrow),
    }
    for index in range(CONFIG["num_hidden_layers"]):
        layer = f"encoder.layer.{index}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            shapes |= _linear(f"{layer}.attention.{part}", narrow, narrow)
        shapes |= _norm(f"{layer}.attention.output.LayerNorm", narrow)
        shapes |= _linear(f"{layer}.intermediate.dense", wide, narrow)
        shapes |= _linear(f"{layer}.output.dense", narrow, wide)
        shapes |= _norm(f"{layer}.output.LayerNorm", narrow)
    shapes |= _linear("pooler.dense", narrow, narrow)
    return {name: random.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}


def _linear(name: str, num_out: int, num_in: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (num_out, num_in), f"{name}.bias": (num_out,)}


def _norm(name: str, width: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


def write_encoder(folder: Path) -> dict[str, Path]:
    """Write the encoder's three files to `folder`; return them by their names."""
    files = {name: folder / name for name in ("model.safetensors", "vocab.txt", "config.json")}
    write_tensors(files["model.safetensors"], random_tensors())
    files["vocab.txt"].write_text("\n".join(VOCABULARY) + "\n", encoding="utf-8")
    files["config.json"].write_text(json.dumps(CONFIG))
    return files


@asynccontextmanager
async def engine_of(weights: Path) -> AsyncGenerator[str, None]:
    """The address of a real engine that embeds with `weights`, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVE, weights, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
    )
    try:
        assert process.stdout is not None
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.kill()
        await process.wait()


async def vectors_of(address: str, texts: list[str]) -> np.ndarray:
    """The engine's vectors of some texts."""
    body = {"input": texts, "model": "encoder"}
    async with aiohttp.ClientSession() as http, http.post(f"{address}/v1/embeddings", json=body) as response:
        answer = await response.json()
    return np.array([item["embedding"] for item in answer["data"]])
