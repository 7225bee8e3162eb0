"""Other people's clients against the server, each a story of its own that knows nothing but the base URL.

The stories run in the environment that `make test-clients` makes, since the clients want versions of their own.
"""

import os
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PYTHON = HERE.parents[1] / ".venv-clients" / "bin" / "python"
STORIES = sorted(HERE.glob("*_story.py"))
STORY_SECONDS = 240


@pytest.mark.clients
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.stem)
def test_a_client_tells_its_story(story: Path, served: str, tmp_path: Path):
    """The story's own assertions hold."""
    told = subprocess.run(
        [PYTHON, story],
        cwd=tmp_path,
        env=os.environ
        | {"OPENAI_BASE_URL": f"{served}/v1", "OPENAI_API_KEY": "sk-any", "LLM_USER_PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=STORY_SECONDS,
        check=False,
    )
    assert told.returncode == 0, told.stdout[-4000:] + told.stderr[-4000:]
