"""The commands. Each ends with status 0, or with one sentence that says what is missing and status 1."""

from pathlib import Path
from typing import Annotated

import typer
import uvloop

from antiphon.app import build
from antiphon.cli_endings import ending_in_a_sentence
from antiphon.cli_keys import add_key_commands
from antiphon.cli_models import add_model_commands
from antiphon.server.logs import configure_logs
from antiphon.server.run import serve as serve_app
from antiphon.settings import Settings, read_settings

app = typer.Typer(
    name="antiphon",
    help="A self-hosted, OpenAI-compatible platform for spoken and multimodal AI.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
add_model_commands(app)
add_key_commands(app)

Host = Annotated[str | None, typer.Option(help="The address to bind; any but a loopback one requires keys.")]
Port = Annotated[int | None, typer.Option(help="The port; 0 takes a free one.")]
DataDir = Annotated[Path | None, typer.Option(help="The folder of all data (ANTIPHON_DATA_DIR).")]
Config = Annotated[Path | None, typer.Option(help="A TOML file of settings.")]
TlsCert = Annotated[Path | None, typer.Option(help="A certificate (PEM); the server then speaks https and wss.")]
TlsKey = Annotated[Path | None, typer.Option(help="The certificate's key (PEM).")]


@app.command()
def serve(
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    config: Config = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
) -> None:
    """Serve the API and the embedded engines."""
    given = {"host": host, "port": port, "data_dir": data_dir, "tls_cert": tls_cert, "tls_key": tls_key}
    with ending_in_a_sentence():
        settings = read_settings(config, given)
        configure_logs(settings)
        uvloop.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    async with build(settings) as application:
        await serve_app(application, settings)


def main() -> None:
    """Run a command."""
    app()
