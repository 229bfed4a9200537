"""This file says what the chapter on the first network must show, however it was run."""

import os
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / os.environ.get("CAJAL_NOTEBOOK", "notebooks/en/07-first-network.ipynb")
OUT = ROOT / "out"


def outputs(nb):
    """Yields every output of a notebook."""
    for cell in nb.cells:
        if cell.cell_type == "code":
            yield from cell.outputs


def errors(nb):
    return [o.evalue for o in outputs(nb) if o.output_type == "error"]


def charts(nb):
    """Counts the SVG drawings in the outputs: as outputs of their own or in HTML."""
    count = 0
    for o in outputs(nb):
        data = o.get("data", {})
        if "image/svg+xml" in data:
            count += "".join(data["image/svg+xml"]).count("<svg")
        elif "text/html" in data:
            html = "".join(data["text/html"])
            count += html.count("<svg") + html.count("data:image/svg+xml")
    return count


def accuracies(nb):
    """Returns all numbers that the outputs call a test accuracy, as fractions."""
    found = []
    for o in outputs(nb):
        text = o.get("text", "") + "".join(o.get("data", {}).get("text/plain", ""))
        for number, percent in re.findall(r"test accuracy\D{0,12}?(\d+(?:\.\d+)?)\s*(%?)", text, re.IGNORECASE):
            found.append(float(number) / (100 if percent else 1))
    return found
