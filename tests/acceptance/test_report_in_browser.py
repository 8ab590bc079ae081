"""The page of a report in headless Chromium: one request, no dialog, accessible, printable."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from ftrunner.engine.report.report import Point, Report
from ftrunner.render.report.html import html
from tests.kit.reports import HOSTILE, prompts, report_of, spoilt
from tests.kit.results import full

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
AXE = find_spec("axe_playwright_python")  # its wheel carries axe-core; its Python is not used
PYPDF = find_spec("pypdf")
CURVE = tuple(Point(n, 3 / n, 3.3 / n if n % 10 == 0 else None) for n in range(1, 101))
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium or google-chrome on PATH")
needs_axe = pytest.mark.skipif(AXE is None, reason="needs axe-playwright-python; .ci/run has it")
RUN_AXE = """
axe.run({resultTypes: ["violations"]}).then(
  found => {
    const left = found.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.html)]);
    document.body.innerHTML = "<pre id=found></pre>";
    document.getElementById("found").textContent = JSON.stringify([found.passes.length, left]);
  });
"""


def page(**more: Any) -> str:
    return html(rich_report(**more))


def rich_report(**more: Any) -> Report:
    [tickets] = full().sets
    results = replace(full(), sets=(tickets, replace(tickets, name="chats")))
    return report_of(results, curve=CURVE, checkpoints=(80, 90), seconds=862.0, **more)


@contextmanager
def served(text: str) -> Iterator[tuple[str, list[str]]]:
    """The page at an address, and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            """Nothing is printed."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/report.html", asked
        finally:
            server.shutdown()


def chromium(url: str, folder: Path, *options: str, scheme: str = "1") -> str:
    command: list[Any] = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
        "--disable-component-update", "--disable-background-networking",
        f"--user-data-dir={folder / 'profile'}", f"--blink-settings=preferredColorScheme={scheme}",
        *options, url,
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def test_hostile_answers_make_no_request_and_no_dialog(tmp_path: Path) -> None:
    hostile = spoilt(full(), "".join(HOSTILE[name] for name in ("script", "svg", "cdata")))
    hostile = replace(hostile, prompts=prompts(HOSTILE["svg"], 3, question=HOSTILE["script"]))

    with served(html(report_of(hostile, notes=tuple(HOSTILE.values())))) as (url, asked):
        dom = chromium(url, tmp_path, "--dump-dom")

    assert asked == ["/report.html"]
    assert "<title>Failed: " in dom  # which a script would change
    assert "<script" not in dom


@needs_axe
@pytest.mark.parametrize("scheme", ["1", "0"], ids=["light", "dark"])
def test_axe_finds_nothing_serious(tmp_path: Path, scheme: str) -> None:
    """The page is as it is, but that its policy lets axe run."""
    assert AXE is not None
    assert AXE.origin is not None
    axe = Path(AXE.origin).with_name("axe.min.js").read_text(encoding="utf-8")
    open_page = re.sub("<meta http-equiv=.Content-Security-Policy.*?>", "", page())
    text = open_page.replace("<details>", "<details open>").replace(
        "</body>", f"<script>{axe}</script><script>{RUN_AXE}</script></body>"
    )

    with served(text) as (url, _):
        dom = chromium(url, tmp_path, "--dump-dom", "--virtual-time-budget=20000", scheme=scheme)

    found = re.search('<pre id="found">(.*?)</pre>', dom, re.DOTALL)
    assert found, "axe did not end"
    passed, violations = json.loads(unescape(found[1]))
    assert passed > 15
    assert [v for v in violations if v[0] in ("serious", "critical", "moderate")] == []


@pytest.mark.skipif(PYPDF is None, reason="needs pypdf, which .ci/run installs")
def test_the_first_printed_page_holds_the_verdict(tmp_path: Path) -> None:
    pdf = tmp_path / "report.pdf"

    with served(page(notes=("A note.",))) as (url, _):
        chromium(url, tmp_path, f"--print-to-pdf={pdf}", "--no-pdf-header-footer")

    first = import_module("pypdf").PdfReader(pdf).pages[0].extract_text()
    assert "Failed" in first
    assert "The tuned model passes 0 of 1 test prompts." in first
    assert "Skip to the verdict" not in first


def test_a_phone_shows_it_without_scrolling_sideways(tmp_path: Path) -> None:
    """The page says itself how wide it is, in a script that is added for this."""
    measured = re.sub("<meta http-equiv=.Content-Security-Policy.*?>", "", page()).replace(
        "</body>",
        "<script>document.title = document.documentElement.scrollWidth + ' of ' + innerWidth"
        "</script></body>",
    )

    with served(measured) as (url, _):
        dom = chromium(url, tmp_path, "--dump-dom", "--window-size=500,900")

    width, _, of = unescape(dom.partition("<title>")[2].partition("</title>")[0]).partition(" of ")
    assert int(width) <= int(of)
