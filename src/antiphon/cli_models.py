"""`antiphon pull` and `antiphon models`."""

import asyncio
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Protocol

import typer
from rich.console import Console
from rich.filesize import decimal
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from antiphon.catalogue.entry import Entry
from antiphon.catalogue.pulling import Presence, PullFact, PullProgress, SourceFailed, Stage
from antiphon.catalogue.reading import Catalogue
from antiphon.cli_endings import ending_in_a_sentence
from antiphon.errors import InvalidRequest
from antiphon.settings import Settings, read_settings
from antiphon.stores.models.catalogue_file import installed_catalogue
from antiphon.stores.models.folder import ModelFolder

DataDir = Annotated[Path | None, typer.Option(help="The folder of all data (ANTIPHON_DATA_DIR).")]
Config = Annotated[Path | None, typer.Option(help="A TOML file of settings.")]

_STATES = {Presence.HERE: "here", Presence.FETCHING: "being fetched", Presence.ABSENT: "not fetched"}


def add_model_commands(app: typer.Typer) -> None:
    """Give `app` the commands `pull` and `models`."""
    app.command("pull")(pull)
    app.command("models")(models)


def pull(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="Models of the catalogue.")] = None,
    defaults: Annotated[bool, typer.Option("--defaults", help="Those that an installation needs.")] = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Fetch models, and check them; what is here already is not fetched again."""
    with ending_in_a_sentence():
        settings = read_settings(config, {"data_dir": data_dir})
        catalogue = installed_catalogue(settings)
        entries = [*(catalogue.defaults() if defaults else ()), *map(catalogue.entry, names or ())]
        if not entries:
            raise InvalidRequest("Name a model, or say --defaults. `antiphon models` lists what there is.")
        folder = model_folder(settings)
        missing = [entry for entry in entries if folder.stored(entry) is None]
        if missing:
            asyncio.run(_pull_all(folder, missing, Console()))
        typer.echo(f"Here: {', '.join(entry.name for entry in entries)}.")


def models(data_dir: DataDir = None, config: Config = None) -> None:
    """List the models of the catalogue, and which of them are here."""
    with ending_in_a_sentence():
        settings = read_settings(config, {"data_dir": data_dir})
        catalogue = installed_catalogue(settings)
        Console().print(_table(catalogue, model_folder(settings)), "", _alias_table(catalogue), sep="\n")


def model_folder(settings: Settings) -> ModelFolder:
    """Return the folder in which the models of an installation are."""
    return ModelFolder(settings.weights_dir)


async def _pull_all(folder: ModelFolder, entries: Iterable[Entry], console: Console) -> None:
    for entry in entries:
        with _display(entry, console) as display:
            async for fact in folder.pull(entry):
                display.show(fact)


def _table(catalogue: Catalogue, folder: ModelFolder) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("model", "kind", "licence", "size", "state"):
        table.add_column(title, no_wrap=True, justify="right" if title == "size" else "left")
    for entry in catalogue.entries.values():
        stored = folder.stored(entry)
        size_bytes = stored.size_bytes if stored else entry.kept_bytes
        size = decimal(size_bytes) if size_bytes is not None else ""
        table.add_row(entry.name, entry.kind, entry.licence, size, _STATES[folder.presence(entry)])
    return table


def _alias_table(catalogue: Catalogue) -> Table:
    table = Table("model", "aliases", box=None, pad_edge=False)
    table.columns[0].no_wrap = True
    for model in dict.fromkeys(catalogue.aliases().values()):
        table.add_row(model, ", ".join(catalogue.aliases_of(model)))
    return table


class _Display(Protocol):
    def show(self, fact: PullFact) -> None: ...


@contextmanager
def _display(entry: Entry, console: Console) -> Generator[_Display, None, None]:
    """Bars on a terminal; elsewhere, as in a log, a line now and then."""
    if not console.is_terminal:
        yield _Lines(entry.name)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as bars:
        yield _Bars(entry.name, bars)


class _Sum:
    """The fetched bytes of all parts together."""

    def __init__(self) -> None:
        self._parts: dict[str, tuple[int, int]] = {}

    def add(self, fact: PullProgress) -> tuple[int, int]:
        """Take what a part tells; return how many bytes of all parts are here, and of how many."""
        self._parts[fact.item] = (fact.done_bytes, fact.total_bytes)
        return sum(done for done, _ in self._parts.values()), sum(total for _, total in self._parts.values())


class _Bars:
    """A bar for the whole, one for each part that is under way, and one for what is done besides."""

    def __init__(self, model: str, bars: Progress) -> None:
        self._model = model
        self._bars = bars
        self._sum = _Sum()
        self._tasks: dict[str, TaskID] = {}
        self._aside = bars.add_task("", visible=False)

    def show(self, fact: PullFact) -> None:
        """Show a fact."""
        if isinstance(fact, SourceFailed):
            self._sum = _Sum()
            self._bars.console.print(f"{fact.source}: {fact.reason}", markup=False)
        elif fact.stage is Stage.FETCHING:
            self._bars.update(self._aside, visible=False, description="")
            self._show_part(self._model, *self._sum.add(fact), is_visible=True)
            is_under_way = 0 < fact.done_bytes < fact.total_bytes
            self._show_part(f"  {fact.item}", fact.done_bytes, fact.total_bytes, is_visible=is_under_way)
        else:
            self._show_aside(f"  {fact.stage} {fact.item}", fact.done_bytes, fact.total_bytes)

    def _show_aside(self, label: str, done_bytes: int, total_bytes: int) -> None:
        if self._bars.tasks[0].description != label:
            self._bars.reset(self._aside, description=label, visible=True)  # or it would keep the speed of another
        self._bars.update(self._aside, completed=done_bytes, total=total_bytes or None)

    def _show_part(self, label: str, done_bytes: int, total_bytes: int, *, is_visible: bool) -> None:
        if label not in self._tasks:
            self._tasks[label] = self._bars.add_task(label)
        self._bars.update(self._tasks[label], completed=done_bytes, total=total_bytes or None, visible=is_visible)


class _Lines:
    """A line at each stage, and at each tenth of what is fetched."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._sum = _Sum()
        self._last: tuple[Stage, str] | None = None

    def show(self, fact: PullFact) -> None:
        """Show a fact."""
        if isinstance(fact, SourceFailed):
            self._sum = _Sum()
            typer.echo(f"{self._model}: {fact.source}: {fact.reason}")
            return
        step = f" {fact.item}"
        if fact.stage is Stage.FETCHING:
            done_bytes, total_bytes = self._sum.add(fact)
            step = f" {100 * done_bytes // total_bytes // 10 * 10 if total_bytes else 0} %"
        if (fact.stage, step) != self._last:
            self._last = (fact.stage, step)
            typer.echo(f"{self._model}: {fact.stage}{step}")
