"""papermill gives parameters to a notebook of Go, by install/papermill."""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "install" / "papermill"

pytest.importorskip("papermill", reason="papermill is not in requirements.txt")


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The package is installed as a user installs it: papermill finds it by its entry point."""
    copy = tmp_path_factory.mktemp("package") / "papermill"  # pip builds beside the source
    shutil.copytree(PACKAGE, copy)
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--force-reinstall", str(copy)],
        check=True,
    )


def notebook(path, *cells):
    nb = nbformat.v4.new_notebook()
    nb.metadata["kernelspec"] = {"name": "cajal", "language": "go", "display_name": "Go (cajal)"}
    for source, tags in cells:
        cell = nbformat.v4.new_code_cell(source)
        cell.metadata["tags"] = tags
        nb.cells.append(cell)
    nbformat.write(nb, path)


def papermill(*args):
    return subprocess.run([sys.executable, "-m", "papermill", *map(str, args)], capture_output=True, text=True)


def test_parameters(package, tmp_path):
    source, out, params = tmp_path / "in.ipynb", tmp_path / "out.ipynb", tmp_path / "p.yaml"
    notebook(
        source,
        ("epochs := 5\nrate := 0.1\nname := \"adam\"", ["parameters"]),
        ('fmt.Printf("%T %v|%T %v|%T %v|%T %v|%T %v|%T %v|%T %v|%T %v|%q", epochs, epochs, rate, rate, name, name, on, on, layers, layers, mixed, mixed, m, m, none, none, text)', []),
    )
    params.write_text(
        'epochs: 3\nrate: 1.0\nname: sgd\n"on": true\nlayers: [64, 32]\nmixed: [1, "a"]\nm: {a: 1, b: 2.5}\nnone: null\ntext: "a\\"b\\\\c\\n\\u2028é网\\x01"\n', encoding="utf-8"
    )
    ran = papermill(source, out, "-f", params)
    assert ran.returncode == 0, ran.stderr
    nb = nbformat.read(out, as_version=4)
    assert nb.cells[1].metadata.tags == ["injected-parameters"]
    assert nb.cells[1].source.startswith("// Parameters\nvar epochs = 3\nvar rate = 1.0\n")
    text = "".join(o.text for o in nb.cells[2].outputs if o.output_type == "stream")
    assert text == (
        'int 3|float64 1|string sgd|bool true|[]int [64 32]|[]interface {} [1 a]|map[string]float64 map[a:1 b:2.5]|<nil> <nil>|"a\\"b\\\\c\\n\\u2028é网\\x01"'
    )


def test_failure_is_told(package, tmp_path):
    source, out = tmp_path / "in.ipynb", tmp_path / "out.ipynb"
    notebook(source, ("epochs := 5", ["parameters"]), ('panic("boom")', []))
    ran = papermill(source, out, "-p", "epochs", "3")
    assert ran.returncode != 0 and "boom" in ran.stderr
    ran = papermill(source, out, "-p", "func", "3")
    assert ran.returncode != 0 and "no name of a variable in Go" in ran.stderr


def test_help(package, tmp_path):
    source = tmp_path / "in.ipynb"
    notebook(source, ("import \"time\"\n// a comment\nepochs := 5 // how long\nvar rate float32 = 0.1\na, b := 1, 2\n", ["parameters"]))
    ran = papermill("--help-notebook", source)
    assert "epochs: Unknown type (default 5)" in ran.stdout and "how long" in ran.stdout, ran.stdout
    assert "rate: float32 (default 0.1)" in ran.stdout, ran.stdout
