"""Globs end, whatever links lead round in circles, and match what Python's own do elsewhere."""

from __future__ import annotations

import glob
from pathlib import Path

import pytest

from ftrunner.dataset.files.sources import find_files
from ftrunner.findings import Finding, Location

MANY = "*/" * 40 + "*.jsonl"


def found(folder: Path, *patterns: str) -> list[str]:
    def report(_index: int, code: str, message: str, _hint: str | None) -> Finding:
        return Finding(code, message, Location("spec"))

    files, _ = find_files(patterns, folder, report)
    return [str(file.path.relative_to(folder)) for file in files]


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}\n")


@pytest.mark.parametrize("pattern", ["**/*.jsonl", "**/**/*.jsonl", "**/data/**/*.jsonl", MANY])
def test_links_that_lead_up_are_followed_once(tmp_path: Path, pattern: str) -> None:
    write(tmp_path, "data/a.jsonl", "data/deep/b.jsonl")
    for folder in (tmp_path / "data", tmp_path / "data" / "deep"):
        for number in range(3):
            (folder / f"up{number}").symlink_to("..")

    names = found(tmp_path, pattern)

    if pattern == MANY:  # only links lead so deep
        names = [str((tmp_path / name).resolve().relative_to(tmp_path)) for name in names]
    assert names
    assert set(names) <= {"data/a.jsonl", "data/deep/b.jsonl"}


def test_folders_that_lead_to_one_another_end(tmp_path: Path) -> None:
    """Twelve folders with a link to each other one have more ways through them than atoms."""
    folders = [tmp_path / f"d{number:02}" for number in range(12)]
    for folder in folders:
        write(folder, "x.jsonl")
    for folder in folders:
        for other in folders:
            (folder / f"to-{other.name}").symlink_to(other)

    assert found(tmp_path, "**/*.jsonl") == [f"{folder.name}/x.jsonl" for folder in folders]


def test_a_linked_folder_elsewhere_is_looked_into(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    write(outside, "sub/x.jsonl")
    inside.mkdir()
    (inside / "data").symlink_to(outside)

    assert found(inside, "**/*.jsonl") == ["data/sub/x.jsonl"]
    assert found(inside, "data/**/*.jsonl") == ["data/sub/x.jsonl"]
    assert found(inside, "data/*/*.jsonl") == ["data/sub/x.jsonl"]


@pytest.mark.parametrize(
    "pattern",
    [
        "*.jsonl",
        "**/*.jsonl",
        "a/**/*.jsonl",
        "**/b/*.jsonl",
        "./a/*.jsonl",
        "a/../*.jsonl",
        "[ab]/*.jsonl",
        "**/.hidden/*.jsonl",
        ".*/*.jsonl",
        "*/b/?.jsonl",
        "a/b/**",
        "**/x.jsonl",
    ],
)
def test_without_links_they_match_as_pythons_do(tmp_path: Path, pattern: str) -> None:
    write(tmp_path, "t.jsonl", "a/x.jsonl", "a/b/y.jsonl", "b/z.jsonl", "a/.hidden/h.jsonl")
    write(tmp_path, ".dot/d.jsonl", "a/b/.secret.jsonl")

    expected = glob.glob(pattern, root_dir=tmp_path, recursive=True)  # noqa: PTH207 - the model
    files = {(tmp_path / name).resolve() for name in expected if (tmp_path / name).is_file()}

    assert {(tmp_path / name).resolve() for name in found(tmp_path, pattern)} == files
    assert found(tmp_path, str(tmp_path / pattern)) == found(tmp_path, pattern)
