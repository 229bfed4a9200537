"""This file runs the chapter on the first network as the README's first command
does, and looks at the notebook and the report that it writes."""

import os
import re
import subprocess
import time
from html.parser import HTMLParser

import nbformat

import notebook


class Page(HTMLParser):
    """Collects what a page would load."""

    def __init__(self, text):
        super().__init__()
        self.loads = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in ("src", "srcset", "poster", "data") or name == "href" and tag in ("link", "use", "image"):
                if not value.startswith(("data:", "#")):
                    self.loads.append(value)
            if name == "style":
                self.loads += re.findall(r"url\((?!['\"]?(?:data:|#))[^)]*\)", value)


def test_run_writes_notebook_and_report(tmp_path):
    begin = time.monotonic()
    run = subprocess.run(
        [notebook.ROOT / ".cache/bin/cajal", "run", notebook.NOTEBOOK, "--out", tmp_path],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"}, timeout=600,
    )  # fmt: skip
    took = time.monotonic() - begin
    assert run.returncode == 0, run.stdout + run.stderr
    assert took < 60, f"it took {took:.0f} s"
    assert "\x1b" not in run.stdout + run.stderr, "without a terminal come plain lines"

    nb = nbformat.read(tmp_path / notebook.NOTEBOOK.name, as_version=4)
    nbformat.validate(nb)
    assert notebook.errors(nb) == []
    assert notebook.training_charts(notebook.svgs(nb)) == {"Loss", "Accuracy"}
    assert 0.92 <= notebook.accuracies(nb)[-1] <= 0.945

    reports = list(tmp_path.glob("*.html"))
    assert len(reports) == 1
    text = reports[0].read_text()
    assert notebook.training_charts([text]) == {"Loss", "Accuracy"}
    assert Page(text).loads == [] and "@import" not in text and "fetch(" not in text
    assert "<script" not in text
