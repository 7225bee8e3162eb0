#!/bin/sh
# Check the types of src/ with pyright, which runs on Node.js; without Node say so, and under CI fail.
cd "$(dirname "$0")/.." || exit 1
if command -v node >/dev/null; then
    exec .venv/bin/pyright "$@"
fi
echo "SKIPPED pyright: Node.js is not installed."
[ -z "$CI" ]
