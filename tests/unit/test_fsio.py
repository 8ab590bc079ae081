"""State files: replaced whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftrunner.fsio import SystemDisk, nearest_path, remove_leftovers, replacing, write_atomically


class Refusing(SystemDisk):
    """A disk that refuses one of its calls."""

    def __init__(self, call: str) -> None:
        self._call = call

    def write(self, path: Path, data: bytes, mode: int) -> None:
        super().write(path, data, mode)
        self._refuse("write")

    def sync(self, path: Path) -> None:
        self._refuse("sync folder" if path.is_dir() else "sync")

    def rename(self, source: Path, target: Path) -> None:
        self._refuse("rename")
        super().rename(source, target)

    def _refuse(self, call: str) -> None:
        if call == self._call:
            raise OSError(f"{call} refused")


def test_a_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    for content in (b"old", b"new"):
        write_atomically(path, content, disk=SystemDisk())

    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("call", ["write", "sync", "rename"])
def test_a_refusal_leaves_the_old_file_and_nothing_else(tmp_path: Path, call: str) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(b"old")

    with pytest.raises(OSError, match="refused"):
        write_atomically(path, b"new", disk=Refusing(call))

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_leftovers_of_this_file_alone_are_removed(tmp_path: Path) -> None:
    names = [".a.lock.json.0badcafe.tmp", ".b.lock.json.0badcafe.tmp", "a.lock.json", ".a.tmp"]
    for name in names:
        (tmp_path / name).touch()

    remove_leftovers(tmp_path / "a.lock.json")

    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted(names[1:])


class Recorded(SystemDisk):
    """A disk that records the durable steps it took."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def sync(self, path: Path) -> None:
        super().sync(path)
        self.steps.append("sync folder" if path.is_dir() else f"sync {path.read_text()}")

    def rename(self, source: Path, target: Path) -> None:
        super().rename(source, target)
        self.steps.append(f"rename to {target.name}")


def test_what_is_written_piece_by_piece_is_replaced_as_durably(tmp_path: Path) -> None:
    path, disk = tmp_path / "data.jsonl", Recorded()
    path.write_text("old")

    with replacing(path, disk=disk) as temporary, temporary.open("xb") as file:
        for piece in (b"ne", b"w"):
            file.write(piece)
            assert path.read_text() == "old"

    assert disk.steps == ["sync new", "rename to data.jsonl", "sync folder"]
    assert path.read_text() == "new"


def test_a_block_that_raises_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text("old")

    def interrupted() -> None:
        with replacing(path, disk=SystemDisk()) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("specs/storis.yaml", "specs/stories.yaml"),
        ("spec/stories.yaml", "specs/stories.yaml"),
        ("spec/storys.yml", "specs/stories.yaml"),
        ("specs/stories", "specs/stories.yaml"),
        ("specs/Stories.yaml", "specs/stories.yaml"),
        ("specs/storis.json", "specs/stories.json"),
        ("specs/gone.yaml", None),  # only the ending is the same
        ("specs/table.yaml", None),  # only a file of another kind is near
        ("elsewhere/stories.yaml", None),
        ("a\0b", None),
        ("specs/" + "a/" * 2_000, None),
        ("specs/" + "a" * 5_000, None),
    ],
)
def test_a_misspelt_path_comes_with_the_one_that_was_meant(
    written: str, meant: str | None, tmp_path: Path
) -> None:
    (tmp_path / "specs").mkdir()
    for name in ("stories.yaml", "stories.json", "stories.lock.json", "spec.yaml", "table.csv"):
        (tmp_path / "specs" / name).touch()

    near = nearest_path(tmp_path / written, (".yaml", ".json"))

    assert near == (None if meant is None else tmp_path / meant)


@pytest.mark.posix
def test_a_link_that_leads_nowhere_is_not_what_was_meant_by_it(tmp_path: Path) -> None:
    (tmp_path / "stories.yaml").symlink_to("gone")

    assert nearest_path(tmp_path / "stories.yaml", (".yaml",)) is None
