"""The clients of the demonstration: their names, numbers and states, generated from a seed."""

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
_TRIES = 60  # to find a name not yet used; there are some 20,000
_STATES = (  # the states of the clients, repeated; the first is the client of the walk
    *("waiting", "ready", "ready", "expires-soon", "expired", "ready", "no-administration", "user-inactive"),
    *("ready", "no-licence", "revoked", "ready", "name-differs", "waiting", "ready", "too-many-users"),
)


@dataclass(frozen=True)
class DemoClient:
    """A generated client with its administration's number and its state; `licence` is its licence's number."""

    client: Client
    number: AdministrationNumber
    state: str
    user: User
    licence: str

    @property
    def has_administration(self) -> bool:
        """Whether there are books for this client."""
        return self.state != "no-administration"


def generate_clients(count: int, seed: int) -> Iterator[DemoClient]:
    """`count` clients with different names. Raises `number-invalid` for more than there are numbers."""
    chance = random.Random(seed)  # noqa: S311 - generated clients need no secrecy
    used: set[str] = set()
    for place in range(count):
        name = _name(chance, place, used)
        used.add(name)
        domain = name.split()[-1].upper() if name.split()[-1].isalpha() else f"KLANT{place}"
        first = "Henk" if place == 0 else chance.choice(_FIRST_NAMES)
        family = next((one for one in _NAMES if name.endswith(one)), name.rsplit(maxsplit=1)[-1])
        user = User(Login(rf"{domain}\{first.lower()}"), f"{first} {family.replace('De ', 'de ')}", 100 + place)
        client = Client(KvkNumber(f"{10_000_000 + place * 911 + seed % 900 + 234:08d}"), name, chance.choice(_CITIES))
        number = AdministrationNumber.parse(_FIRST + place)
        yield DemoClient(client, number, _STATES[place % len(_STATES)], user, f"KL-{2041 + place}")


def _name(chance: random.Random, place: int, used: set[str]) -> str:
    if place == 0:
        return "Bakkerij Jansen"
    first = name = f"{chance.choice(_TRADES)} {chance.choice(_NAMES)}"
    for _ in range(_TRIES):
        if name not in used:
            return name
        name = f"{first} & {chance.choice(_FIRST_NAMES)} {chance.choice(_NAMES)}"
    return f"{name} {place}"
