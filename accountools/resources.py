"""The files shipped with the program: samples and notebooks. In a wheel they are in the package, in a checkout beside it."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def samples() -> Path:
    """The folder of the samples."""
    return _first_folder(_PACKAGE / "samples", _PACKAGE.parent / "data" / "samples")


def notebooks() -> Path:
    """The folder of the notebooks."""
    return _first_folder(_PACKAGE / "notebooks", _PACKAGE.parent / "notebooks")


def _first_folder(*folders: Path) -> Path:
    return next((folder for folder in folders if folder.is_dir()), folders[-1])
