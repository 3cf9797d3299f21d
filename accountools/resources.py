"""What comes along with the program: the samples and the notebooks. In a wheel they lie in the package, in a checkout at its top."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def samples() -> Path:
    """The folder of the samples."""
    return _first(_PACKAGE / "samples", _PACKAGE.parent / "data" / "samples")


def notebooks() -> Path:
    """The folder of the notebooks."""
    return _first(_PACKAGE / "notebooks", _PACKAGE.parent / "notebooks")


def standard_chart() -> Path:
    """The standard chart of accounts of a Dutch small company."""
    return samples() / "standard-chart.csv"


def _first(*places: Path) -> Path:
    return next((place for place in places if place.is_dir()), places[-1])
