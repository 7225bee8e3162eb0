"""The official Node SDK against the server: the stories are in `node/stories.mjs`."""

import os
import subprocess
from pathlib import Path

STORIES = Path(__file__).parent / "node"


def test_the_node_sdk_tells_its_stories(node: str, served: str):
    """Every story of `stories.mjs` passes in Node's own test runner."""
    ran = subprocess.run(
        [node, "--test", "--test-reporter=spec", "stories.mjs"],
        cwd=STORIES,
        env={**os.environ, "OPENAI_BASE_URL": f"{served}/v1", "OPENAI_API_KEY": "sk-any"},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
