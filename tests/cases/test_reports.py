"""Reports, one folder a case: what `ftrunner report` makes of what is kept, to the letter.

A case holds `spec.yaml`, `spec.lock.json` as the last run left it, and

- `kept/RUN/`: what that run kept, later runs by name; a case without it is another machine's;
- `page.txt`: the texts of the page, `report.md`, `report.xml` and `github.txt`: the exact output.
  `pytest --update-cases` writes them.
"""

from __future__ import annotations

import os
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

from ftrunner.cli.main import main

FOLDER = Path(__file__).parent / "reports"
CASES = sorted(path for path in FOLDER.iterdir() if path.is_dir())
FORMATS = {"page.txt": "html", "report.md": "md", "report.xml": "junit", "github.txt": "github"}


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A case; what it keeps is where a run would have left it."""
    found: Path = request.param
    name = yaml.safe_load((found / "spec.yaml").read_text(encoding="utf-8"))["name"]
    shutil.copytree(found, tmp_path, dirs_exist_ok=True)
    runs = tmp_path / ".ftrunner" / "runs" / name
    if (found / "kept").exists():
        shutil.copytree(found / "kept", runs)
    for number, events in enumerate(sorted(runs.glob("*/events.jsonl"))):
        os.utime(events, (number, number))
    monkeypatch.chdir(tmp_path)
    return found


@pytest.mark.parametrize("expected", FORMATS)
def test_a_report_is_made_of_what_is_kept(
    case: Path,
    expected: str,
    capsysbinary: pytest.CaptureFixture[bytes],
    request: pytest.FixtureRequest,
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["report", "spec.yaml", "--format", FORMATS[expected], "-o", "-"])
    output = capsysbinary.readouterr().out.decode()
    if FORMATS[expected] == "html":
        output = Texts(output).text

    assert ended.value.code == 0
    if request.config.getoption("--update-cases"):
        (case / expected).write_text(output, encoding="utf-8")
    assert output == (case / expected).read_text(encoding="utf-8")


class Texts(HTMLParser):
    """The texts of a page, one element's a line, without style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.feed(page.partition("</style>")[2])

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.lines.append(" ".join(data.split()))

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 8
