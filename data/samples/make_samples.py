"""Makes the samples: an audit file of a client of the demonstration, and licence files, good and bad.

The licences are of a fixed TEST key: it is no secret, and no office but a demonstration trusts it.

    python data/samples/make_samples.py [FOLDER]

Made twice, the files are the same to the byte; a test holds those in the project against a fresh run.
"""

import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from accountools.clock import system_clock
from accountools.demo.books import DemoBooks
from accountools.demo.demonstration import create_demo, write_books
from accountools.demo.trades import TRADES
from accountools.domain.administration import Client
from accountools.domain.calendar import start_of_day
from accountools.domain.identifiers import AdministrationNumber, KvkNumber
from accountools.domain.licence import MODULE_NAMES, Licensee, Module
from accountools.formats import revocation_file
from accountools.formats.licence_file import LicenceTerms, issue
from accountools.formats.signatures import SigningKey
from accountools.formats.trust_file import Issuer, write_trust
from accountools.operations.books.export_auditfile import export_auditfile
from accountools.operations.register import administrations, clients

TEST_KEY = SigningKey.from_seed(b"accountools test issuer, 32 byte")
STRANGER = SigningKey.from_seed(b"accountools unknown issuer, 32 b")
ISSUER = "Testuitgever (voorbeelden)"
OFFICE = Licensee("Kantoor Zonnestein", "90000001", "Delft", "NL")
JANSEN = Licensee("Bakkerij Jansen", "10000234", "Delft", "NL")
BLOM = Client(KvkNumber("10020277"), "Bakkerij Blom", "Groningen")
FIRST, LAST = date(2026, 1, 1), date(2036, 12, 31)
CLIENTS = (
    ("Bakkerij Jansen", "10000234", "Delft"),
    ("Schildersbedrijf De Vries V.O.F.", "10001145", "Utrecht"),
    ("Fietsen Bakker", "10002056", "Zwolle"),
    ("Loodgieters Visser B.V.", "10002967", "Breda"),
    ("Bloemen Meijer", "10003878", "Groningen"),
    ("Café 't Hoekje", "10004789", "Middelburg"),
)


def licence(number: str, licensee: Licensee = JANSEN, kind: str = "client", *, users: int = 2, modules: tuple[str, ...] = ("SE1063",),
            first: date = FIRST, last: date = LAST, issued: date = FIRST, key: SigningKey = TEST_KEY) -> bytes:  # fmt: skip
    """One licence file."""
    named = tuple(Module(code, MODULE_NAMES[code]) for code in modules)
    serial = f"sample-{number}-{issued:%Y%m%d}"
    terms = LicenceTerms(number, kind, licensee, users, named, first, last, start_of_day(issued), None, serial)  # type: ignore[arg-type]
    return issue(terms, key, ISSUER)


def audit_file() -> bytes:
    """The books of 2025 of Bakkerij Blom, as an office would get them."""
    number = AdministrationNumber(29)
    with TemporaryDirectory() as folder:
        office = create_demo(Path(folder) / "office", system_clock(date(2026, 1, 5)), clients=1, lines=0).office
        clients.add_client(office, BLOM)
        administrations.create(office, number, BLOM.name, client=BLOM.kvk)
        with office.engine.books(number, change=True) as books:
            write_books(books, DemoBooks(29, TRADES["Bakkerij"], 400, date(2025, 12, 31)))
        path = Path(folder) / "audit.xaf"
        export_auditfile(office, number, path, year="2025")
        return path.read_bytes()


def samples() -> dict[str, bytes]:
    """All sample files but the chart, by name."""
    good = licence("KL-2041")
    renewed = licence("KL-2041", users=5, modules=("SE1063", "SE1065"), last=date(2037, 12, 31), issued=date(2026, 6, 1))
    revoked = revocation_file.issue(frozenset({"KL-2050"}), 1, ISSUER, start_of_day(FIRST), TEST_KEY)
    mailed = b"Beste Anna,\r\n\r\nHierbij onze licentie. Groet, Henk\r\n\r\n> " + good.replace(b"\n", b"\r\n> ") + b"\r\n"
    middle = good.index(b"\n", 400) + 10
    clients = "".join(f"{name},{kvk},{city}\r\n" for name, kvk, city in CLIENTS)
    return {
        "clients.csv": f"name,kvk,city\r\n{clients}".encode(),
        "trust.jwks": write_trust((Issuer(ISSUER, TEST_KEY.public),)),
        "office-demo.lic": licence("DEMO-1001", OFFICE, "demo", users=25, modules=("SE1065", "SE1063")),
        "KL-2041 Bakkerij Jansen.lic": good,
        "KL-2041 Bakkerij Jansen, verlengd.lic": renewed,
        "KL-2041 als mail.txt": mailed,
        "KL-2042 De Vries.lic": licence("KL-2042", Licensee("Schildersbedrijf De Vries V.O.F.", "10001145", "Utrecht", "NL"), users=4),
        "bakkerij-blom-2025.xaf": audit_file(),
        "bad/AC-9003 van een kantoor.lic": licence("AC-9003", OFFICE, "accountant", modules=("SE1065",)),
        "bad/KL-2041 veranderd.lic": good[:middle] + (b"A" if good[middle : middle + 1] != b"A" else b"B") + good[middle + 1 :],
        "bad/KL-2041 verlopen.lic": licence("KL-2041", first=date(2020, 1, 1), last=date(2020, 12, 31), issued=date(2020, 1, 1)),
        "bad/KL-2041 nog niet geldig.lic": licence("KL-2041", first=date(2036, 1, 1)),
        "bad/KL-2041 onbekende uitgever.lic": licence("KL-2041", key=STRANGER),
        "bad/KL-2050 ingetrokken.lic": licence("KL-2050"),
        "bad/revocations.txt": revoked,
        "bad/offerte.txt": b"Beste Anna,\n\nIn de bijlage vindt u onze offerte.\n",
        "bad/twee licenties.txt": good + renewed,
    }


def main(folder: Path) -> None:
    """Write them all under `folder`."""
    for name, data in samples().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        print(name)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
