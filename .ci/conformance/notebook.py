"""This file says what the chapter on the first network must show, however it was run."""

import os
import pathlib
import re
from html.parser import HTMLParser

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


class Drawings(HTMLParser):
    """Finds the SVG drawings of a page, or of a drawing: of one that is made of
    others, these."""

    SHAPES = {"path", "polyline", "polygon", "line", "rect", "circle", "image", "use"}

    def __init__(self, page):
        super().__init__()
        self.found, self.open, self.tag = [], [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tag = tag
        if tag == "svg":
            for outer in self.open:
                outer["parts"] += 1
            self.open.append({"parts": 0, "words": set(), "shapes": 0})
        elif self.open and tag in self.SHAPES:
            self.open[-1]["shapes"] += 1

    handle_startendtag = handle_starttag

    def handle_data(self, data):
        if self.open and self.tag in ("text", "tspan"):
            self.open[-1]["words"].add(data.strip())

    def handle_endtag(self, tag):
        self.tag = ""
        if tag == "svg" and self.open and not self.open[-1]["parts"]:
            self.found.append(self.open[-1])
        if tag == "svg" and self.open:
            self.open.pop()


def training_charts(pages):
    """Returns which charts of a training are among the drawings of pages."""
    return {
        title
        for page in pages
        for drawing in Drawings(page).found
        for title in ("Loss", "Accuracy")
        if title in drawing["words"] and drawing["shapes"] >= 4
    }


def svgs(nb):
    return ["".join(o.data["image/svg+xml"]) for o in outputs(nb) if "image/svg+xml" in o.get("data", {})]


def accuracies(nb):
    """Returns all numbers that the outputs call a test accuracy, as fractions."""
    found = []
    for o in outputs(nb):
        text = o.get("text", "") + "".join(o.get("data", {}).get("text/plain", ""))
        for number, percent in re.findall(r"test accuracy\D{0,12}?(\d+(?:\.\d+)?)\s*(%?)", text, re.IGNORECASE):
            found.append(float(number) / (100 if percent else 1))
    return found
