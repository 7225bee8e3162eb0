"""The command-line client `llm` chats with a model that it was told of in its own file."""

import os
import subprocess
import sys
from pathlib import Path

models = Path(os.environ["LLM_USER_PATH"]) / "extra-openai-models.yaml"
models.write_text(
    f"- model_id: here\n  model_name: gpt-4o\n  api_base: {os.environ['OPENAI_BASE_URL']}\n", encoding="utf-8"
)
command = [sys.executable, "-m", "llm", "--model", "here", "--option", "max_tokens", "32", "Say hello."]
told = subprocess.run(command, capture_output=True, text=True, check=True)
assert told.stdout.strip()
