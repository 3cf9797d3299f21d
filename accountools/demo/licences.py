"""The licences of the demonstration: its clients', those in the inbox, valid and invalid, and the revoked ones."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from accountools import many_files, safe_files
from accountools.demo.clients import DemoClient
from accountools.domain.calendar import ExecutionContext, start_of_day
from accountools.domain.errors import Refused
from accountools.domain.licence import E_ACCOUNTANCY, MODULE_NAMES, Kind, Licence, Licensee, Module
from accountools.formats import licence_file
from accountools.formats.licence_file import LicenceTerms
from accountools.operations.licences.issue import IssuerFolder, revoke
from accountools.operations.licences.trust import read_revocations
from accountools.operations.session import Office

_MAILED = {"waiting", "no-licence", "no-administration", "expired"}  # states with a licence in the inbox
_MODULES = {"demo": (E_ACCOUNTANCY, "SE1063"), "accountant": (E_ACCOUNTANCY,), "client": ("SE1063",)}


def own_licence(issuer: IssuerFolder, when: ExecutionContext) -> Licence:
    """The demonstration office's own."""
    holder = Licensee("Kantoor Zonnestein", "90000001", "Delft", "NL")
    return _read(issuer, _licence_file(issuer, when, "DEMO-1", "demo", holder, 25))


def client_licence(issuer: IssuerFolder, when: ExecutionContext, one: DemoClient) -> Licence:
    """The licence that is imported for a client, according to its state."""
    name = f"{one.client.name} Holding" if one.state == "name-differs" else one.client.name
    ends = {"expires-soon": 30, "expired": -12}.get(one.state, 400 + int(one.number) % 300)
    holder = Licensee(name, one.client.kvk, one.client.city, "NL")
    return _read(issuer, _licence_file(issuer, when, one.licence, "client", holder, 2, when.today + timedelta(days=ends)))


def fill_inbox(inbox: Path, issuer: IssuerFolder, when: ExecutionContext, clients: tuple[DemoClient, ...]) -> None:
    """Write the licence files that clients mailed: those not yet imported, and some invalid ones."""
    files = dict(_bad_files(issuer, when))
    for one in clients:
        if one.state in _MAILED:
            holder = Licensee(one.client.name, one.client.kvk, one.client.city, "NL")
            name = f"{safe_files.file_name(f'{one.licence} {one.client.name}')}.lic"
            files[name] = _licence_file(issuer, when, one.licence, "client", holder, 2)
    many_files.write_new(inbox, files)


def revoke_licences(office: Office, issuer: IssuerFolder, when: ExecutionContext, clients: tuple[DemoClient, ...]) -> None:
    """Revoke the licences of the clients in that state, and read the revocation list into the office."""
    numbers = [one.licence for one in clients if one.state == "revoked"]
    if numbers:
        out = issuer.folder / "revocations-1.txt"
        revoke(issuer, numbers, when.now, out)
        read_revocations(office, out)


def _bad_files(issuer: IssuerFolder, when: ExecutionContext) -> Iterator[tuple[str, bytes]]:
    unknown = Licensee("Onbekend Handel", "99999999", "Tiel", "NL")
    good = _licence_file(issuer, when, "KL-9001", "client", unknown, 1)
    yield "KL-9001 van niemand hier.lic", good
    past = when.today - timedelta(days=90)
    yield "KL-9002 verlopen.lic", _licence_file(issuer, when, "KL-9002", "client", unknown, 1, past)
    own = _licence_file(issuer, when, "AC-9003", "accountant", unknown, 1)
    yield "AC-9003 licentie van een kantoor.lic", own
    middle = good.index(b"\n", 400) + 10
    changed = good[:middle] + (b"A" if good[middle : middle + 1] != b"A" else b"B") + good[middle + 1 :]
    yield "KL-9004 onderweg veranderd.lic", changed
    yield "offerte.txt", b"Beste, in de bijlage vindt u onze offerte.\n"


def _read(issuer: IssuerFolder, data: bytes) -> Licence:
    reading = licence_file.read(data, {issuer.key.public.thumbprint: issuer.key.public})
    if reading.licence is None:
        raise Refused("not-a-licence", path="")
    return reading.licence


def _licence_file(
    issuer: IssuerFolder, when: ExecutionContext, number: str, kind: Kind, holder: Licensee, users: int, until: date | None = None
) -> bytes:
    modules = tuple(Module(code, MODULE_NAMES[code]) for code in _MODULES[kind])
    first, last = when.today - timedelta(days=200), until or when.today + timedelta(days=700)
    issued_at = start_of_day(when.today - timedelta(days=20))
    return licence_file.issue(LicenceTerms(number, kind, holder, users, modules, first, last, issued_at), issuer.key, issuer.name)
