"""Licences as clients mail them: attached to a mail that was saved, in a ZIP, or one within the other; wherever a licence is read."""

import io
import json
import os
import struct
import tracemalloc
import zipfile
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest

from accountools.clock import system_clock
from accountools.domain.calendar import parse_moment
from accountools.domain.errors import Refused
from accountools.formats import armor
from accountools.formats.licence_file import TYPE
from accountools.formats.mail import mailed_licence
from accountools.formats.signatures import SigningKey, sign, unverified_payload
from accountools.forms.kit.jobs import run_now
from accountools.forms.screens.import_licence.form import ImportClientLicence
from accountools.forms.screens.import_licence.view import client_licence_screen
from accountools.forms.screens.menu.form import Menu
from accountools.office import Office
from accountools.operations.licences.inbox_files import add_to_inbox, count_waiting, list_inbox, set_aside
from accountools.texts import Texts
from tests.outlook_message import message_tree, outlook_message
from tests.test_downloads import pieces, upload_field
from tests.workspace import HENK, TODAY, Workspace

CLOCK = system_clock(parse_moment(f"{TODAY}T12:00:00Z").date())
EN = Texts("en")
IMPORT = ("licence", "import")
TO = ("--administration", 7, "--user", HENK)


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(f"{name}.lic", data)
    return buffer.getvalue()


def mail(*attachments: bytes, text: str = "Beste kantoor,\n\nBijgaand onze licentie.\n", inline: bool = False) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "henk@jansen.nl", "piet@kantoor.nl", "Licentie — café"
    made.set_content(text)
    made.add_alternative(f"<p>{text}</p>", subtype="html")
    for data in attachments:
        if inline:
            made.add_attachment(data.decode(), filename="licentie.txt")
        else:
            made.add_attachment(data, "application", "octet-stream", filename="../../Bakkerij Jansen.lic")
    return made.as_bytes()


def quoted_printable(licence: bytes) -> bytes:
    """A mail with the licence in its text, in which each line is broken, as Outlook sends what has an accent in it."""
    made = EmailMessage()
    made["From"] = "henk@jansen.nl"
    made.set_content(f"Één licentie:\n\n{licence.decode()}\n", cte="quoted-printable")
    return made.as_bytes()


def forwarded(inside: bytes) -> bytes:
    made = EmailMessage()
    made["From"] = "piet@kantoor.nl"
    made.set_content("fw")
    made.add_attachment(inside, "message", "rfc822") if False else made.add_attachment(
        inside, "application", "octet-stream", filename="a.eml"
    )
    return made.as_bytes()


def attached(inside: bytes) -> bytes:
    """A mail with a mail attached, as mail programs forward it."""
    head = b'From: piet@kantoor.nl\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="x"\n\n--x\n'
    return head + b"Content-Type: text/plain\n\nfw\n--x\nContent-Type: message/rfc822\n\n" + inside + b"\n--x--\n"


