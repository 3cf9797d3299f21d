"""What is said on screen: the Dutch catalogue is whole and true to the code, and the program speaks the language asked for."""

import ast
import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo, write_mo

from accountools.domain.codes.table import CODES
from accountools.domain.obstacle import KindOfLicence, Part, obstacle
from accountools.texts import LANGUAGES, Texts, choose_language
from tests.workspace import CLIENT_KVK, Workspace
from tools.catalogue import PACKAGE, PO, calls, extract, literals, read

FACTS: dict[str, dict[str, object]] = {
    "file-not-found": {"path": "klant.lic"},
    "licence-expired": {"licence": "KL-2041", "valid_until": "31-12-2025"},
    "wrong-kind": {"licence": "AC-1001", "kind": KindOfLicence.accountant},
    "kvk-differs": {"licence_kvk": "12345678", "client_kvk": "87654321"},
    "other-client": {"licence": "KL-9", "other": "Slagerij De Wit", "kvk": "99999999", "client": "Bakkerij Jansen"},
    "name-differs": {"licence_name": "Bakkerij Jansen", "client_name": "Bakkerij Janssen"},
    "no-licence": {"client": "Bakkerij Jansen"},
    "no-user": {"number": "007"},
    "too-many-users": {"allowed": 2, "active": 3, "names": "henk, lotte, wim"},
    "user-is-office": {"number": "007", "login": r"KANTOOR\piet"},
    "office-licence-found": {"number": "007", "where": "register.db"},
    "signer-changed": {"name": "Kantoor Zonnestein", "thumbprint": "q7Yt"},
    "older-backup": {"number": "007", "held": 4, "counter": 3},
    "entry-unbalanced": {"entry": 12, "debit": "1.234,56", "credit": "1.234,00"},
    "opening-differs": {"year": 2026, "before": 2025, "count": 2, "amount": Decimal("9449.00")},
    "auditfile-invalid": {"count": 1},
    "journal-cut": {"path": "007.acb", "length": 41},
}
SENTENCES_IN_DUTCH = {
    "opening-differs": (
        "De beginbalans van 2026 is niet de eindbalans van 2025: 2 grootboekrekeningen verschillen, samen 9.449,00. "
        "Meestal is het resultaat van vorig jaar in de ene wel en in de andere niet verwerkt.",
        "Vergelijk de grootboekrekeningen die verschillen; bevestig alleen als het verschil verklaard is.",
    ),
    "auditfile-invalid": (
        "De auditfile voldoet niet aan de regels van de standaard (1 fout), maar de boekingen zijn leesbaar.",
        "Bekijk de bevindingen; bevestig alleen als de boekhouding toch klopt.",
    ),
    "no-licence": (
        "Van Bakkerij Jansen is nog geen licentie geïmporteerd.",
        "Vraag de klant de licentie te mailen en importeer die; "
        "anders krijgt de klant de licentie van het kantoor en kan de klant niet inloggen.",
    ),
    "wrong-kind": (
        "Licentie AC-1001 is geen klantlicentie (soort: accountantskantoor).",
        "Kies de licentie die de klant heeft gemaild.",
    ),
    "licence-expired": ("Licentie KL-2041 was geldig tot en met 31-12-2025.", "Vraag de klant om de vernieuwde licentie."),
    "user-is-office": (
        r"Gebruiker KANTOOR\piet is een medewerker van het kantoor, niet van de klant.",
        "Kies een gebruiker van de klant of maak er een aan.",
    ),
}
THE_CALLERS_FILE = ("formats/signatures.py", {"path"})  # a token is verified by its bytes; who read it from a file adds its name
RAISES = {"obstacle", "Refused", "Unsound", "WrongUsage", "MachineFailed"}


def translations(catalogue: Catalog) -> dict[str, str]:
    """Each text with its translation; of a plural both forms."""
    found: dict[str, str] = {}
    for message in catalogue:
        if message.id:
            plural = not isinstance(message.id, str)
            found |= zip(message.id if plural else [message.id], message.string if plural else [message.string], strict=True)
    return found


