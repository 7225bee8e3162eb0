"""The catalogue of this installation: the one that ships, the operator's file over it, and the operator's aliases."""

from antiphon.catalogue.reading import Catalogue, read_catalogue, shipped_catalogue
from antiphon.errors import StartRefused
from antiphon.settings import Settings


def installed_catalogue(settings: Settings) -> Catalogue:
    """Return the catalogue that the settings describe. Raises `StartRefused` with a sentence where it is wrong."""
    catalogue = shipped_catalogue()
    path = settings.model_catalogue
    if path is not None:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            raise StartRefused(f"The model catalogue {path} cannot be read: {fault}.") from None
        catalogue = read_catalogue(text, str(path), under=catalogue)
    remote_models = [name for engine in settings.engines for name in engine.models]
    return catalogue.with_operator(settings.aliases, remote_models)
