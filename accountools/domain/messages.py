"""Markers of the texts that are translated: the message catalogues are extracted by them (`tools.catalogue`)."""


def P_(singular: str, plural: str) -> tuple[str, str]:  # noqa: N802 - as `N_`
    """Mark a text for one and for more of something for the message catalogues."""
    return singular, plural


def N_(text: str) -> str:  # noqa: N802 - the customary name of the marker that message extraction looks for
    """Mark a text for the message catalogues."""
    return text
