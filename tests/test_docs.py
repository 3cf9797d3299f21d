"""The docs are complete and true: every command, option, code and public name is in them, their examples run, their links exist.

A block marked `example` runs in the order of its page, in one temporary folder with `data/samples` in it; one marked `tools` runs
in bash when the programs that it names are installed. A `text output` block behind it must be what it printed, where `…` stands for
what differs from run to run. `python -m tests.test_docs` rewrites the table of codes.
"""

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

import pytest
import typer.main

import accountools as at
from accountools.cli import app, main
from accountools.domain.codes.table import CODES
from accountools.forms.kit.navigation import ITEMS
from tests.workspace import TODAY
from tools.catalogue import extract

TOP = Path(__file__).parent.parent
README, COMMANDS, PYTHON = TOP / "README.md", TOP / "docs" / "command-line.md", TOP / "docs" / "python.md"
PAGES = sorted([README, TOP / "CHANGELOG.md", TOP / "CONTRIBUTING.md", *(TOP / "docs").rglob("*.md")])
TOOLS = {"age", "zstd", "unzip", "sqlite3"}
COMMON = {"--office", "--json", "--lang", "--today", "--help"}
WITHOUT_SCREEN = {"issuer new", "licence issue", "licence revoke", "lab", "app", "shortcut", "demo"}
RUNNING = {"--confirm", "--plan", "--workers", "--strict"}  # options about how a command is run
SHARED = tuple(f"accountools/forms/{one}/" for one in ("kit", "parts", "files", "screens/set_up"))  # what several screens show
FIRST_COMMANDS = "pip install uv && uv run accountools lab\nuv run pytest\n"


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its mark, its first line and its text."""

    language: str
    mark: str
    line: int
    text: str


def blocks_of(page: Path) -> list[Block]:
    found, opened, inside = [], None, []
    for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
        if opened is None and line.startswith("```"):
            language, _, mark = line.removeprefix("```").partition(" ")
            opened, inside = (language, mark, number), []
        elif opened is not None and line == "```":
            found.append(Block(*opened, "".join(f"{one}\n" for one in inside)))
            opened = None
        elif opened is not None:
            inside.append(line)
    assert opened is None, f"{page.name}: a block is never closed"
    return found


@dataclass
class Reader:
    """Runs the examples of a page in order, in a folder of its own."""

    page: Path
    today: str | None
    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "docs"})
    variables: dict[str, str] = field(default_factory=dict)

    def follow(self) -> None:
        printed: str | None = None
        for block in blocks_of(self.page):
            where = f"{self.page.name}:{block.line}"
            if block.mark == "output":
                assert printed is None or matches(block.text, printed), f"{where} says\n{block.text}\nbut it was\n{printed}"
            elif block.mark == "example":
                printed = self._python(block, where) if block.language == "python" else self._shell(block, where)
            elif block.mark == "tools":
                printed = run_tools(block, where)
            else:
                assert not block.mark, f"{where} is marked {block.mark!r}"

    def _python(self, block: Block, where: str) -> str:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(block.text, where, "exec"), self.names)
        return out.getvalue()

    def _shell(self, block: Block, where: str) -> str:
        out = io.StringIO()
        for line in block.text.replace("\\\n", " ").splitlines():
            kept = re.fullmatch(r"(\w+)=\$\((.*)\)", line)
            words = shlex.split(Template(kept[2] if kept else line).safe_substitute(self.variables), comments=True)
            if words[:1] == ["export"]:
                os.environ.update([words[1].split("=", 1)])
            elif words[:1] == ["mkdir"]:
                Path(words[1]).mkdir()
            elif words:
                assert words[0] == "accountools", f"{where}: {line}"
                printed = io.StringIO() if kept else out
                code, expected = self._accountools(words[1:], printed), re.search(r"# exit (\d)", line)
                assert code == (int(expected[1]) if expected else 0), f"{where}: {line} ended with {code}\n{printed.getvalue()}"
                self.variables |= {kept[1]: printed.getvalue().strip()} if kept else {}
        return out.getvalue()

    def _accountools(self, words: list[str], out: io.StringIO) -> int:
        day = ["--today", self.today] if self.today and not {"--today", "--help"} & set(words) else []
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            try:
                main(words + day)
            except SystemExit as end:
                return int(end.code or 0)
        return 0


def run_tools(block: Block, where: str) -> str | None:
    """What the block printed, or None where a program that it needs isn't installed."""
    if any(shutil.which(tool) is None for tool in TOOLS & set(re.findall(r"(?m)(?:^|\| )(\w+) ", block.text))):
        return None
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", block.text], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{where}: {done.stderr}"
    return done.stdout


def matches(expected: str, printed: str) -> bool:
    pattern = ".*".join(map(re.escape, trimmed(expected).split("…")))
    return re.fullmatch(pattern, trimmed(printed), re.DOTALL) is not None


def trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


@pytest.mark.parametrize("page", [page for page in PAGES if any(one.mark for one in blocks_of(page))], ids=lambda page: page.name)
def test_the_examples_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(TOP / "data" / "samples", tmp_path / "data" / "samples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ACCOUNTOOLS_OFFICE", "kantoor")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    Reader(page, None if page == PYTHON else TODAY).follow()


