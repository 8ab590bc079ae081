"""Files as other tools write them, and specs as people write them on Windows: a list a kind.

A data file is `text`, or `row` twelve times with its number for `{n}`; `encoding` is UTF-8 unless
it is given. `options` are those of `data check`, `expect` are the codes of all findings, `says`
what the output has to say. `about` says whose contract decides, where that is not plain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ftrunner.clock import SystemClock
from tests.cases.test_negative import run

FOLDER = Path(__file__).parent / "field"
SPECS = FOLDER / "10-spec-windows.yaml"
ROWS = 12
MOST_LINES = 12
BEFORE_ANY_END = 1_767_225_600.0  # 2026-01-01: what a provider has announced is months away
GOOD = (
    '{"messages": [{"role": "user", "content": "Tide %d?"},'
    ' {"role": "assistant", "content": "At noon."}]}\n'
)

Case = dict[str, Any]


def cases_of(*paths: Path) -> Iterator[Any]:
    for path in paths:
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            name = case.get("file") or case["case"]
            yield pytest.param(case, id=f"{path.stem[3:]}-{name}")


def content(case: Case) -> bytes:
    text = case.get("text")
    if text is None:
        text = "".join(case["row"].replace("{n}", str(n)) + "\n" for n in range(ROWS))
    return str(text).encode(case.get("encoding", "utf-8"))


def codes_in(output: str) -> list[str]:
    return re.findall(r"(?:error|warning|note)[ \[](FT\d+)", output)


DATA = [*cases_of(*(path for path in sorted(FOLDER.glob("*.yaml")) if path != SPECS))]


@pytest.mark.parametrize("case", DATA)
def test_a_data_file_has_its_findings_and_few_lines(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / case["file"]).write_bytes(content(case))
    monkeypatch.chdir(tmp_path)

    code = run(["data", "check", case["file"], *case.get("options", "").split()])
    output = "".join(capsys.readouterr())

    assert codes_in(output) == case["expect"], output
    assert code == (2 if " error FT" in output else 0)
    assert len(output.splitlines()) <= MOST_LINES
    assert [words for words in case.get("says", ()) if words not in output] == [], output


@pytest.mark.parametrize("case", [*cases_of(SPECS)])
def test_a_spec_has_its_findings_and_few_lines(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(GOOD % number for number in range(ROWS))
    (tmp_path / "data").mkdir()
    for name in ("train.jsonl", "train.jsonl.txt", "train set (1).jsonl", "train [v2].jsonl"):
        (tmp_path / "data" / name).write_text(rows, encoding="utf-8")
    (tmp_path / "data" / "train.JSONL").write_text(rows, encoding="utf-8")
    (tmp_path / "spec.yaml").write_bytes(content(case))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(SystemClock, "now", lambda _: BEFORE_ANY_END)

    code = run(["validate", "spec.yaml"])
    output = "".join(capsys.readouterr())

    assert codes_in(output) == case.get("expect", []), output
    assert code == (2 if re.search(r"error[ \[]FT", output) else 0)
    assert len(output.splitlines()) <= MOST_LINES
    assert [words for words in case.get("says", ()) if words not in output] == [], output


def test_there_are_cases_of_every_kind() -> None:
    assert len(DATA) >= 117
