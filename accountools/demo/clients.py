"""The clients of the demonstration: who they are, under which number, and in which state; invented from a seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from accountools.domain.administration import Client, User
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, Login

_FIRST = AdministrationNumber(7)
_FIRST_NAMES = ("Henk", "Sanne", "Piet", "Fatima", "Joris", "Els", "Kees", "Noor", "Tom", "Lotte", "Ahmed", "Ria", "Bart", "Iris")
_NAMES = ("Jansen", "De Vries", "Bakker", "Visser", "Meijer", "Koster", "Prins", "Blom", "Huisman", "Kuipers", "Postma", "Schouten")
_TRADES = ("Bakkerij", "Schildersbedrijf", "Fietsen", "Loodgieters", "Bloemen", "Advies", "Slagerij", "Timmerwerken", "Garage", "Kapsalon")
_CITIES = ("Delft", "Utrecht", "Zwolle", "Breda", "Groningen", "Arnhem", "Leiden", "Alkmaar", "Middelburg", "Venlo")
_TRIES = 60  # to find a name that nobody has; there are some 20,000 of them
_STATES = (  # which state each client is in, over and over; the first is the one that the walk takes through
    "waiting",
    "ready",
    "ready",
    "expires-soon",
    "expired",
    "ready",
    "no-administration",
    "user-inactive",
    "ready",
    "no-licence",
    "revoked",
    "ready",
    "name-differs",
    "waiting",
    "ready",
    "too-many-users",
)


@dataclass(frozen=True)
class Person:
    """One invented client: who, under which number, in which state; `licence` is its licence's number."""

    client: Client
    number: AdministrationNumber
    state: str
    user: User
    licence: str

    @property
    def has_administration(self) -> bool:
        """Whether there are books for this client."""
        return self.state != "no-administration"


def people(count: int, seed: int) -> Iterator[Person]:
    """That many clients, no two of one name. Raises `number-invalid` for more than there are numbers."""
    chance = random.Random(seed)  # noqa: S311 - invented people need no secrecy
    taken: set[str] = set()
    for place in range(count):
        name = _name(chance, place, taken)
        taken.add(name)
        domain = name.split()[-1].upper() if name.split()[-1].isalpha() else f"KLANT{place}"
        first = "Henk" if place == 0 else chance.choice(_FIRST_NAMES)
        user = User(Login(rf"{domain}\{first.lower()}"), f"{first} {_surname(name)}", 100 + place)
        client = Client(KvkNumber(f"{10_000_000 + place * 911 + seed % 900 + 234:08d}"), name, chance.choice(_CITIES))
        number = AdministrationNumber.parse(_FIRST + place)
        yield Person(client, number, _STATES[place % len(_STATES)], user, f"KL-{2041 + place}")


def _name(chance: random.Random, place: int, taken: set[str]) -> str:
    if place == 0:
        return "Bakkerij Jansen"
    first = name = f"{chance.choice(_TRADES)} {chance.choice(_NAMES)}"
    for _ in range(_TRIES):
        if name not in taken:
            return name
        name = f"{first} & {chance.choice(_FIRST_NAMES)} {chance.choice(_NAMES)}"
    return f"{name} {place}"


def _surname(client: str) -> str:
    """The family name that a client's name ends in, as it is written after a first name: `de Vries`."""
    name = next((name for name in _NAMES if client.endswith(name)), client.rsplit(maxsplit=1)[-1])
    return name.replace("De ", "de ")
