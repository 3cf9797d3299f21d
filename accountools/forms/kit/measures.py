"""Sizes and times in words."""

from accountools.texts import Texts

_UNITS = ("kB", "MB", "GB", "TB")
_STEP, _MINUTE, _HOUR = 1000, 60, 3600


def size(bytes_: int, _: Texts) -> str:
    """A size as a person reads it: `12 kB`, `3.4 MB`; never less than 1 kB."""
    amount, unit = max(bytes_, _STEP) / _STEP, 0
    while amount >= _STEP and unit < len(_UNITS) - 1:
        amount, unit = amount / _STEP, unit + 1
    told = f"{amount:.1f}" if unit else f"{amount:.0f}"
    return f"{told.replace('.', ',') if _.language == 'nl' else told} {_UNITS[unit]}"


def how_long(seconds: float, _: Texts) -> str:
    """How long something still takes, roughly."""
    if seconds < _MINUTE:
        return _("about {n} seconds", n=max(5, round(seconds / 5) * 5))
    if seconds < _HOUR:
        return _("about {n} min", n=round(seconds / _MINUTE))
    return _("about {n} hours", n=round(seconds / _HOUR, 1))
