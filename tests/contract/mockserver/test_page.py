"""The page for people: what it shows, that it escapes everything, and that a browser agrees."""

from __future__ import annotations

import shutil
import subprocess
import zlib
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.client import FtMock
from mockserver.dialects import NAMES
from mockserver.page.html import element
from mockserver.server import MockServer, Settings
from tests.contract.mockserver.raw import LINES, RawClient

HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
EVIL = '<img src="/stolen" onerror="document.title=1"></td><script>document.title="owned"</script>'
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
in_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium or google-chrome on PATH")


class Names(HTMLParser):
    """The elements of a page, and the texts of its cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.loaded: list[str] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href", "action")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def page(origin: str) -> requests.Response:
    session = requests.Session()
    session.trust_env = False
    with session:
        return session.get(f"{origin}/", headers=HTML, timeout=20)


@pytest.fixture
def busy(ft_mock: FtMock, client: RawClient) -> FtMock:
    """A provider whose names are hostile."""
    job = {"id": f"ftjob-{EVIL}", "training_file": "file-a", "status": "succeeded"}
    ft_mock.seed(
        {
            "files": [{"id": "file-a", "filename": EVIL, "purpose": EVIL, "lines": LINES}],
            "jobs": [{**job, "fine_tuned_model": EVIL}],
        }
    )
    client.get(f"/files/{EVIL}", limit=EVIL)
    return ft_mock


def test_it_shows_what_there_is(busy: FtMock) -> None:
    answer = page(busy.origin)
    shown = Names(answer.text)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert shown.texts.count(EVIL) == 3  # the model, the file's name, its purpose
    assert {f"ftjob-{EVIL}", "succeeded", "file-a", f"{busy.origin}/v1"} <= {*shown.texts}
    assert any(text.startswith("/files/%3Cimg") or "/files/<img" in text for text in shown.texts)


def test_nothing_in_it_runs_and_nothing_is_loaded(busy: FtMock) -> None:
    answer = page(busy.origin)
    shown = Names(answer.text)

    assert {"script", "img", "iframe", "form", "object"} & {*shown.names} == set()
    assert {*shown.loaded} == {"data:,", "/_mock/verdict", "/_mock/state", "/_mock/requests"}
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; ")
    assert "sk-mock" not in answer.text


@pytest.mark.parametrize("accept", ["*/*", "application/json", None])
def test_programs_get_what_they_got_before(ft_mock: FtMock, accept: str | None) -> None:
    client = RawClient(ft_mock.origin)
    client.session.headers["accept"] = accept or ""
    with client.session:
        answer = client.get("/")

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")


@pytest.mark.parametrize("dialect", NAMES)
def test_each_dialect_has_it_and_counts_no_request(dialect: str) -> None:
    with MockServer(Settings(dialect=dialect, scenario="slow-network")) as server:
        answer = page(server.origin)

        assert answer.status_code == 200
        assert f"{dialect}" in answer.text.lower()
        assert "slow-network" in answer.text
        assert FtMock(server.origin, dialect).requests == []


def test_times_that_no_calendar_has_are_shown_all_the_same(ft_mock: FtMock) -> None:
    ft_mock.seed({"files": [{"id": "file-a", "created_at": 10**15}]})

    assert page(ft_mock.origin).status_code == 200


@settings(max_examples=100)
@given(text=st.text())
def test_any_text_is_escaped_and_kept(text: str) -> None:
    made = element("p", text, title=text)

    assert made.count("<") == made.count(">") == 2
    assert made.count('"') == 2
    assert unescape(made) == f'<p title="{text}">{text}</p>'


@in_chromium
@pytest.mark.parametrize(("scheme", "ground"), [("1", (255, 255, 255)), ("0", (15, 18, 22))])
def test_a_browser_shows_it_light_and_dark(
    busy: FtMock, tmp_path: Path, scheme: str, ground: tuple[int, int, int]
) -> None:
    before = len(busy.requests)
    picture = tmp_path / "page.png"
    dom = chromium(busy.origin, tmp_path, scheme, "--dump-dom")
    chromium(busy.origin, tmp_path, scheme, f"--screenshot={picture}", "--window-size=800,600")

    assert "<title>Mock fine-tuning provider</title>" in dom
    assert Names(dom).texts.count(EVIL) == 3
    assert first_pixel(picture.read_bytes()) == ground
    assert len(busy.requests) == before  # one request each, which is not a client's


def chromium(origin: str, folder: Path, scheme: str, *options: str) -> str:
    command: list[Any] = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
        f"--user-data-dir={folder / 'profile'}", f"--blink-settings=preferredColorScheme={scheme}",
        *options, f"{origin}/",
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def first_pixel(png: bytes) -> tuple[int, ...]:
    """The colour at the top left of a PNG; no filter changes the first pixel of the first row."""
    chunks, place = b"", 8
    while place < len(png):
        length, kind = int.from_bytes(png[place : place + 4]), png[place + 4 : place + 8]
        chunks += png[place + 8 : place + 8 + length] if kind == b"IDAT" else b""
        place += length + 12
    return tuple(zlib.decompress(chunks)[1:4])
