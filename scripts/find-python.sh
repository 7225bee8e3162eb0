#!/bin/sh
# Print the Python to work with: the one of .venv if it is there, else the first of 3.11 or newer on the path.
cd "$(dirname "$0")/.." || exit 1
for python in .venv/bin/python python3 python3.14 python3.13 python3.12 python3.11 python; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "$python"
        exit 0
    fi
done
echo "Antiphon needs Python 3.11 or newer and found none on the path: install it and run this again." >&2
exit 1
