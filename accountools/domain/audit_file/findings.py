"""What there is to say of an audit file: what it says of itself, what was found in it, and what one that is written can't hold."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]
WrittenVersion = Literal["4.0", "3.2"]
LossKind = Literal["left-out", "shortened", "replaced"]


@dataclass(frozen=True)
class Finding:
    """One observation about an audit file: a code of `domain.audit_findings`, where it is, and what exactly was found (English)."""

    code: str
    severity: Severity
    detail: str
    line: int | None = None
    file: str | None = None


@dataclass(frozen=True)
class FileFacts:
    """What an audit file says of itself. `version` is that of the format; days are None where they can't be read."""

    path: str
    version: str
    software: str | None
    company: str | None
    kvk: str | None
    year: str
    first_day: str | None
    last_day: str | None
    encoding: str


@dataclass(frozen=True)
class Loss:
    """What an audit file of a version can't hold: the element, what became of it, how often, and one of the values."""

    what: str
    how: LossKind
    count: int
    example: str