FORMS = {
    "a ZIP": lambda licence: ("mail.zip", zipped(a=licence, b=b"Hallo")),
    "a mail": lambda licence: ("mail.eml", mail(licence)),
    "a mail with the licence as a text": lambda licence: ("mail.eml", mail(licence, inline=True)),
    "a mail with the licence in its text": lambda licence: ("mail.eml", mail(text=f"Hallo,\n\n{licence.decode()}\nHenk\n")),
    "a mail with the licence in its text and attached": lambda licence: ("mail.eml", mail(licence, text=f"Hallo,\n{licence.decode()}\n")),
    "a mail with lines of Windows": lambda licence: ("mail.eml", mail(licence).replace(b"\n", b"\r\n")),
    "a mail behind a byte order mark": lambda licence: ("mail.eml", b"\xef\xbb\xbf" + mail(licence)),
    "a mail behind blank lines": lambda licence: ("mail.eml", b"\r\n\n" + mail(licence)),
    "a mail of a mailbox": lambda licence: ("mail.mbox", b"From henk@jansen.nl Sat Nov 28 12:00:00 2026\n" + mail(licence)),
    "a mail in quoted-printable": lambda licence: ("mail.eml", quoted_printable(licence)),
    "a mail with a ZIP": lambda licence: ("mail.eml", mail(zipped(a=licence))),
    "a mail with a large picture": lambda licence: ("mail.eml", mail(bytes(300_000), licence)),
    "a mail with a mail attached": lambda licence: ("mail.eml", attached(mail(licence))),
    "a mail with a saved mail attached": lambda licence: ("mail.eml", forwarded(mail(licence))),
    "a mail of Outlook": lambda licence: ("mail.msg", outlook_message("Hallo", [("x.lic", licence)])),
    "a mail of Outlook with large attachments": lambda licence: (
        "mail.msg",
        outlook_message("x", [("a", bytes(9000)), ("b", licence + b"\n" * 5000)]),
    ),
    "a mail of Outlook with the licence in its text": lambda licence: ("mail.msg", outlook_message(f"Hallo\r\n{licence.decode()}\r\nHenk")),
    "a mail of Outlook with a ZIP": lambda licence: ("mail.msg", outlook_message("Hallo", [("x.zip", zipped(a=licence))])),
    "a mail of Outlook with one attached": lambda licence: (
        "mail.msg",
        outlook_message("fw", (), [message_tree("Hallo", [("x.lic", licence)])]),
    ),
    "a ZIP with a mail": lambda licence: ("mails.zip", zipped(a=mail(licence))),
    "a mail without its ending": lambda licence: ("mail", mail(licence)),
}


@pytest.fixture
def bakery(empty_office: Workspace) -> Workspace:
    """An office with administration 007 of Bakkerij Jansen, without a licence."""
    empty_office.add_client()
    empty_office.create(chart=None)
    empty_office.add_user()
    return empty_office


def written(desk: Workspace, name: str, data: bytes, folder: str = "") -> Path:
    path = desk.folder / folder / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("form", FORMS)
def test_a_licence_is_read_from_whatever_it_was_mailed_in(bakery: Workspace, form: str) -> None:
    name, data = FORMS[form](bakery.issue("client.lic").read_bytes())
    path = written(bakery, name, data, "office/inbox")
    assert bakery.ok("licence", "show", path)["number"] == "KL-2041"
    assert bakery.ok("inbox")["files"][0]["licence_number"] == "KL-2041"
    screen = ImportClientLicence(Office.open(bakery.office, CLOCK), EN)
    screen.choose_administration(7)
    assert screen.choose_file(path)
    assert bakery.ok(*IMPORT, path, *TO, "--confirm")["imported"]
    assert bakery.ok("inbox")["files"][0]["imported"]


def test_the_own_licence_is_read_from_a_mail_too(tmp_path: Path) -> None:
    """The kind, not the case: an office is made under a mailed licence, and renewed by one."""
    desk = Workspace(tmp_path)
    desk.ok("issuer", "new", desk.folder / "issuer")
    desk.ok("init", "--licence", written(desk, "own.zip", zipped(a=desk.issue_own().read_bytes())), "--trust", desk.trust)
    renewal = desk.issue_own("renewal.lic", users=12)
    desk.ok("licence", "renew", written(desk, "renewal.eml", mail(renewal.read_bytes())), "--confirm")
    assert {one["users"] for one in desk.ok("licence", "list")["licences"]} == {10, 12}


def nested_mail(depth: int) -> bytes:
    heads = (f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(depth))
    return ("From: a@b.nl\n" + "".join(heads)).encode()


def nested_zip(depth: int, inside: bytes) -> bytes:
    for _ in range(depth):
        inside = zipped(a=inside)
    return inside