def translations_of(message: Message) -> Iterator[str]:
    """All texts of a message, in both languages."""
    for texts in (message.id, message.string):
        yield from [texts] if isinstance(texts, str) else texts


@pytest.fixture(scope="module")
def dutch() -> Catalog:
    return read()


def test_every_text_has_a_dutch_one_and_none_is_left_over(dutch: Catalog) -> None:
    text, known = set(translations(extract())), translations(dutch)
    assert sorted(text - known.keys()) == [], "python -m tools.catalogue takes them in"
    assert sorted(known.keys() - text) == [], "python -m tools.catalogue drops them"
    assert [text for text, translation in known.items() if not translation.strip()] == []
    assert [message.id for message in dutch if message.fuzzy] == []
    assert list(dutch.obsolete) == []


def test_every_text_that_is_looked_up_is_extracted_whatever_looks_it_up() -> None:
    """Of a `Texts` by any name, and of one that was just made: `Texts(language)("a text")`."""
    text, wanted = set(translations(extract())), []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and re.search(r"(?i)(\._?|^)texts(\(.*\))?$", ast.unparse(node.func)):
                wanted += [(f"{path.relative_to(PACKAGE)}:{node.lineno}", one) for one in literals(node.args[0])]
    assert "Kept your changed notebook: {path}" in {one for _, one in wanted}
    assert [(place, one) for place, one in wanted if one not in text and one not in LANGUAGES] == []


# what screens make of the codes' remedies is in test_forms_wizard.py
OF_THE_COMMAND_LINE = ("cli/", "domain/codes/", "web/server_process.py", "reports/templates/dossier.html")


def test_only_the_command_line_names_commands_and_options(dutch: Catalog) -> None:
    """On a screen, and on a page that failed, nobody types one."""
    for message in dutch:
        for text in translations_of(message):
            if re.search(r"`|--\w|ACCOUNTOOLS|pip install", text):
                places = [place.removeprefix("accountools/") for place, _ in message.locations]
                assert [place for place in places if not place.startswith(OF_THE_COMMAND_LINE)] == [], text


def test_both_languages_have_the_same_places_for_facts(dutch: Catalog) -> None:
    for text, translation in translations(dutch).items():
        assert places(text) == places(translation), text


def places(text: str) -> Counter[tuple[str, str | None, str | None]]:
    return Counter((name, spec, conversion) for _, name, spec, conversion in Formatter().parse(text) if name is not None)


def test_the_compiled_catalogue_is_what_the_texts_compile_to(dutch: Catalog) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, dutch)
    compiled.seek(0)
    with PO.with_suffix(".mo").open("rb") as file:
        assert translations(read_mo(file)) == translations(read_mo(compiled)) == translations(dutch)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_text_is_put_together_before_it_is_looked_up(path: Path) -> None:
    """A text with facts already in it, or made of pieces, would never be found in the catalogue."""
    made = (ast.JoinedStr, ast.BinOp)
    assert [f"{line}: {ast.unparse(text)}" for line, text in calls(path) if isinstance(text, made)] == []


