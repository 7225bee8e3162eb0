"""Writes the scenes anew as playing them gives them. Read the differences before they are kept: they are the test.

python -m tests.scenarios.rewrite
"""

from tests.scenarios.scene import play, scenes

if __name__ == "__main__":
    for path in scenes():
        path.write_text(play(path.read_text(encoding="utf-8")), encoding="utf-8")
