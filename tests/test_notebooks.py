"""The notebooks run as tests: each cell's output is compared with the one that is saved. And they stay small.

In Dutch they are compared with what the notebooks themselves hold, in English with `tests/notebooks_en`, which
`uv run python -m tests.test_notebooks` writes anew.
"""

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from jupyter_client.manager import run_kernel

from accountools import resources
from accountools.web import SHARE

NOTEBOOKS = sorted(resources.notebooks().glob("*.ipynb"))
ENGLISH = Path(__file__).parent / "notebooks_en"
CHOOSE_ENVIRONMENT = """
import os, pytest

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    os.environ.update(ENVIRONMENTS[item.path.stem])
"""
BETWEEN = "\n----\n"  # the outputs of a notebook


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
def test_no_cell_can_be_deleted_or_edited_and_code_and_check_are_folded_away(path: Path) -> None:
    """In JupyterLab one key would cut, change or merge a cell."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    assert all(cell["metadata"]["deletable"] is cell["metadata"]["editable"] is False for cell in cells)
    assert all(cell["metadata"]["jupyter"]["source_hidden"] for cell in code_cells(path))
    (check,) = [n for n, cell in enumerate(cells) if "".join(cell["source"]).startswith("## ")]
    assert "".join(cells[check]["source"]) == "## Controle · Check"
    assert cells[check]["metadata"]["jp-MarkdownHeadingCollapsed"] is True
    assert cells[check + 1]["cell_type"] == "markdown"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_is_saved_is_the_same_everywhere(path: Path) -> None:
    assert "widgets" not in json.loads(path.read_text("utf-8"))["metadata"]
    for place, cell in enumerate(code_cells(path), 1):
        assert cell["execution_count"] == place
        for output in cell["outputs"]:
            assert output["output_type"] != "error"
            assert set(output.get("data", {})) <= {"text/plain"}
            assert not {"/tmp", "object at 0x"} & {word for word in ("/tmp", "object at 0x") if word in json.dumps(output)}


def test_the_notebooks_run_and_print_what_they_printed(tmp_path: Path) -> None:
    """In one process for all, each with a kernel and an office of its own: starting pytest costs as much as running a notebook."""
    environments = {path.stem: environment(tmp_path / path.stem, "nl") for path in NOTEBOOKS}
    (tmp_path / "conftest.py").write_text(f"ENVIRONMENTS = {environments}\n{CHOOSE_ENVIRONMENT}", "utf-8")
    for path in NOTEBOOKS:
        shutil.copy(path, tmp_path)
    plugins = ("-p", "no:cacheprovider", "-p", "no:xdist")
    command = (
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-rA",
        *plugins,
        "-c",
        os.devnull,
        "--rootdir",
        str(tmp_path),
        "--nbval",
        str(tmp_path),
    )
    ours = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}  # which is for this run, not for that one
    ours |= {"JUPYTER_PATH": str(SHARE), "JUPYTER_PREFER_ENV_PATH": "1"}  # the kernels are those of the screens
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240, cwd=tmp_path, env=ours)
    assert done.returncode == 0, done.stdout + done.stderr
    for path in NOTEBOOKS:
        assert done.stdout.count(f"PASSED {path.name}::") == len(code_cells(path))


def test_in_english_they_print_what_is_kept(tmp_path: Path) -> None:
    for name, outputs in english_outputs(tmp_path):
        assert BETWEEN.join(outputs) == (ENGLISH / f"{name}.txt").read_text("utf-8"), name


def test_each_english_set_belongs_to_a_notebook() -> None:
    assert {file.stem for file in ENGLISH.iterdir()} == {path.stem for path in NOTEBOOKS}


def environment(folder: Path, language: str) -> dict[str, str]:
    """Environment variables that name an office, made for it, and folders in place of the machine's."""
    from accountools.clock import system_clock
    from accountools.demo.demonstration import create_demo

    demo = create_demo(folder / "office", system_clock(), clients=2, lines=12)
    places = {name: str(folder / name.lower()) for name in ("HOME", "XDG_DATA_HOME", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    return {**places, "ACCOUNTOOLS_OFFICE": str(demo.folder), "ACCOUNTOOLS_LANG": language}


def english_outputs(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Each notebook's name and what its cells print in English, one after the other in one kernel, each with an office of its own."""
    with run_kernel() as kernel:
        for path in NOTEBOOKS:
            prepare = f"%reset -f\nimport os\nos.environ.update({environment(folder / path.stem, 'en')!r})"
            printed = []
            for source in (prepare, *("".join(cell["source"]) for cell in code_cells(path))):
                outputs: list[str] = []
                kernel.execute_interactive(source, output_hook=partial(collect_output, outputs), timeout=120)
                printed += outputs
            yield path.stem, printed


def collect_output(outputs: list[str], message: dict[str, Any]) -> None:
    """Keep what a cell prints, and its result; what is printed in several pieces is one."""
    kind, content = message["msg_type"], message["content"]
    assert kind != "error", content
    if kind in {"execute_result", "display_data"}:
        outputs.append(content["data"]["text/plain"])
    elif kind == "stream":
        outputs[:] = ["".join((*outputs, content["text"]))]


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        for name, outputs in english_outputs(Path(place)):
            (ENGLISH / f"{name}.txt").write_text(BETWEEN.join(outputs), "utf-8")