def raised() -> Iterator[tuple[str, str, set[str]]]:
    """Where each code is given its facts, in so many words: the place, the code and the facts' names."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISES and node.args:
                names = {keyword.arg for keyword in node.keywords}
                if None not in names:
                    for code in literals(node.args[0]):
                        yield f"{path.relative_to(PACKAGE)}:{node.lineno}", code, {str(name) for name in names}


def test_whoever_names_a_code_gives_all_facts_that_its_texts_need() -> None:
    found = list(raised())
    assert len(found) > 100
    for place, code, facts in found:
        module, added = THE_CALLERS_FILE
        given = facts | (added if place.startswith(module) else set())
        texts = CODES[code].in_case(given)
        needed = {name for name, _, _ in places(texts.sentence + texts.remedy)}
        assert needed <= given, f"{place}: {code} lacks {sorted(needed - given)}"


def test_where_a_backup_is_wrong_is_given_as_text() -> None:
    found = obstacle("backup-damaged", what=Part.LENGTH)
    assert Texts("nl").sentence(found) == "De back-up is beschadigd of gewijzigd: de lengte."
    assert Texts("en").sentence(found) == found.sentence() == "The backup is damaged or was changed: its length."


@pytest.mark.parametrize("name", ["manifest", "text", "image", "header", "Text B.V."])
def test_a_name_is_never_taken_for_a_part_of_a_backup(name: str) -> None:
    """A file, a client or a column may be called like one."""
    for code in ("backup-damaged", "schema-unexpected", "changed-meanwhile", "client-not-found"):
        found = obstacle(code, what=name)
        assert name in found.sentence()
        assert name in Texts("nl").sentence(found)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", FACTS)
def test_a_code_is_said_with_all_its_facts(code: str, language: str) -> None:
    texts, one = Texts(choose_language(language)), obstacle(code, **FACTS[code])
    sentence, remedy = texts.sentence(one), texts.remedy(one)
    for text in (sentence, remedy):
        assert "…" not in text
        assert text[-1] == "."
    needed = {name for name, _, _ in places(CODES[code].sentence)}
    shown = {name: texts(fact.value) if isinstance(fact, Enum) else texts.show(fact) for name, fact in FACTS[code].items()}
    assert [name for name, text in shown.items() if name in needed and text not in sentence] == []
    if language == "en":
        assert (sentence.replace("9,449", "9449"), remedy) == (one.sentence(), one.remedy())
    elif code in SENTENCES_IN_DUTCH:
        assert (sentence, remedy) == SENTENCES_IN_DUTCH[code]


def test_a_fact_that_is_not_known_ends_nothing() -> None:
    assert Texts("nl").sentence(obstacle("no-licence")) == "Van … is nog geen licentie geïmporteerd."


def lines(desk: Workspace, *words: object) -> list[str]:
    """What a command says to a person."""
    answer = desk.run(*words, as_json=False)
    assert answer.code == 0, answer.err
    return [" ".join(line.split()) for line in answer.out.splitlines()]


def test_a_refusal_is_in_dutch_when_that_is_asked_for(empty_office: Workspace) -> None:
    empty_office.add_client()
    empty_office.create()
    answer = empty_office.run("backup", 7, "--confirm", "--lang", "nl")
    sentence, remedy = SENTENCES_IN_DUTCH["no-licence"]
    assert (answer.code, answer.error) == (3, "no-licence")
    assert answer.err == f"no-licence: {sentence}\n{remedy}\n"
    assert (answer.json["error"]["message"], answer.json["error"]["remedy"]) == (sentence, remedy)
    assert answer.json["refused"][0]["obstacles"][0]["message"] == sentence


def test_a_refusal_is_in_the_language_of_the_locale(empty_office: Workspace) -> None:
    empty_office.environment = {"LANG": "nl_NL.UTF-8"}
    dutch = empty_office.run_process("administration", "show", 9)
    assert (dutch.code, dutch.json["error"]["message"]) == (3, "Er is geen administratie 009.")
    empty_office.environment = {"LANG": "de_DE.UTF-8"}
    assert empty_office.run_process("administration", "show", 9).json["error"]["message"] == "There is no administration 009."


@pytest.mark.parametrize(
    ("variables", "asked", "expected"),
    [
        ({"LANG": "nl_NL.UTF-8"}, None, "Er is geen administratie 009."),
        ({"LANG": "nl_NL.UTF-8"}, "en", "There is no administration 009."),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "nl_BE.UTF-8"}, None, "Er is geen administratie 009."),
        ({"LANG": "nl_NL.UTF-8", "LC_ALL": "en_GB.UTF-8"}, None, "There is no administration 009."),
    ],
)
def test_what_is_asked_for_goes_before_the_locale(
    empty_office: Workspace, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], asked: str | None, expected: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    answer = empty_office.run("administration", "show", 9, *(["--lang", asked] if asked else []))
    assert answer.json["error"]["message"] == expected


@pytest.mark.parametrize(("locale", "expected"), [("nl_NL.UTF-8", "nl"), ("en_GB.UTF-8", "en"), ("C.UTF-8", "en"), ("NL", "nl")])
def test_a_language_that_is_not_spoken_gives_that_of_the_locale(monkeypatch: pytest.MonkeyPatch, locale: str, expected: str) -> None:
    monkeypatch.setenv("LANG", locale)
    assert [choose_language(asked) for asked in ("xx", "", None)] == [expected] * 3


def test_a_language_that_is_not_spoken_is_wrong_usage(empty_office: Workspace) -> None:
    assert empty_office.run("client", "list", "--lang", "xx").code == 2


def test_the_path_of_the_main_job_is_reported_in_dutch(empty_office: Workspace) -> None:
    empty_office.add_client()
    empty_office.create()
    client, dutch = empty_office.issue("client.lic"), ("--lang", "nl")
    new = ("--administration", 7, "--user", "henk", "--user-name", "Henk Jansen")
    planned = lines(empty_office, "licence", "import", client, *new, *dutch)
    assert planned[0] == "Administratie 007, voor Bakkerij Jansen"
    assert planned[-1] == "Alleen getoond: er is niets gewijzigd. Voeg --confirm toe om het plan uit te voeren."
    done = lines(empty_office, "licence", "import", client, *new, "--confirm", *dutch)
    assert done[-1] == "Licentie KL-2041 van Bakkerij Jansen is geïmporteerd in administratie 007. Henk Jansen (henk) krijgt toegang."
    assert lines(empty_office, "audit", *dutch)[-1] == "● gereed 1 ▲ aandacht 0 ■ geblokkeerd 0 ○ zonder licentie 0"
    assert lines(empty_office, "verify", empty_office.backup(7), *dutch) == ["De back-up is in orde."]


def test_days_are_written_the_dutch_way(empty_office: Workspace) -> None:
    text = ("licence", "show", empty_office.issue("client.lic"), "--lang")
    assert {"Geldig vanaf 01-01-2026", "Geldig tot en met 31-12-2027"} <= set(lines(empty_office, *text, "nl"))
    assert {"Valid from 2026-01-01", "Valid until 2027-12-31"} <= set(lines(empty_office, *text, "en"))
    assert [Texts(language).day(date(2026, 2, 3)) for language in LANGUAGES] == ["03-02-2026", "2026-02-03"]


def test_amounts_are_written_the_dutch_way(tmp_path: Path) -> None:
    desk = Workspace(tmp_path)
    desk.ok("demo", tmp_path / "office", "--clients", 1, "--lines", 60)
    debit = desk.ok("administration", "show", 7)["totals"]["debit"]
    whole, _, cents = debit.partition(".")
    assert len(whole) > 3
    assert f"Debet {whole[:-3]}.{whole[-3:]},{cents}" in lines(desk, "administration", "show", 7, "--lang", "nl")
    assert f"Debit {whole[:-3]},{whole[-3:]}.{cents}" in lines(desk, "administration", "show", 7, "--lang", "en")
    assert [Texts("nl").amount(amount) for amount in ("0.00", "-1234567.80")] == ["0,00", "-1.234.567,80"]


def test_a_fraction_is_written_the_dutch_way(tmp_path: Path) -> None:
    for language, pattern in (("nl", r", in \d+(,\d)? s\."), ("en", r", in \d+(\.\d)? s\.")):
        answer = Workspace(tmp_path).run("demo", tmp_path / language, "--clients", 1, "--lines", 0, "--lang", language, as_json=False)
        assert re.search(pattern, answer.out), answer.out


def test_the_names_of_the_columns_stay_what_they_are(ready: Workspace) -> None:
    """Codes and keys are the interface's, in whatever language is spoken; only the separator of a Dutch CSV differs."""
    assert ready.ok("audit", "--lang", "nl")["summary"] == {"ready": 1, "attention": 0, "blocked": 0, "missing": 0}
    lines(ready, "audit", "--csv", ready.folder / "nl.csv", "--lang", "nl")
    head, row = (ready.folder / "nl.csv").read_text("utf-8-sig").splitlines()
    assert head.split(";")[:3] == ["client", "kvk", "number"]
    assert row.split(";")[1] == CLIENT_KVK
