"""One thing has one word: in both catalogues, in the notebooks' own texts, on the screens and on paper."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from accountools.clock import system_clock
from accountools.demo.demonstration import create_demo
from accountools.domain.codes.code import Weight
from accountools.domain.codes.table import CODES
from accountools.domain.obstacle import obstacle
from accountools.forms.kit.descriptions import FILTERS, describe_time, describe_waiting
from accountools.forms.kit.navigation import SYSTEM, menu
from accountools.operations.backups.plan import plan_all_ready
from accountools.operations.backups.target import BackupTarget
from accountools.reports.audit import audit
from accountools.reports.audit_papers import render, report_details
from accountools.reports.audit_table import AuditRow, AuditTable
from accountools.reports.audit_texts import expiry_words
from accountools.reports.dossier import dossier
from accountools.reports.event_texts import CONFIRMED, describe_actor
from accountools.texts import LANGUAGES, Language, Texts
from accountools.web.page_texts import text_in
from tests.test_docs import commands
from tests.test_texts import translations
from tests.workspace import HENK, TODAY, Workspace
from tools.catalogue import read

CLOCK = system_clock(date.fromisoformat(TODAY))
NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
DUTCH_READERS = Path(__file__).parent.parent / "README.md"
DOCUMENTS = [*DUTCH_READERS.parent.glob("*.md"), *(DUTCH_READERS.parent / "docs").glob("*.md")]
NOT_IN_DUTCH = {  # what it is called instead
    r"\bjournaal\b": "logboek",
    r"\binlognaam\b|\bloginnaam\b": "gebruikersnaam",
    r"\b[Dd]e boeken\b|\b[Bb]oeken (van|over)\b|^Boeken, ": "boekhouding",
    r"\bklaar\b|\bGedaan\b|\bgedaan\.": "gereed (or Klaar, the button of S14)",
    r"\bgeoefend\b|\boefening": "proefherstel",
    r"alles kwam terug": "volledig teruggelezen",
    r"\b[Vv]ak\b": "cel",
    r"\b[Rr]ekenblad": "spreadsheet",
    r"\b[Ss]tand licentie": "Licentiestatus",
    r"\b[Tt]oestand": "Status",
    r"\b[Pp]ostvak": "Ingekomen licenties",
    r"[Kk]lantlicentie importeren": "Importeren klantlicentie (S8)",
    r"\b[Ll]et op\b": "aandacht",
    r"ga (alleen )?akkoord|\bakkoord\b|\b[Aa]ccepteer\b": "bevestig",
    r"\b[Ll]id\b|\b[Ll]eden\b|[Uu]itsluiten|\b[Tt]oelaten\b": "gemachtigde, machtigen, machtiging intrekken",
    r"(?<!roef- en )\b[Ss]aldibalans": "proef- en saldibalans",
    r"[Ii]mport(eer|eren)\b.*\b([Aa]uditfile|[Bb]oekingen)|([Aa]uditfile|[Bb]oekjaar|[Bb]oekingen)\b.*\bgeïmporteerd": "inlezen",
    r"\bperioden\b": "periodes",
    r"\b[Hh]aar\b": "die (of a thing)",
    r"weg te schrijven|weggeschreven|geschreven naar": "opgeslagen in",
    r"\bniet af\b": "niet voltooid",
    r"kolommen (code|name|journal)\b": "the titles of a Dutch list",
    r"\b[Vv]erbeter": "corrigeer",
    r"zijn eigen back-up|laatste eigen back-up|vanuit de eigen back-up": "back-up van het kantoor zelf, bewaarde back-up",
    r"opgeslagen controle|in de controle": "overzicht",
    r"inloggen op administratie": "inloggen in",
    r"\b[Bb]ackup": "back-up",
    r"\b[Ll]icenties? (hier )?tell(en|t)\b|die telt\b": "gelden",
}
NOT_IN_ENGLISH = {
    r"\brehears": "test restore",
    r"\blooked (at|into|over)\b|\bwanting\b": "checked, failed",
    r"\bnoughts?\b": "zero",
    r"\bpostbox\b|\bmailbox\b": "inbox",
    r"\baudit trail\b|\blog book\b": "journal",
    r"[Pp]lease note": "attention",
    r"\buser ?name\b": "login name",
    r"\blicense": "licence",
    r"\b(for|of|to|by|from) who\b": "whoever",
    r"\b[Rr]ead (\w+ ){0,4}in(?= from\b|:|\.|$)": "import",
    r"\bheld against\b": "compared with",
}
NOT_IN_DOCUMENTS = {  # which tell more than the screens
    r"\bheld against\b": "compared with",
    r"\b(for|of|to|by|from) who\b": "whoever",
    r"(?:^- |[.:] )Who (?!may|can)\w+ [^?]*?\.": "whoever, readers",
    r"\blicenses?\b": "licence",
}
COUNTED = (
    "accounts|entries|lines|relations|users|clients|administrations|licences|backups|events|files|days|years|minutes|seconds|hours|rows|"
    "findings|licences|issuers|lists|items"
)
ALWAYS_MORE = {  # what can only be said of more than one, or is a constant
    "{active} users would be active, and the licence allows {allowed}: {names}.",
    "The newest {n} of {total} events are shown.",
    "The first {n} lines are shown; the files have all.",
}


def dutch() -> Iterator[str]:
    """All that is in Dutch: the catalogue, the notebooks, the part of the README."""
    yield from translations(read()).values()
    for notebook in NOTEBOOKS:
        for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                yield from (text_in("nl", part) for part in "".join(cell["source"]).split("\n\n"))
    yield DUTCH_READERS.read_text("utf-8").split("## In het Nederlands")[1].split("\n## ")[0]


def english() -> Iterator[str]:
    """All that is in English: the catalogue, the notebooks."""
    yield from translations(read())
    for notebook in NOTEBOOKS:
        for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                yield from (text_in("en", part) for part in "".join(cell["source"]).split("\n\n"))


def without_commands(text: str) -> str:
    """A text without commands and the names of facts."""
    return re.sub(r"`[^`]*`|\{\w*\}", "…", text)


@pytest.mark.parametrize("word", NOT_IN_DUTCH)
def test_no_second_word_for_the_same_thing_in_dutch(word: str) -> None:
    assert [text for text in map(without_commands, dutch()) if re.search(word, text)] == [], NOT_IN_DUTCH[word]


@pytest.mark.parametrize("word", NOT_IN_ENGLISH)
def test_no_second_word_for_the_same_thing_in_english(word: str) -> None:
    assert [text for text in map(without_commands, english()) if re.search(word, text)] == [], NOT_IN_ENGLISH[word]


@pytest.mark.parametrize("word", NOT_IN_DOCUMENTS)
def test_no_second_word_for_the_same_thing_in_the_documents(word: str) -> None:
    texts = ((page.name, line) for page in DOCUMENTS for line in without_commands(page.read_text("utf-8")).splitlines())
    assert [(page, line) for page, line in texts if re.search(word, line)] == [], NOT_IN_DOCUMENTS[word]


def test_no_code_is_in_a_sentence() -> None:
    """A code stands beside a sentence, in brackets, as the program puts it there."""
    codes = re.compile(rf"(?<![\w-])({'|'.join(code for code in CODES if '-' in code)})(?![\w-])")
    assert [text for text in map(without_commands, (*dutch(), *english())) if codes.search(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("accountants", [True, False])
def test_a_path_through_the_menu_leads_somewhere(language: Language, accountants: bool) -> None:
    """In each office's own menu; a client's has nothing to create or to copy."""
    _ = Texts(language)
    system = " ▸ ".join((_("Settings"), _("System")))
    known = {f"{_(group)} ▸ {_(item.name)}" for group, items in menu(accountants=accountants).items() for item in items}
    known |= {f"{system} ▸ {_(name)}" for name in (*(item.name for item in SYSTEM), "Own licence")}
    catalogue = translations(read())
    texts = (text for text in (catalogue.values() if language == "nl" else catalogue) if "▸ " in text)
    paths = {re.split(r"[.,]", text.rpartition(": ")[2])[0] for text in texts}
    assert len(paths) >= 4
    not_a_clients = set() if accountants else {f"{_('Administrations')} ▸ {_('Create or copy')}"}
    assert paths - known == not_a_clients


def test_a_command_that_a_text_names_exists() -> None:
    names = {name for name, _ in commands()}
    named = {found for text in (*dutch(), *english()) for found in re.findall(r"`accountools ([a-z]+(?: [a-z]+)*)", text)}
    assert len(named) > 10
    assert {one for one in named if not {one, one.rpartition(" ")[0]} & names} == set()


def singular_only() -> Iterator[tuple[str, str]]:
    """The texts that are not in two forms, each with its translation."""
    return ((str(one.id), str(one.string)) for one in read() if one.id and isinstance(one.id, str))


def test_a_number_before_a_noun_is_in_two_forms() -> None:
    """`1 administraties` can't be: such a text is one of `plural` or `P_`, or it names the number after the noun."""
    number = re.compile(rf"\{{\w+\}} (?:\w+ )?(?:{COUNTED})\b")
    assert [text for text, _ in singular_only() if number.search(text) and text not in ALWAYS_MORE] == []
    assert [text for text, _ in singular_only() if re.match(r"1 [a-z]", text)] == []


