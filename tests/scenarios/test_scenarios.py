"""Every scene plays as it is written."""

from pathlib import Path

import pytest
from tests.scenarios.scene import play, scenes


@pytest.mark.parametrize("path", scenes(), ids=lambda path: path.stem)
def test_a_scene_plays_as_it_is_written(path: Path):
    """What the server and the engines are told follows from the rest, event by event."""
    text = path.read_text(encoding="utf-8")
    assert play(text) == text
