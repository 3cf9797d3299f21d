"""The base of all events; the journal (`storage.register.journal`) keeps them in a hash chain.

An event's fields are the keys of its details in the journal and in `journal --json` (`domain.event_json`): numbers and hashes, never a
token. `what` names the kind there; a class without it is only a base.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar, dataclass_transform

from accountools.domain.identifiers import AdministrationNumber


def optional() -> Any:
    """A field that is left out of the details when it isn't known."""
    return field(default=None, metadata={"optional": True})


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(optional,))
@dataclass(frozen=True, kw_only=True)
class Event:
    """The base of all events: each subclass is a frozen dataclass. `administration` is the one that it concerns, if one."""

    what: ClassVar[str] = ""
    administration: AdministrationNumber | None = None

    def __init_subclass__(cls, what: str = "") -> None:
        dataclass(frozen=True, kw_only=True)(cls)
        cls.what = what
