"""The project holds to its design: imports point downwards, heavy packages wait until they are used, one place for each trade."""

import ast
import subprocess
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "accountools"
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if "versions" not in path.parts
}
# The rooms from top to bottom. Rooms in one line don't know each other; a room may import from any line below its own.
LINES: tuple[tuple[str, ...], ...] = (
    ("__init__", "__main__"),
    ("cli", "office"),
    ("web", "forms.self_check"),
    ("forms.start",),
    ("forms.screens.*",),
    ("forms.parts",),
    ("forms.files",),
    ("forms.kit",),
    ("demo",),
    ("reports",),
    ("operations.maintenance",),
    ("operations.restores", "operations.books"),
    ("operations.backups",),
    ("operations.licences",),
    ("operations.register",),
    ("operations.plan", "operations.workdir", "operations.jobs"),
    ("operations.restarting_pool",),
    ("operations.cluster",),
    ("operations.workers",),
    ("operations.session", "operations.progress", "operations.errors"),
    ("operations.backup_key",),
    ("storage.engines",),
    ("storage.postgres",),
    ("storage.sqlite", "formats.database_file", "formats.key_files", "formats.mail"),
    ("storage.engine", "formats.archives"),
    ("storage.image", "storage.register", "storage.books", "formats.backup"),
    ("storage.migrations", "formats"),
    ("storage.errors", "storage.address", "storage.temporary_folders"),
    ("storage.schema", "words"),
    (
        "texts",
        "clock",
        "standard_streams",
        "many_files",
        "file_users",
        "resources",
        "server_address",
        "notebook_copies",
        "domain.event_json",
        "operations.worker_processes",
    ),
    ("safe_files",),
    ("domain", "failpoints", "version"),
)


def room_of(module: str) -> str:
    """The room of a module, as `LINES` names it: the longest name that it lies in; none for a folder of rooms."""
    dotted = module.removeprefix("accountools").lstrip(".") or "__init__"
    rooms = [room for line in LINES for room in line]
    fitting = [room for room in rooms if f"{dotted}.".startswith(f"{room.removesuffix('*').rstrip('.')}.")]
    room = max(fitting, key=len, default="")
    return ".".join(dotted.split(".")[:3]) if room.endswith("*") else room


def imports_of(module: str) -> set[str]:
    """The modules of the package that a module imports, also late and for types only."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: a relative import"
            found |= {
                f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in MODULES else str(node.module) for alias in node.names
            }
    return (found & MODULES.keys()) - {module}


def height_of(room: str) -> int:
    """The line of a room, counted from below."""
    lines = (n for n, line in enumerate(LINES) if any(room == one or (one.endswith("*") and room.startswith(one[:-1])) for one in line))
    return len(LINES) - next(lines)


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_downwards(module: str) -> None:
    room = room_of(module)
    assert room or not imports_of(module), f"{module} is in no room"
    wrong = {other for other in imports_of(module) if (its := room_of(other)) != room and height_of(its) >= height_of(room)}
    assert not wrong, f"{module} in {room} imports {sorted(wrong)}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Late imports counted. The package itself gives its public names when they are asked for, and is left out."""
    arrows = {module: imports_of(module) - {"accountools"} for module in MODULES if module != "accountools"}
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' -> '.join(error.args[1])}")


def test_every_room_of_the_picture_is_there() -> None:
    assert {room for line in LINES for room in line if not room.endswith(".*")} <= {room_of(module) for module in MODULES}


def test_no_folder_is_a_heap() -> None:
    counts = {folder: len(list(folder.glob("*.py"))) - 1 for folder in {path.parent for path in MODULES.values()}}
    assert {str(folder.relative_to(PACKAGE)): count for folder, count in counts.items() if count > 15} == {}


@cache
def packages_of(path: Path) -> frozenset[str]:
    """The packages that a file imports."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return frozenset(name.split(".")[0] for name in names)


def importers_of(*packages: str) -> set[str]:
    """The files that import one of these packages."""
    return {str(path.relative_to(PACKAGE)) for path in MODULES.values() if packages_of(path) & set(packages)}


def test_each_trade_has_one_place() -> None:
    assert importers_of("cryptography", "jwt") == {"formats/signatures.py"}
    assert importers_of("pyrage") == {"formats/encryption.py"}
    assert {name.rpartition("/")[0] for name in importers_of("psycopg")} - {"storage"} == {"storage/postgres"}
    assert {name.rpartition("/")[0] for name in importers_of("pyxaf", "lxml")} == {"formats/auditfile"}
    assert {
        name for name in importers_of("sqlite3", "sqlalchemy") if not name.startswith(("storage/", "operations/", "reports/", "demo/"))
    } == set()


def test_only_safe_files_renames_and_fsyncs() -> None:
    for path in MODULES.values():
        if path.name == "safe_files.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = node.attr if isinstance(node, ast.Attribute) else ""
            assert name not in {"fsync", "rename", "hardlink_to", "link"}, f"{path}:{node.lineno} {name}"


def test_the_clock_is_read_at_the_start_only() -> None:
    for path in MODULES.values():
        calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        asked = {node.func.attr for node in calls if isinstance(node.func, ast.Attribute)} & {"now", "today", "utcnow"}
        assert not asked or path.name == "clock.py", path


HELP = "from accountools.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass"


@pytest.mark.parametrize(("code", "but"), [(HELP, set()), ("import accountools.web.launch", {"psutil"})], ids=["help", "launch"])
def test_what_everybody_waits_for_imports_nothing_heavy(code: str, but: set[str]) -> None:
    """The help, and what starts the server of the screens: that imports the rest, and so do its kernels."""
    shown = f"import sys\n{code}\nprint(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.splitlines()}
    heavy = {
        "sqlalchemy",
        "psycopg",
        "alembic",
        "cryptography",
        "jwt",
        "pyrage",
        "zstandard",
        "python_calamine",
        "pandas",
        "numpy",
        "ipywidgets",
        "IPython",
        "jupyterlab",
        "psutil",
        "matplotlib",
        "xlsxwriter",
        "babel",
        "jinja2",
        "lxml",
        "pyxaf",
    }
    assert loaded & heavy == but


def test_every_public_name_is_there() -> None:
    import accountools as at

    assert sorted(at.__all__, key=str.lower) == sorted(set(at.__all__), key=str.lower)
    for name in at.__all__:
        assert getattr(at, name) is not None
    with pytest.raises(AttributeError):
        _ = at.nothing_of_the_kind
