"""List uses of words that VOCABULARY.md replaced: `uv run python -m tools.check_words [PATH…]`; exit 1 when any is found.

It checks names (by ast), docstrings, comments and string literals of Python files, Markdown documents, notebooks, and both sides of the
catalogue. Words that are plain English in prose are forbidden only in names. PATHs restrict the check to those files and folders.
"""

import ast
import io
import json
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).parent.parent
PO = "accountools/locale/nl/LC_MESSAGES/accountools.po"

# Parts of names (between underscores, or capitalised parts of a class name) and what to use.
NAME_PARTS = {
    "told": "describe, format, print, message",
    "tell": "describe, format, print, message",
    "tells": "describe, format, print, message",
    "say": "describe, format, print, message",
    "says": "describe, format, print, message",
    "said": "text, message, claims",
    "speak": "describe, language",
    "spoken": "text, language",
    "door": "CommandContext",
    "occasion": "ExecutionContext",
    "lacking": "missing",
    "lacks": "missing",
    "looked": "inspected, checked",
    "mend": "repair, fix, remedy",
    "mended": "repaired, fixed",
    "noughts": "zero_bytes",
    "whom": "recipient",
    "founding": "create",
    "incoming": "checked_image",
    "admitting": "users",
    "enrolling": "clients",
    "receiving": "inbox",
    "keeping": "retention",
    "remembering": "verdict_cache",
    "workplace": "workdir",
    "wanting": "failed",
    "slice": "RegisterExtract",
    "intent": "pending",
    "intents": "pending",
}
# Verbs with which the name of a function doesn't begin, and functions' whole names.
FUNCTION_VERBS = {
    "look": "inspect, preview, search",
    "see": "show, inspect",
    "stand": "be, exist",
    "stands": "is, exists",
    "go": "open, navigate",
    "take": "read, import, install, remove",
    "takes": "accepts",
    "leave": "close, skip",
    "let": "allow",
    "put": "place, write, set",
    "keep": "save, store, retain",
    "mean": "confirm",
    "means": "confirms",
}
FUNCTIONS = {"found": "create_office", "every": "list_all", "of": "list_for", "way": "link", "ways": "links"}
# Whole names, or parts of names with more than one word.
NAMES = {
    "look": "inspect, preview, search",
    "look_over": "inspect, preview",
    "look_into": "inspect",
    "look_at": "inspect, check",
    "looked_inside": "inspected",
    "looking_inside": "inspect_file",
    "stands_in_the_way": "obstacles",
    "in_the_way": "obstacle",
    "found_under": "office_at",
    "take_up": "resume, select",
    "take_in": "install, import",
    "taking_in": "inbox",
    "taking_over": "place",
    "left_of": "remaining",
    "say_yes": "accept, confirm",
    "means_it": "confirmed",
    "put_on": "armor",
    "take_off": "dearmor",
    "words_of": "text, description",
    "the_one": "DEFAULT_SCOPE",
    "towhom": "EncryptionChoice",
    "is_accountants": "is_accountant_office",
    "note_made": "committed",
    "cut_off": "interrupted",
    "carry_out": "apply_plan",
    "only_one": "validate_exclusive",
    "make_way": "replace",
    "gets_in": "can_log_in",
}
# Whole names that may stay although a part is listed above, each with its reason.
ALLOWED_NAMES = {
    "looked_inside": "a key of the interface (`inspect`)",
    "tell": "the method of a file object",
    "keep_years": "an option of the interface",
    "receiving": "an engine receives an office that is moved to it",
    "finish_receiving": "an engine receives an office that is moved to it",
}
# Phrases in prose: docstrings, comments, texts, documents (regular expressions, case-insensitive).
PHRASES = {
    r"look(s|ed|ing)? over": "inspect, preview",
    r"stand(s|ing)? in the way": "is an obstacle",
    r"left of it": "remaining",
    r"mend(s|ed|ing)?": "repair, fix, remedy",
    r"noughts?": "zero bytes",
    r"cut off": "interrupted",
    r"(a|the|each|another|every) cut": "interruption",
    r"gets? in": "can log in",
    r"spoken yes": "confirmation",
    r"(says?|said|saying) yes": "accept, confirm",
    r"a yes": "confirmation",
    r"looked at": "checked, inspected",
    r"wanting": "failed",
    r"the door": "the command line, the forms",
    r"the day to reckon with": "use this date as today",
    r"takes? up": "resumes, occupies",
    r"(is|are|be|was|were) told(?! (to|that)\b)": "is shown, is reported",  # a person is told to wait: the plain word
    r"in words": "as text",
    r"(has|have) (been )?put away": "saved",
    r"lacking": "missing",
    r"(stands?|stood) under": "has",
    r"the whole path": "the whole workflow",
    r"to do it: --confirm": "add --confirm to apply",
    r"the users are closed": "users screen closed",
}
DUTCH = {
    r"geoefend": "getest met een proefherstel",
    r"oefening(en)?": "proefherstel",
    r"alles kwam terug": "volledig teruggelezen",
    r"vak(ken|je|jes)?": "cel",
    r"rekenblad(en)?": "spreadsheet",
    r"gedaan(?=[.\"])": "gereed",  # as a label, or at the end of a sentence; "wie dit heeft gedaan" is the plain word
    r"stand licentie": "licentiestatus",
    r"toestand(en)?": "status",
    r"postvak(ken)?": "inbox",
}
# Lines that may stay: a part of the path, a regular expression for the line, and the reason.
ALLOWED_LINES = [
    ("tools/check_words.py", r".", "the list itself"),
    ("CONTRIBUTING.md", r"\|.*\|", "the table of words itself"),
    ("tests/test_same_words.py", r'^    r".*": ".*",$', "the list of words that screens don't have"),
    ("CHANGELOG.md", r"^\| `Inspection\.wanting` \|", "a name that users of an earlier version look for"),
    (PO, r"#:", "references to files"),
]


