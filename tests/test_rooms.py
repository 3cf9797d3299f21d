"""The project holds to its design: imports point downwards, heavy packages wait until they are used, one place for each trade."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "accountools"
# Each room may import from those beneath it and from itself; `storage` and `formats` don't know each other.
BENEATH: dict[str, set[str]] = {
    "domain": set(),
    "version": set(),
    "resources": set(),
    "failpoints": set(),
    "safe_files": {"domain", "failpoints"},
    "many_files": {"safe_files"},
    "clock": {"domain"},
    "texts": {"domain"},
}
BESIDE_DOMAIN = set(BENEATH)
BENEATH["formats"] = BESIDE_DOMAIN
BENEATH["storage"] = BESIDE_DOMAIN
BENEATH["operations"] = BESIDE_DOMAIN | {"formats", "storage"}
BENEATH["demo"] = BESIDE_DOMAIN | {"formats", "storage", "operations"}
BENEATH["reports"] = BESIDE_DOMAIN | {"formats", "storage", "operations"}
BENEATH["forms"] = BESIDE_DOMAIN | {"formats", "operations", "demo", "reports"}
BENEATH["web"] = BESIDE_DOMAIN | {"forms"}
BENEATH["cli"] = BESIDE_DOMAIN | {"formats", "storage", "operations", "demo", "reports", "web"}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts and path != PACKAGE / "__init__.py")


def room_of(dotted: str) -> str | None:
    parts = dotted.split(".")
    return parts[1] if parts[0] == "accountools" and len(parts) > 1 else None


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            module = node.module or ""
            found |= {f"{module}.{alias.name}" for alias in node.names} if module == "accountools" else {module}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downwards(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    allowed = BENEATH[room] | {room}
    wrong = {name for name in imports_of(path) if (target := room_of(name)) is not None and target not in allowed}
    assert not wrong, f"{path.name} in {room} imports {wrong}"


def importers_of(*packages: str) -> set[str]:
    return {
        str(path.relative_to(PACKAGE))
        for path in MODULES
        if any(name.split(".")[0] in packages or name in packages for name in imports_of(path))
    }


def test_each_trade_has_one_place() -> None:
    assert importers_of("cryptography", "jwt") == {"formats/signing.py"}
    assert importers_of("pyrage") == {"formats/encryption.py"}
    assert {
        name for name in importers_of("sqlite3", "sqlalchemy") if not name.startswith(("storage/", "operations/", "reports/", "demo/"))
    } == set()


def test_only_safe_files_renames_and_fsyncs() -> None:
    for path in MODULES:
        if path.name == "safe_files.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = node.attr if isinstance(node, ast.Attribute) else ""
            assert name not in {"fsync", "rename", "hardlink_to", "link"}, f"{path}:{node.lineno} {name}"


def test_the_clock_is_asked_at_the_door_only() -> None:
    for path in MODULES:
        calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        asked = {node.func.attr for node in calls if isinstance(node.func, ast.Attribute)} & {"now", "today", "utcnow"}
        assert not asked or path.name == "clock.py", path


def test_the_help_imports_nothing_heavy() -> None:
    code = "import sys\nfrom accountools.cli import main\ntry: main(['--help'])\nexcept SystemExit: print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.splitlines()}
    heavy = {
        "sqlalchemy",
        "alembic",
        "cryptography",
        "jwt",
        "pyrage",
        "zstandard",
        "pandas",
        "numpy",
        "ipywidgets",
        "IPython",
        "jupyterlab",
        "psutil",
        "matplotlib",
        "xlsxwriter",
    }
    assert not loaded & heavy


def test_every_public_name_is_there() -> None:
    import accountools as at

    assert sorted(at.__all__, key=str.lower) == sorted(set(at.__all__), key=str.lower)
    for name in at.__all__:
        assert getattr(at, name) is not None
    with pytest.raises(AttributeError):
        _ = at.nothing_of_the_kind