def test_both_forms_have_the_number_and_are_grammatical() -> None:
    for one in read():
        if one.id and not isinstance(one.id, str):
            assert all("{count}" in text or "The backup contains" in one.id[0] for text in one.id), one.id
            few, many = one.string
            assert not re.search(
                r"\{count\} (?:\w+ )?(administraties|klanten|back-ups|licenties|dagen|regels|boekingen|mutaties)\b", few
            ), few
            assert not re.search(r"\{count\} (administratie|klant|back-up|licentie|dag|regel|boeking|mutatie)\b", many), many


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_is_said_as_one(language: Language) -> None:
    _ = Texts(language)
    messages = {
        describe_waiting(1, _): ("1 bestand bij", "1 file is"),
        describe_time(60, _): ("1 minuut", "1 minute"),
        describe_time(3700, _): ("1 uur", "1 hour"),
        _.counts(accounts=1, entries=1, lines=1, relations=1): (
            "1 grootboekrekening, 1 boeking, 1 mutatie, 1 relatie",
            "1 account, 1 entry, 1 line, 1 relation",
        ),
        _.counts(accounts=2, entries=0): ("2 grootboekrekeningen, 0 boekingen", "2 accounts, 0 entries"),
    }
    for text, (nl, en) in messages.items():
        assert (nl if language == "nl" else en) in text
        assert not re.search(r"\b1 \w+(en|ies|nts)\b", text), text


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("name", FILTERS)
def test_what_needs_attention_is_counted_as_one_or_more(name: str, count: int, tmp_path: Path) -> None:
    states = {"missing", "blocked", "attention", "ready"}
    state = name if name in states else "ready"
    row = AuditRow("A", "1", None, None, "L", "expires-soon", CLOCK().today, None, "missing", "2026-01-01", None, "", ())
    rows = [replace(row, kvk=str(one), licence_number=str(one), state=state) for one in range(count)]
    text = FILTERS[name].count_text(AuditTable(CLOCK().today, tuple(rows)), Texts("nl"))  # type: ignore[arg-type]
    assert text.startswith(f"{count} ")
    assert bool(re.search(r"klanten|administraties|licenties|back-ups|vragen", text)) == (count == 2 and name != "ready")
    assert expiry_words(AuditTable(CLOCK().today, tuple(rows)), Texts("nl"))[0].count("verloopt") == (count == 1)


