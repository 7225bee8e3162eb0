"""A server of the real edge around a small application, run by the tests as a process of its own."""

import sys

import uvloop
from tests.unit.server.small import Small

from antiphon.errors import StartRefused
from antiphon.server.logs import configure_logs
from antiphon.server.run import serve
from antiphon.settings import read_settings


async def main() -> None:
    """Serve until told to stop; options come from the environment."""
    settings = read_settings()
    configure_logs(settings)
    await serve(Small(settings).app, settings)


if __name__ == "__main__":
    try:
        uvloop.run(main())
    except StartRefused as refusal:
        sys.exit(refusal.message)