def locked_zip(licence: bytes) -> bytes:
    data = bytearray(zipped(a=licence))
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(magic) + place
        data[at : at + 2] = struct.pack("<H", struct.unpack_from("<H", data, at)[0] | 1)
    return bytes(data)


REFUSALS = {
    "two licences in a ZIP": (lambda one, other: zipped(a=one, b=other), "not-a-licence", "Different licences in"),
    "two licences in a mail": (mail, "not-a-licence", "Different licences in"),
    "two licences in a mail of Outlook": (
        lambda one, other: outlook_message("", [("a", one), ("b", other)]),
        "not-a-licence",
        "Different licences in",
    ),
    "no licence in a mail": (lambda *_: mail(b"Hallo"), "not-a-licence", "does not contain exactly one"),
    "no licence in a large mail": (lambda *_: mail(bytes(200_000)), "not-a-licence", "does not contain exactly one"),
    "an empty ZIP": (lambda *_: zipped(), "not-a-licence", "does not contain exactly one"),
    "a ZIP that is cut short": (lambda one, _: zipped(a=one)[:-30], "not-a-licence", "does not contain exactly one"),
    "a mail of Outlook that is cut short": (
        lambda one, _: outlook_message("", [("a", one)])[:1000],
        "not-a-licence",
        "does not contain exactly one",
    ),
    "a ZIP with a password": (lambda one, _: locked_zip(one), "not-a-licence", "locked with a password"),
    "a ZIP that unpacks to more than a mail can be": (lambda one, _: zipped(a=one, b=bytes(40 << 20)), "file-too-large", "holds too much"),
    "a ZIP of too many files": (lambda one, _: zipped(**{f"f{n}": one for n in range(1100)}), "file-too-large", "holds too much"),
    "ZIPs within ZIPs without end": (lambda one, _: nested_zip(9, one), "file-too-large", "holds too much"),
    "mails within mails without end": (lambda *_: nested_mail(5000), "file-too-large", "holds too much"),
    "a mail that is too large": (lambda one, _: mail(one) + b"x" * (33 << 20), "file-too-large", "holds too much"),
    "a file that is no mail and too large": (lambda one, _: b"\n" * 65536 + one, "file-too-large", "64 KiB"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_holds_no_one_licence_is_refused_with_its_reason(bakery: Workspace, case: str) -> None:
    make, code, words = REFUSALS[case]
    one, other = bakery.issue("a.lic").read_bytes(), bakery.issue("b.lic", number="KL-2").read_bytes()
    path = written(bakery, "mail.bin", make(one, other))
    shown = bakery.run("licence", "show", path)
    assert (shown.code, shown.json["verdict"]) == (1, code)
    answer = bakery.run(*IMPORT, path, *TO, "--confirm")
    assert (answer.code, answer.error) == (3, code)
    assert words in answer.json["error"]["message"]
    assert bakery.ok("administration", "show", 7)["licence"] is None


def multipart(header: str, *parts: bytes) -> bytes:
    body = b"".join(b"--b\n" + part + b"\n" for part in parts)
    return b"From: henk@jansen.nl\nContent-Type: multipart/mixed; " + header.encode() + b"\n\n" + body + b"--b--\n"


HEADERS = {
    "a boundary both whole and in pieces": "boundary*=us-ascii''x; boundary*0=y",
    "a piece of a boundary with a long number": f"boundary*{'9' * 5000}=x",
    "a boundary in a character set with a zero": "boundary*=a%00b''x",
    "a boundary that its character set doesn't have": "boundary*=idna''x%ff",
}


@pytest.mark.parametrize("within", [False, True])
@pytest.mark.parametrize("case", HEADERS)
def test_a_mail_with_a_malformed_header_is_no_licence_and_keeps_no_other_file(bakery: Workspace, case: str, within: bool) -> None:
    data = multipart(HEADERS[case])
    path = written(bakery, "bad.eml", zipped(a=data) if within else data, "office/inbox")
    bakery.issue("office/inbox/good.lic")
    office = Office.open(bakery.office, CLOCK)
    assert bakery.run("licence", "show", path).json["verdict"] == "not-a-licence"
    found = {Path(one["path"]).name: one["verdict"] for one in bakery.run("inbox").json["files"]}
    assert found == {"bad.eml": "not-a-licence", "good.lic": "valid"}
    assert [one.path.name for one in list_inbox(office)] == ["good.lic", "bad.eml"]
    assert Menu(office, EN).waiting == 2
    assert handed_in(bakery, "again.eml", data).fields.file == bakery.office / "inbox" / "refused" / "again.eml"
    assert bakery.ok(*IMPORT, bakery.office / "inbox" / "good.lic", *TO, "--confirm")["imported"]


@pytest.mark.parametrize("header", ["Content-Type: text/plain; charset*=idna''x%ff", "Content-Transfer-Encoding: x-\udcff"])
def test_a_part_of_a_mail_that_cannot_be_read_keeps_no_other_part(bakery: Workspace, header: str) -> None:
    licence = bakery.issue("client.lic").read_bytes()
    data = multipart("boundary=b", header.encode("ascii", "surrogateescape") + b"\n\nHallo", b"Content-Type: text/plain\n\n" + licence)
    for name, one in (("mail.eml", data), ("mails.zip", zipped(a=multipart(HEADERS["a boundary in a character set with a zero"]), b=data))):
        assert bakery.ok("licence", "show", written(bakery, name, one))["number"] == "KL-2041"


MANY = {
    "parts": multipart("boundary=b") + b"--b\n\n" * (1 << 20),
    "parts of a report": b"Content-Type: message/delivery-status\n\n" + b"a: b\n\n" * (1 << 20),
    "lines": b"From: henk@jansen.nl\n\n" + b"\n" * (31 << 20),
    "headers": b"From: henk@jansen.nl\n" + b"a:\n" * 100_000,
    "parameters": multipart("boundary=b" + ";" * (1 << 20)),
}


@pytest.mark.parametrize("what", MANY)
def test_a_mail_of_very_many_small_things_is_refused_before_it_fills_the_memory(bakery: Workspace, what: str) -> None:
    path = written(bakery, "many.eml", MANY[what])
    tracemalloc.start()
    try:
        with pytest.raises(Refused, match="holds too much"):
            mailed_licence.find_tokens(path.read_bytes(), path.name)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 160 << 20
    assert bakery.run("licence", "show", path).json["verdict"] == "file-too-large"


@pytest.mark.parametrize("name", ["mail.eml", os.fsdecode(b"mail \xff.eml")])
def test_a_file_that_fails_in_any_way_keeps_no_other_file_of_the_inbox(
    bakery: Workspace, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(bakery, name, b"From: henk@jansen.nl\n\nfail", "office/inbox")
    (bakery.office / "inbox" / "elsewhere.lic").symlink_to("x" * 300)  # which can't even be asked for its kind
    bakery.issue("office/inbox/good.lic")
    office, real = Office.open(bakery.office, CLOCK), mailed_licence.find_tokens

    def find_tokens(data: bytes, name: str) -> set[str]:
        if data.endswith(b"fail"):
            raise RuntimeError("a fault of a library")
        return real(data, name)

    monkeypatch.setattr(mailed_licence, "find_tokens", find_tokens)
    found = {one.path.name: one.verdict for one in office.plan_inbox().files}
    assert found == {name: "internal-error", "elsewhere.lic": "file-not-found", "good.lic": "valid"}
    assert [one.path.name for one in list_inbox(office)] == ["good.lic"]
    assert count_waiting(office) == Menu(office, EN).waiting == 3
    assert add_to_inbox(office, "again.eml", b"From: henk@jansen.nl\n\nfail").parent == bakery.office / "inbox"
    assert office.apply(office.plan_inbox()).stopped is None
    assert bakery.ok("administration", "show", 7)["licence"]


@pytest.mark.parametrize("form", ["a mail", "a mail of Outlook", "a ZIP"])
def test_what_is_damaged_anywhere_is_never_a_fault_in_the_program(bakery: Workspace, form: str) -> None:
    whole = FORMS[form](bakery.issue("client.lic").read_bytes())[1]
    for at in range(0, len(whole), 61):
        damaged = whole[:at] + bytes((whole[at] ^ 0xFF,)) + whole[at + 1 :]
        reading = mailed_licence.read(damaged, {}, "x")
        assert reading.fault is not None
        assert reading.fault.code in {
            "not-a-licence",
            "unknown-issuer",
            "file-too-large",
            "bad-signature",
            "wrong-type",
            "algorithm-not-allowed",
        }


# --- what is handed in on the screen ---


def handed_in(desk: Workspace, name: str, data: bytes) -> ImportClientLicence:
    """The import's form, after a file was dropped on its field."""
    screen = client_licence_screen(Office.open(desk.office, CLOCK), EN)
    screen.form.start = run_now
    screen.form.choose_administration(7)
    pieces(upload_field(screen), name, data)
    return screen.form


def test_a_mail_that_is_dropped_on_the_field_waits_in_the_inbox_until_it_is_imported(bakery: Workspace) -> None:
    data = mail(bytes(3 << 20), bakery.issue("client.lic").read_bytes())
    form = handed_in(bakery, r"C:\mail\Licentie Jansen.eml", data)
    assert form.fields.file == bakery.office / "inbox" / "Licentie Jansen.eml"
    assert count_waiting(form.office) == 1
    assert form.next()
    assert form.finish()
    assert count_waiting(form.office) == 0
    assert form.fields.file.exists()


@pytest.mark.parametrize("case", ["no licence", "expired", "accountant's", "the office's own", "revoked", "two licences"])
def test_a_refused_upload_leaves_the_inbox_to_a_folder_of_its_own(bakery: Workspace, case: str) -> None:
    """It is shown with its reason, and neither waits nor is offered again."""
    data = {
        "no licence": lambda: b"Beste kantoor,",
        "expired": lambda: bakery.issue("x.lic", valid_until="2026-02-01").read_bytes(),
        "accountant's": lambda: bakery.issue_own("x.lic", number="AC-9").read_bytes(),
        "the office's own": (bakery.folder / "own.lic").read_bytes,
        "revoked": lambda: bakery.issue("x.lic", number="KL-9").read_bytes(),
        "two licences": lambda: zipped(a=bakery.issue("x.lic").read_bytes(), b=bakery.issue("y.lic", number="KL-3").read_bytes()),
    }[case]()
    bakery.ok("licence", "revoke", "--issuer", bakery.folder / "issuer", "--number", "KL-9", "--out", bakery.folder / "list.txt")
    bakery.ok("licence", "revocations", bakery.folder / "list.txt")
    form = handed_in(bakery, "x.lic", data)
    assert form.fields.file == bakery.office / "inbox" / "refused" / "x.lic"
    assert count_waiting(form.office) == 0
    assert form.fields.inbox_files() == ()
    assert bakery.ok("inbox")["files"] == []


def test_a_licence_that_is_not_valid_yet_waits(bakery: Workspace) -> None:
    form = handed_in(bakery, "x.lic", bakery.issue("x.lic", valid_from="2027-01-01").read_bytes())
    assert form.fields.file == bakery.office / "inbox" / "x.lic"
    assert count_waiting(form.office) == 1


def test_a_licence_of_an_issuer_that_is_not_trusted_yet_waits_until_it_is(bakery: Workspace) -> None:
    bakery.ok("issuer", "new", bakery.folder / "other", "--name", "Tweede uitgever")
    form = handed_in(bakery, "x.lic", bakery.issue("x.lic", issuer=bakery.folder / "other").read_bytes())
    assert form.fields.file == bakery.office / "inbox" / "x.lic"
    (file,) = form.office.plan_inbox().files
    assert (file.verdict, file.useless, count_waiting(form.office)) == ("unknown-issuer", False, 1)
    assert set_aside(form.office, [file.path]) == 0
    bakery.ok("trust", "add", bakery.folder / "other" / "trust.jwks", "--confirm")
    (file,) = Office.open(bakery.office, CLOCK).plan_inbox().files
    assert file.importable


def test_a_licence_that_was_issued_in_the_future_waits_for_its_day(bakery: Workspace) -> None:
    """As it seems on a computer whose clock is behind."""
    bakery.ok("licence", "renew", bakery.issue_own("long.lic", valid_until="2099-12-31"), "--confirm")
    bakery.today = "2099-05-01"  # long after any clock's day
    form = handed_in(bakery, "x.lic", bakery.issue("x.lic", valid_until="2099-12-31").read_bytes())
    assert form.fields.file == bakery.office / "inbox" / "x.lic"
    (file,) = form.office.plan_inbox().files
    assert (file.verdict, file.useless, count_waiting(form.office)) == ("claims-invalid", False, 1)
    assert set_aside(form.office, [file.path]) == 0
    (file,) = Office.open(bakery.office, system_clock(date(2099, 5, 1))).plan_inbox().files
    assert file.importable


def test_claims_that_stay_invalid_do_not_wait(bakery: Workspace) -> None:
    key = SigningKey.from_pem((bakery.folder / "issuer" / "issuer.pem").read_bytes())
    token = armor.dearmor(bakery.issue("x.lic").read_bytes(), armor.LICENCE)
    assert token is not None
    claims = json.loads(unverified_payload(token)) | {"kvk": "1", "licensee": {}}
    form = handed_in(bakery, "x.lic", armor.armor(sign(json.dumps(claims).encode(), key, TYPE), armor.LICENCE))
    assert form.fields.file == bakery.office / "inbox" / "refused" / "x.lic"


def test_the_own_licence_that_is_handed_in_does_not_come_into_the_inbox(empty_office: Workspace) -> None:
    form = Menu(Office.open(empty_office.office, CLOCK), EN)
    form.open_own_licence()
    assert form.upload("own.eml", mail(empty_office.issue_own("renewal.lic", users=12).read_bytes()))
    assert form.next()
    assert form.renew()
    assert empty_office.ok("inbox")["files"] == []
    assert form.waiting == 0


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(bakery: Workspace) -> None:
    screen = client_licence_screen(Office.open(bakery.office, CLOCK), EN)
    field, asked = upload_field(screen), []
    field.send = lambda content, *_: asked.append(content["next"])
    field._receive(field, {"begin": "film.mp4", "size": 1 << 30}, [])
    assert asked == [None]
    assert screen.form.feedback.code == "file-too-large"


def test_only_what_still_waits_is_counted(bakery: Workspace) -> None:
    """Neither what was imported, nor the licence that it replaced, nor the same one in another file; what can't be imported does wait."""
    inbox = bakery.office / "inbox"
    first = bakery.issue("office/inbox/a.lic")
    written(bakery, "again.zip", zipped(a=first.read_bytes()), "office/inbox")
    written(bakery, "offer.txt", b"Beste,", "office/inbox")
    office = Office.open(bakery.office, CLOCK)
    assert count_waiting(office) == 3
    assert bakery.run("inbox", "--confirm").error == "not-a-licence"
    assert count_waiting(office) == 1
    bakery.issue("office/inbox/renewal.lic", users=7)
    assert count_waiting(office) == 2
    bakery.ok(*IMPORT, inbox / "renewal.lic", *TO, "--accept", "older-than-current", "--confirm")
    assert count_waiting(office) == 1
    assert Menu(office, EN).waiting == 1
