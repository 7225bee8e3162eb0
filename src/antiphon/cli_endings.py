"""How a command ends that cannot do what it was asked: with one sentence, and status 1."""

from collections.abc import Generator
from contextlib import contextmanager

import typer

from antiphon.errors import AntiphonError


@contextmanager
def ending_in_a_sentence() -> Generator[None, None, None]:
    """End the command with the message of an error of ours that leaves the block."""
    try:
        yield
    except AntiphonError as error:
        typer.echo(error.message, err=True)
        raise typer.Exit(1) from None