def test_too_many_users_is_said_in_sentences_that_hold_for_one() -> None:
    one = obstacle("too-many-users", allowed=1, active=2, names="henk, lotte")
    assert Texts("nl").sentence(one) == "Er zouden 2 gebruikers actief zijn en de licentie staat er 1 toe: henk, lotte."
    assert one.sentence() == "2 users would be active, and the licence allows 1: henk, lotte."


def test_whatever_asks_for_a_confirmation_can_be_named_as_confirmed() -> None:
    assert {code for code, one in CODES.items() if one.weight is Weight.NEEDS_CONFIRMATION} <= CONFIRMED.keys()


@pytest.mark.parametrize("login", ["root", "Administrator", "SYSTEM"])
def test_a_login_that_is_nobodys_name_is_explained(login: str) -> None:
    assert describe_actor(login, Texts("nl")) == f"de systeembeheerder ({login})"
    assert describe_actor(login, Texts("en")) == f"the system administrator ({login})"
    assert describe_actor("anna", Texts("nl")) == "anna"


@pytest.fixture
def papers(tmp_path: Path) -> str:
    """The pages in Dutch of an office with each kind of client, by root: the overview, and a dossier with a confirmed import."""
    office = create_demo(tmp_path / "demo", CLOCK, clients=24, lines=24).office
    plan_all_ready(office, BackupTarget(plain=True)).apply(office)
    _, found = Texts("nl"), audit(office)
    return "".join(
        (
            render(found, report_details(office, found), _, "html").decode(),
            *(dossier(office, row.number).page("nl").decode() for row in found.rows if row.number is not None),
        )
    )


def test_no_code_and_no_english_is_on_a_dutch_paper(papers: str) -> None:
    text = re.sub(r"<style>.*?</style>|<svg.*?</svg>|<code>.*?</code>|<[^>]+>", " ", papers, flags=re.DOTALL)
    assert re.findall(rf"(?<![\w-])(?:{'|'.join(code for code in CODES if '-' in code)})(?![\w-])", text) == []
    assert re.findall(r"\b(?:ready|blocked|missing|attention|without|licence|backup|client|valid)\b", text) == []
    assert "bevestigd: een andere naam" in text
    for word, instead in NOT_IN_DUTCH.items():
        assert not re.search(word, text), instead


def test_a_licence_that_is_missing_has_one_word(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    office = create_demo(tmp_path / "demo", CLOCK, clients=4, lines=0).office
    found = audit(office)
    (tmp_path / "a.xlsx").write_bytes(render(found, report_details(office, found), Texts("nl"), "xlsx"))
    sheet = load_workbook(tmp_path / "a.xlsx").worksheets[0]
    head, *rows = [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
    missing = [row for row in rows if row[0].startswith("○")]
    assert {(row[0], row[head.index("Licentiestatus")], row[head.index("Gebruikersstatus")]) for row in missing} == {
        ("○ zonder licentie", "zonder licentie", "geen gebruiker")
    }


def test_the_demonstration_is_walked_in_one_language(tmp_path: Path) -> None:
    walked = Workspace(tmp_path).run("demo", tmp_path / "office", "--clients", 1, "--lines", 12, "--walk", "--lang", "nl", as_json=False)
    assert walked.code == 0
    assert "2. Een back-up voor de klant wordt geweigerd: Van Bakkerij Jansen is nog geen licentie geïmporteerd. [no-licence]" in walked.out
    assert "9. Status van administratie 007 in het overzicht van het kantoor: gereed." in walked.out
    assert HENK in walked.out


def test_no_word_that_was_replaced_is_back() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.check_words"], cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("", 0)
