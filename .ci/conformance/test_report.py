"""This file opens reports in headless Chromium: what they would load, how large
they are, and what axe-core has to say of their accessibility."""

import os
import subprocess

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

import notebook

CAJAL = notebook.ROOT / ".cache/bin/cajal"
LARGEST = 3_000_000


def cajal(*args, codes=(0,)):
    ran = subprocess.run([CAJAL, *args], cwd=notebook.ROOT, capture_output=True, text=True)
    assert ran.returncode in codes, ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as p:
        b = p.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])
        yield b
        b.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Both books, a comparison and a verification that found differences."""
    to = tmp_path_factory.mktemp("pages")
    for language in ("en", "zh"):
        cajal("export", f"notebooks/{language}", "--out", to / language, "--title", "A book")
    cajal("export", "notebooks/en/08-convolution.ipynb", "--no-code", "--out", to / "no-code")
    cajal("diff", "notebooks/en/08-convolution.ipynb", "notebooks/zh/08-convolution.ipynb", "--html", to / "diff.html", codes=(1,))
    nb = nbformat.read(notebook.ROOT / "notebooks/en/04-loss.ipynb", as_version=4)
    for output in notebook.outputs(nb):
        if output.output_type == "stream":
            output.text += "and more\n"
    changed = to / "changed.ipynb"
    nbformat.write(nb, changed)
    cajal("verify", changed, "--html", to / "verify.html", codes=(1, 3))  # 3 on another processor
    return to


def opened(browser, path, scheme="light", **options):
    """Opens a page; returns it, and what it asked for. Nothing but the page itself
    keeps it from asking: its security policy is not heeded."""
    page = browser.new_context(color_scheme=scheme, viewport={"width": 1100, "height": 1400}, bypass_csp=True, **options).new_page()
    asked = []
    page.on("request", lambda r: asked.append(r.url) if not r.url.startswith("data:") else None)
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.wait_for_load_state("networkidle")
    return page, [url for url in asked if url != path.as_uri()]


def violations(page):
    return [
        f"{rule['id']}: {rule['help']}: {node['target']}: {node['failureSummary']}"
        for rule in Axe().run(page).response["violations"]
        for node in rule["nodes"]
    ]


# The numbers of cells that stand over the code behind them.
COVERED = """() => [...document.querySelectorAll('.nb-number')].filter(badge => {
    const code = document.createRange()
    code.selectNodeContents(badge.parentElement.querySelector('code'))
    const text = [...code.getClientRects()].filter(r => r.width > 0)
    return text.length && badge.getBoundingClientRect().bottom > Math.min(...text.map(r => r.top))
}).map(badge => badge.textContent)"""


def test_what_is_wrong_is_found(browser, tmp_path):
    page = tmp_path / "page.html"
    page.write_text('<!DOCTYPE html><html lang="en"><title>x</title><main><h1>x</h1><img src="http://127.0.0.1:9/x.png"><p style="color:#aaa">pale</p></main>')
    opened_page, asked = opened(browser, page)
    assert asked == ["http://127.0.0.1:9/x.png"]
    assert {v.split(":")[0] for v in violations(opened_page)} == {"image-alt", "color-contrast"}


def test_pages_are_whole(browser, pages):
    """No page asks anyone for anything, runs a script, or is too large."""
    all_pages = sorted(pages.rglob("*.html"))
    assert len(all_pages) == 2 * 14 + 3
    for path in all_pages:
        assert path.stat().st_size < LARGEST, f"{path} has {path.stat().st_size} bytes"
        page, asked = opened(browser, path)
        assert asked == [], f"{path} asks for {asked}"
        assert page.evaluate("document.scripts.length") == 0, f"{path} has a script"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than the window"
        assert page.evaluate(COVERED) == [], f"{path} covers code"
        page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["en/08-convolution", "zh/03-forward", "en/index", "no-code/08-convolution", "diff", "verify"])
def test_accessible(browser, pages, name, scheme):
    page, _ = opened(browser, pages / f"{name}.html", scheme)
    assert violations(page) == []
    page.context.close()
