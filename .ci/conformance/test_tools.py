"""Others' tools take notebooks of Go as they take those of Python."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
CAJAL = os.environ.get("CAJAL") or str(ROOT / ".cache" / "bin" / "cajal")
CELLS = ["import \"fmt\"\n\n// greet greets.\nfunc greet(name string) string { return \"hello, \" + name }", 'fmt.Println(greet("world"))', "x := 6 * 7\nx"]


@pytest.fixture
def notebook(tmp_path):
    nb = nbformat.v4.new_notebook()
    nb.metadata["kernelspec"] = {"name": "cajal", "language": "go", "display_name": "Go (cajal)"}
    nb.metadata["language_info"] = {"name": "go", "file_extension": ".go", "mimetype": "text/x-go", "pygments_lexer": "go", "codemirror_mode": "go"}
    nb.cells = [nbformat.v4.new_markdown_cell("# Title\n\nwith $x^2$.")] + [nbformat.v4.new_code_cell(c) for c in CELLS]
    path = tmp_path / "n.ipynb"
    nbformat.write(nb, path)
    return path


def run(*args, **kwargs):
    ran = subprocess.run([str(a) for a in args], capture_output=True, text=True, **kwargs)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_nbconvert_executes_and_colours(notebook, tmp_path):
    pytest.importorskip("nbconvert")
    run(sys.executable, "-m", "nbconvert", "--execute", "--to", "html", notebook, "--output-dir", tmp_path)
    page = (tmp_path / "n.html").read_text(encoding="utf-8")
    assert "hello, world" in page and "42" in page
    assert '<span class="kd">func</span>' in page, "the code has no colours: the lexer was not found"


def test_nbconvert_script(notebook, tmp_path):
    pytest.importorskip("nbconvert")
    run(sys.executable, "-m", "nbconvert", "--to", "script", notebook, "--output-dir", tmp_path)
    script = (tmp_path / "n.go").read_text(encoding="utf-8")
    assert "func greet(name string) string" in script and "x := 6 * 7" in script


@pytest.mark.parametrize("form", ["go:percent", "go:light", "md", "md:myst"])
def test_jupytext_round_trip(notebook, tmp_path, form):
    pytest.importorskip("jupytext")
    text = tmp_path / ("n.md" if form.startswith("md") else "n.go")
    run(sys.executable, "-m", "jupytext", "--to", form, notebook, "-o", text)
    back = tmp_path / "back.ipynb"
    run(sys.executable, "-m", "jupytext", "--to", "ipynb", text, "-o", back)
    nb = nbformat.read(back, as_version=4)
    assert [c.source for c in nb.cells if c.cell_type == "code"] == CELLS
    assert nb.metadata.kernelspec.name == "cajal"
    # What came back is still a notebook that cajal runs.
    run(CAJAL, "run", back, "--out", tmp_path / "out")


@pytest.mark.skipif(not shutil.which(CAJAL) and not Path(CAJAL).exists(), reason="no cajal")
def test_cajal_and_nbconvert_agree(notebook, tmp_path):
    """A notebook that Jupyter executed through the kernel is the same to cajal verify, and the other way round."""
    pytest.importorskip("nbconvert")
    run(sys.executable, "-m", "nbconvert", "--execute", "--to", "notebook", notebook, "--output", tmp_path / "jupyter.ipynb")
    assert "same" in run(CAJAL, "verify", "--bit", tmp_path / "jupyter.ipynb")
    run(CAJAL, "run", notebook, "--out", tmp_path / "out")
    ours, theirs = (json.loads((tmp_path / p).read_text(encoding="utf-8")) for p in ("out/n.ipynb", "jupyter.ipynb"))
    outputs = lambda nb: [c["outputs"] for c in nb["cells"] if c["cell_type"] == "code"]
    assert outputs(ours) == outputs(theirs)


def test_quarto_cells(tmp_path):
    """A notebook as Quarto's engine makes it of a .qmd with `jupyter: cajal`: options
    are comments of the kernel's language, and nothing but the kernelspec tells it."""
    nb = nbformat.v4.new_notebook()
    nb.metadata["kernelspec"] = {"name": "cajal", "language": "go", "display_name": "Go (cajal)", "path": str(ROOT / ".venv/share/jupyter/kernels/cajal")}
    nb.cells = [
        nbformat.v4.new_raw_cell('---\ntitle: A paper\njupyter: cajal\n---'),
        nbformat.v4.new_code_cell('//| label: fig-lines\n//| fig-cap: "Two lines"\n//| echo: false\n\nchart.Line([]float64{1, 2})'),
        nbformat.v4.new_code_cell("//| tags: [parameters]\n\nepochs := 5\nepochs"),
    ]
    path = tmp_path / "q.ipynb"
    nbformat.write(nb, path)
    run(sys.executable, "-m", "nbconvert", "--execute", "--to", "notebook", path, "--output", tmp_path / "executed.ipynb")
    executed = nbformat.read(tmp_path / "executed.ipynb", as_version=4)
    assert "image/svg+xml" in executed.cells[1].outputs[0].data and "image/png" in executed.cells[1].outputs[0].data
    assert executed.cells[2].outputs[0].data["text/plain"] == "5"
    run(CAJAL, "export", "--to", "md", tmp_path / "executed.ipynb", "--out", tmp_path)
    assert (tmp_path / "executed.md").read_text(encoding="utf-8").startswith('---\ntitle: A paper\njupyter: cajal\nlang: "en"\n---\n\n```go\n//| label: fig-lines\n')
