"""The notebooks run as tests: each cell's output is compared with the one that is saved. And they stay small."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from accountools import shipped

NOTEBOOKS = sorted(shipped.notebooks().glob("*.ipynb"))
LANGUAGE = "nl"  # of the outputs that are saved


def code_cells(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_a_heading_and_a_few_small_cells(path: Path) -> None:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    assert cells[0]["cell_type"] == "markdown"
    assert "".join(cells[0]["source"]).startswith("# ")
    assert len(code_cells(path)) <= 5
    for cell in code_cells(path):
        source = "".join(cell["source"])
        assert len(source.splitlines()) <= 10
        assert not any(isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda) for node in ast.walk(ast.parse(source)))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_is_saved_is_the_same_everywhere(path: Path) -> None:
    assert "widgets" not in json.loads(path.read_text("utf-8"))["metadata"]
    for place, cell in enumerate(code_cells(path), 1):
        assert cell["execution_count"] == place
        for output in cell["outputs"]:
            assert output["output_type"] != "error"
            assert set(output.get("data", {})) <= {"text/plain"}
            assert not {"/tmp", "object at 0x"} & {word for word in ("/tmp", "object at 0x") if word in json.dumps(output)}


@pytest.mark.xdist_group("notebooks")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_says_what_it_said(path: Path, tmp_path: Path) -> None:
    from accountools.clock import system_clock
    from accountools.operations.demonstrating import demonstrate

    demo = demonstrate(tmp_path / "office", system_clock(), clients=2, lines=12)
    environment = {
        **os.environ,
        **{name: str(tmp_path / name.lower()) for name in ("HOME", "XDG_DATA_HOME", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")},
        "ACCOUNTOOLS_OFFICE": str(demo.folder),
        "ACCOUNTOOLS_LANG": LANGUAGE,
    }
    plugins = ("-p", "no:cacheprovider", "-p", "no:xdist")
    command = (sys.executable, "-m", "pytest", "-q", *plugins, "-c", os.devnull, "--rootdir", str(tmp_path), "--nbval", str(path))
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(code_cells(path))} passed" in done.stdout