def commands(command: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command, by its name."""
    command = command or typer.main.get_command(app)
    children = getattr(command, "commands", {})
    if not children or command.invoke_without_command:
        yield " ".join(path), command
    for name, child in children.items():
        yield from commands(child, (*path, name))


def options(command: Any) -> dict[str, Any]:
    found = {name: one for one in command.params if one.param_type_name == "option" for name in (*one.opts, *one.secondary_opts)}
    return {name: one for name, one in found.items() if name not in COMMON}


def sections() -> dict[str, str]:
    """The section of each command."""
    parts = re.split(r"(?m)^### `accountools ([a-z -]+)`$", COMMANDS.read_text("utf-8"))
    return {name: re.split(r"(?m)^## ", text)[0] for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def test_the_documented_commands_are_those_that_exist() -> None:
    assert sorted(sections()) == sorted(name for name, _ in commands())


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_command_is_documented_with_its_options_its_help_and_an_example(name: str) -> None:
    command, section = dict(commands())[name], sections()[name]
    assert command.help, name
    documented = set(re.findall(r"(?m)^\| `(--[a-z-]+)", section))
    assert documented == set(options(command))
    assert {f"{name} {option}" for option, one in options(command).items() if not one.help} == set()
    examples = re.findall(r"(?ms)^```sh[a-z ]*\n(.*?)^```$", section)
    assert any(f"accountools {name}" in example for example in examples), f"no example of {name}"


def test_the_common_options_are_documented_once() -> None:
    start = COMMANDS.read_text("utf-8").split("\n### ")[0]
    assert set(re.findall(r"(?m)^\| `(--[a-z-]+)", start)) == COMMON
    for name, command in commands():
        given = {option for one in command.params if one.param_type_name == "option" for option in one.opts}
        assert given >= COMMON - {"--help"}, name


def screen_rows(columns: int) -> list[tuple[str, ...]]:
    """The rows of the tables of screens that have so many columns: a command or option, and the other cells."""
    table = COMMANDS.read_text("utf-8").split("\n## Screens and commands\n")[1].split("\n## ")[0]
    rows = (line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| `"))
    return [(name, *cells[1:]) for cells in rows if len(cells) == columns for name in re.findall(r"`([^`]+)`", cells[0])]


def screens() -> list[tuple[str, str, str]]:
    """What has a screen: the command or option, the screen's folder or module, and what its work is called there."""
    return [(name, screen_source(screen), called) for name, screen, called in screen_rows(3)]


def screen_source(cell: str) -> str:
    """Where a screen's own texts are: its notebook shows a screen of that folder, and the menu calls it by the name in the table."""
    found = re.fullmatch(r"\[(.+)\]\(\.\./notebooks/((\d\d)_\w+\.ipynb)\)", cell)
    if found is None:
        assert cell == "every screen, while there is no office"
        return "accountools/forms/start.py"
    name, file, number = found.groups()
    assert ITEMS[number].name == name
    source = re.search(r"accountools\.forms\.screens\.\w+", (TOP / "notebooks" / file).read_text("utf-8"))
    assert source, file
    return f"{source[0].replace('.', '/')}/"


def test_every_command_but_those_of_issuers_has_its_screen() -> None:
    """By the words of the button or heading there, which must be that screen's own."""
    assert {name.partition(" --")[0] for name, _, _ in screens()} == {name for name, _ in commands()} - WITHOUT_SCREEN
    places = {
        text: {place for place, _ in one.locations} for one in extract() for text in ([one.id] if isinstance(one.id, str) else one.id)
    }
    for command, source, called in screens():
        own = (source, *SHARED) if " --" in command else source
        assert any(place.startswith(own) for place in places.get(called, ())), f"{command}: {called} isn't in {source}"


def test_every_option_that_does_something_has_its_screen_or_the_reason_why_not() -> None:
    placed = [name for name, *_ in screen_rows(3) if " --" in name]
    explained = [name for name, why in screen_rows(2) if why]
    with_screen = [(name, command) for name, command in commands() if name not in WITHOUT_SCREEN]
    expected = [f"{name} {option}" for name, command in with_screen for option in options(command) if option not in RUNNING]
    assert sorted(placed + explained) == sorted(expected)


def codes_table() -> str:
    rows = (f"| `{code}` | {one.weight.value} | {one.plural or one.sentence} | {one.remedy} |" for code, one in CODES.items())
    return "\n".join(("| code | weight | sentence | remedy |", "| --- | --- | --- | --- |", *rows, ""))


def written_codes_table(text: str) -> str:
    found = re.search(r"(?m)^\| code \| weight .*\n(?:\|.*\n)*", text)
    assert found, "no table of codes"
    return found[0]


def test_the_table_of_codes_is_the_programs() -> None:
    assert written_codes_table(COMMANDS.read_text("utf-8")) == codes_table(), "python -m tests.test_docs rewrites it"


def test_every_public_name_is_in_the_reference() -> None:
    assert sorted(re.findall(r"(?m)^### `(\w+)`", PYTHON.read_text("utf-8"))) == sorted(at.__all__)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TOP)))
def test_every_link_has_a_target(page: Path) -> None:
    text = re.sub(r"(?ms)^```.*?^```$", "", page.read_text("utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in anchors(there), f"{page.name}: {target}"


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"(?m)^#+ (.*)$", page.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_two_commands_come_first() -> None:
    assert blocks_of(README)[0].text == FIRST_COMMANDS


def test_no_path_of_a_machine_is_in_the_docs() -> None:
    for page in PAGES:
        assert not re.search(r"(?<![\w.~])/(?:work|tmp|home|root|Users)/", page.read_text("utf-8")), page.name


if __name__ == "__main__":
    text = COMMANDS.read_text("utf-8")
    COMMANDS.write_text(text.replace(written_codes_table(text), codes_table()), "utf-8")
