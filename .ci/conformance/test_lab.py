"""This file opens notebooks in JupyterLab, in headless Chromium: the chapter on the
first network, whose charts must be in the page, and one to type into."""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from playwright.sync_api import sync_playwright

import notebook

TOKEN = "conformance"

# Every cell is drawn, also those out of view, and no dialog asks about news.
SETTINGS = {
    "notebook-extension/tracker": '{"windowingMode": "none", "renderCellOnIdle": false}',
    "apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false, "doNotDisturbMode": true}',
    "docmanager-extension/plugin": '{"autosave": false}',
}

# The drawings that are seen in outputs, as text. JupyterLab makes them pictures.
DRAWINGS = """() => [...document.querySelectorAll('.jp-OutputArea-output.jp-RenderedSVG img, .jp-OutputArea-output svg')]
    .filter(e => e.tagName != 'IMG' || e.complete && e.naturalWidth > 0)
    .filter(e => { const b = e.getBoundingClientRect(); return b.width > 300 && b.height > 100 })
    .map(e => e.tagName != 'IMG' ? e.outerHTML : decodeURIComponent(e.src.slice(e.src.indexOf(',') + 1)))"""


@pytest.fixture
def lab(tmp_path):
    """Serves a folder with a copy of the notebook and an empty one; yields its address."""
    shutil.copy(notebook.NOTEBOOK, tmp_path / "chapter.ipynb")
    empty = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "cajal", "language": "go", "display_name": "Go (cajal)"}})
    empty.cells = [nbformat.v4.new_code_cell("")]
    nbformat.write(empty, tmp_path / "empty.ipynb")
    settings = tmp_path / "settings"
    for name, text in SETTINGS.items():
        f = settings / "@jupyterlab" / (name + ".jupyterlab-settings")
        f.parent.mkdir(parents=True, exist_ok=True)
        f.write_text(text)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    log = open(tmp_path / "lab.log", "w")
    server = subprocess.Popen(
        [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
            f"--port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1",
            f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={tmp_path}",
            "--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None",
        ],
        env={**os.environ, "JUPYTERLAB_SETTINGS_DIR": str(settings), "JUPYTERLAB_WORKSPACES_DIR": str(tmp_path / "workspaces")},
        stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            if server.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{url}/api/status?token={TOKEN}", timeout=1)
                break
            except OSError:
                time.sleep(0.2)
        else:
            pytest.fail("JupyterLab does not answer:\n" + pathlib.Path(log.name).read_text())
        if server.poll() is not None:
            pytest.fail("JupyterLab ended:\n" + pathlib.Path(log.name).read_text())
        yield url
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
        log.close()


ERRORS = '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"], .jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]'


@pytest.fixture
def browser():
    with sync_playwright() as p:
        b = p.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])
        yield b
        b.close()


@contextlib.contextmanager
def opened(browser, lab, name):
    """Opens a notebook; yields its page, of which a picture is kept."""
    notebook.OUT.mkdir(exist_ok=True)
    page = browser.new_page(viewport={"width": 1100, "height": 1400}, device_scale_factor=2)
    page.set_default_timeout(120_000)
    try:
        page.goto(f"{lab}/doc/tree/{name}.ipynb?token={TOKEN}")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        page.evaluate("() => window.jupyterapp.restored")
        page.evaluate("""async () => {
            const panel = window.jupyterapp.shell.currentWidget
            await panel.context.ready
            await panel.sessionContext.ready
            await panel.sessionContext.session.kernel.info
        }""")
        yield page
    finally:
        page.screenshot(path=notebook.OUT / f"jupyterlab-{name}.png")


def command(page, name):
    page.evaluate("name => window.jupyterapp.commands.execute(name)", name)


def run_in_last_cell(page, text):
    page.locator(".jp-CodeCell .cm-content").last.click()
    page.keyboard.type(text)
    page.keyboard.press("Shift+Enter")


def test_first_network(lab, browser):
    with opened(browser, lab, "chapter") as page:
        command(page, "notebook:clear-all-cell-outputs")
        assert page.evaluate(DRAWINGS) == [], "drawings of an earlier run are still there"
        command(page, "notebook:run-all-cells")
        assert page.locator(ERRORS).all_text_contents() == []
        unrun = page.evaluate("""() => window.jupyterapp.shell.currentWidget.content.widgets
            .filter(w => w.model.type == 'code' && w.model.sharedModel.source.trim() && !w.model.executionCount).length""")
        assert unrun == 0, f"{unrun} cells did not run"
        page.wait_for_timeout(1000)  # pictures find their size
        assert notebook.training_charts(page.evaluate(DRAWINGS)) == {"Loss", "Accuracy"}
        page.locator('.jp-CodeCell:has-text("mlp.Fit(")').evaluate("e => e.scrollIntoView({block: 'center'})")
        page.wait_for_timeout(500)


def test_typing(lab, browser):
    """Completion, help, a prompt, an interrupt, an error: what a reader does."""
    with opened(browser, lab, "empty") as page:
        page.set_default_timeout(30_000)
        page.locator(".jp-CodeCell .cm-content").first.click()
        page.keyboard.type("strings.HasPre")
        page.keyboard.press("Tab")
        page.wait_for_selector('.jp-Completer-item:has-text("HasPrefix")')
        page.keyboard.press("Enter")
        page.wait_for_selector('.jp-CodeCell .cm-content:has-text("strings.HasPrefix")')
        page.keyboard.press("Shift+Tab")
        page.wait_for_selector('.jp-Tooltip:has-text("reports whether the string s begins with prefix")')

        page.locator(".jp-CodeCell .cm-content").first.click()
        page.keyboard.press("Control+A")
        page.keyboard.type('var name string\nfmt.Scanln(&name)\n"Don " + name')
        page.keyboard.press("Shift+Enter")
        page.wait_for_selector(".jp-Stdin-input")
        page.locator(".jp-Stdin-input").last.fill("Santiago")
        page.keyboard.press("Enter")
        page.wait_for_selector('.jp-OutputArea-executeResult:has-text("Don Santiago")')

        run_in_last_cell(page, "kept := 42\nfor {}")
        page.wait_for_selector('.jp-InputPrompt:has-text("[*]")')
        command(page, "notebook:interrupt-kernel")
        page.wait_for_selector('.jp-OutputArea-output:has-text("interrupted")')
        run_in_last_cell(page, "kept")
        page.wait_for_selector('.jp-OutputArea-executeResult:has-text("42")')

        run_in_last_cell(page, "kept + nothing")
        page.wait_for_selector('.jp-OutputArea-output:has-text("undefined: nothing")')
        page.wait_for_selector('.jp-OutputArea-output [class*="ansi-red"]:has-text("^")')
        assert page.locator(ERRORS).count() == 2
