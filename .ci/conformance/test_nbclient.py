"""This file runs the chapters with nbclient, as nbconvert, papermill and Jupyter
Book do: through the kernel they give what `cajal freeze` kept in them."""

import copy
import subprocess

import nbformat
import pytest
from nbclient import NotebookClient

import notebook

CHAPTERS = sorted((notebook.ROOT / "notebooks").glob("*/*.ipynb"))
CAJAL = notebook.ROOT / ".cache/bin/cajal"


def execute(path):
    """Runs a notebook in its folder; returns it, and where it was written."""
    nb = nbformat.read(path, as_version=4)
    nbformat.validate(nb)
    for cell in nb.cells:  # what counts is this run
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    metadata = copy.deepcopy(nb.metadata)
    NotebookClient(nb, timeout=600, kernel_name=nb.metadata.kernelspec.name, resources={"metadata": {"path": str(path.parent)}}).execute()
    nbformat.validate(nb)
    nb.metadata = metadata  # nbclient adds the kernel's version
    out = notebook.OUT / "nbclient" / path.parent.name / path.name
    out.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, out)
    return nb, out


def test_chapters_are_there():
    assert len(CHAPTERS) == 26


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_chapter(path):
    nb, out = execute(path)
    assert notebook.errors(nb) == []
    assert all(c.execution_count for c in nb.cells if c.cell_type == "code" and c.source.strip())
    # The tags of cells say how far processors may round differently.
    diff = subprocess.run([CAJAL, "diff", "--tags", "--rtol=1e-6", path, out], capture_output=True, text=True)
    assert diff.returncode == 0, diff.stdout + diff.stderr
    if path == notebook.NOTEBOOK:
        assert notebook.training_charts(notebook.svgs(nb)) == {"Loss", "Accuracy"}
        assert 0.92 <= notebook.accuracies(nb)[-1] <= 0.945
