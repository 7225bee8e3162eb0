"""The official Node SDK against the server: the stories are in `node/`."""

import os
import subprocess
from pathlib import Path

import pytest

STORIES = Path(__file__).parent / "node"


@pytest.mark.parametrize("stories", ["stories.mjs", "audio.mjs"])
def test_the_node_sdk_tells_its_stories(node: str, served: str, stories: str):
    """Every story of a file passes in Node's own test runner."""
    ran = subprocess.run(
        [node, "--test", "--test-reporter=spec", stories],
        cwd=STORIES,
        env={**os.environ, "OPENAI_BASE_URL": f"{served}/v1", "OPENAI_API_KEY": "sk-any"},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