@dataclass(frozen=True)
class Use:
    """A use of an old word: where, the word, and what to write instead."""

    path: str
    line: int
    word: str
    suggestion: str


def check_names(path: str, text: str) -> Iterator[Use]:
    """Old words in the names that a module defines: itself, functions, classes, parameters, variables and fields."""
    module = _check_name(Path(path).stem)
    if module is not None:
        yield Use(path, 1, Path(path).stem, module)
    for node in ast.walk(ast.parse(text)):
        for name in _defined_names(node):
            found = _check_name(name) or (_check_function(name) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else None)
            if found is not None and name not in ALLOWED_NAMES:
                yield Use(path, getattr(node, "lineno", 1), name, found)


def _check_function(name: str) -> str | None:
    bare = name.strip("_")
    return FUNCTIONS.get(bare) or FUNCTION_VERBS.get(bare.split("_")[0])


def _defined_names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
            yield name
        case ast.alias(asname=str(name)):
            yield name


def _check_name(name: str) -> str | None:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_")
    if snake in NAMES:
        return NAMES[snake]
    if snake.startswith("test_"):  # a test's name is a sentence: phrases are checked, not its words
        return next((new for old, new in PHRASES.items() if re.search(rf"\b({old})\b", snake.replace("_", " "))), None)
    for part, suggestion in NAMES.items():
        if "_" in part and re.search(rf"(^|_){part}($|_)", snake):
            return suggestion
    return next((NAME_PARTS[part] for part in snake.split("_") if part in NAME_PARTS), None)


def check_prose(path: str, text: str) -> Iterator[Use]:
    """Old phrases in the comments and strings (docstrings and texts) of a module."""
    kinds = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in kinds:
            yield from check_lines(path, token.string, PHRASES | DUTCH, token.start[0])


def check_lines(path: str, text: str, words: dict[str, str], first: int = 1) -> Iterator[Use]:
    """Old phrases in the lines of a text."""
    for number, line in enumerate(text.splitlines(), first):
        for old, suggestion in words.items():
            for found in re.finditer(rf"\b({old})\b", line, re.IGNORECASE):
                yield Use(path, number, found[0], suggestion)


def check_file(path: str, text: str) -> Iterator[Use]:
    """Old words in a file, by its kind."""
    if path.endswith(".py"):
        yield from check_names(path, text)
        yield from check_prose(path, text)
    elif path.endswith(".ipynb"):
        for cell in json.loads(text)["cells"]:
            yield from check_lines(path, "".join(cell["source"]), PHRASES | DUTCH)
    elif path.endswith(".po"):
        yield from check_lines(path, text, PHRASES | DUTCH)
    else:
        yield from check_lines(path, text, PHRASES)


def is_allowed(use: Use, lines: list[str]) -> bool:
    """Whether the allow-list has the line of this use."""
    line = lines[use.line - 1] if use.line <= len(lines) else ""
    return any(part in use.path and re.search(pattern, line) for part, pattern, _ in ALLOWED_LINES)


def uses(paths: list[str]) -> list[Use]:
    """The uses of old words in the tracked files below these paths (all files when there are none)."""
    patterns = ["*.py", "*.md", "*.ipynb", PO]
    command = ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=True)  # noqa: S603 - our own command
    found: list[Use] = []
    for path in sorted(set(listed.stdout.split("\n"))):
        if path and (TOP / path).exists() and (not paths or any(path == one or path.startswith(f"{one}/") for one in paths)):
            text = (TOP / path).read_text("utf-8")
            lines = [] if path.endswith(".ipynb") else text.splitlines()
            found += [use for use in check_file(path, text) if not is_allowed(use, lines)]
    return found


def main(arguments: list[str]) -> int:
    """Print the uses; gives the exit code."""
    found = uses([one.rstrip("/") for one in arguments])
    for use in found:
        sys.stdout.write(f"{use.path}:{use.line} {use.word} → {use.suggestion}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
