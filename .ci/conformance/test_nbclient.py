"""This file runs the chapter on the first network with nbclient, as nbconvert,
papermill and Jupyter Book do, and looks at what it shows."""

import nbformat
from nbclient import NotebookClient

import notebook


def test_first_network():
    nb = nbformat.read(notebook.NOTEBOOK, as_version=4)
    nbformat.validate(nb)
    for cell in nb.cells:  # what counts is this run
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    NotebookClient(nb, timeout=600, kernel_name=nb.metadata.kernelspec.name).execute()
    nbformat.validate(nb)
    notebook.OUT.mkdir(exist_ok=True)
    nbformat.write(nb, notebook.OUT / "nbclient.ipynb")

    assert notebook.errors(nb) == []
    assert all(c.execution_count for c in nb.cells if c.cell_type == "code" and c.source.strip())
    assert notebook.training_charts(notebook.svgs(nb)) == {"Loss", "Accuracy"}
    accuracy = notebook.accuracies(nb)
    assert accuracy, "no output speaks of an accuracy"
    assert 0.92 <= accuracy[-1] <= 0.945, f"accuracy on the test images is {accuracy[-1]}, expected 0.92 to 0.94"
