"""Every command over every kind of file: only regular files, and links to them, are opened."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit.project import Project
from tests.kit.stories import ANIMALS, dataset, stories

pytestmark = pytest.mark.posix
NOWHERE = "http://127.0.0.1:9/v1"  # nothing listens: what is wrong is found before anything is sent

PRICES = "openai: {training: {gpt-4o-mini: 3}}\n"
PROFILE = "extends: openai\n"
FIXTURES = "files: []\n"
SCENARIO = "description: nothing goes wrong\n"


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(path.parent)  # a socket's path may not be long
        try:
            server.bind(path.name)
        finally:
            os.chdir(here)


def _link_to_pipe(path: Path) -> None:
    os.mkfifo(f"{path}.fifo")
    path.symlink_to(f"{path}.fifo")


KINDS: dict[str, Callable[[Path], None]] = {
    "pipe": os.mkfifo,
    "folder": Path.mkdir,
    "socket": _socket,
    "link to a device": lambda path: path.symlink_to("/dev/zero"),
    "link to a pipe": _link_to_pipe,
    "link to a folder": lambda path: path.symlink_to(path.parent),
}

# What is read as a spec, a lock file, data and so on, by the commands that read it.
OF_A_SPEC = (
    "validate s.yaml",
    "plan s.yaml",
    "apply s.yaml --yes",
    "status s.yaml",
    "status s.yaml --refresh",
    "test s.yaml",
    "compare s.yaml --between openai mine",
    "output s.yaml",
    "verify s.yaml",
    "drift s.yaml",
    "cancel s.yaml",
    "adopt s.yaml ftjob-1",
    "forget s.yaml",
    "destroy s.yaml --yes",
    "data check s.yaml",
    "data stats s.yaml",
)
OF_A_LOCK = tuple(line for line in OF_A_SPEC if not line.startswith(("validate", "data")))
OF_DATA = (
    "validate s.yaml",
    "plan s.yaml",
    "apply s.yaml --yes",
    "verify s.yaml",
    "data check data.jsonl",
    "data stats data.jsonl",
    "data diff data.jsonl ok.jsonl",
    "data diff ok.jsonl data.jsonl",
    "data fix data.jsonl out.jsonl",
    "data split data.jsonl",
    "data convert data.jsonl out.jsonl",
)
ROLES: dict[str, tuple[str, ...]] = {
    "s.yaml": OF_A_SPEC,
    "s.lock.json": OF_A_LOCK,
    ".ftrunner/mutex/s.holder.json": ("apply s.yaml --yes",),
    ".ftrunner/mutex/s.lock": ("apply s.yaml --yes",),
    "data.jsonl": OF_DATA,
    "prices.yaml": ("plan s.yaml", "apply s.yaml --yes"),
    ".ftrunner/providers/mine.yaml": OF_A_SPEC,
    "scenario.yaml": ("apply s.yaml --scenario scenario.yaml", "mock --scenario scenario.yaml"),
    "fixtures.yaml": ("mock --fixtures fixtures.yaml",),
    "planted.txt": ("mock --fixtures plants.yaml",),
    "out.jsonl": ("data fix ok.jsonl out.jsonl --force", "data convert ok.jsonl out.jsonl --force"),
}
CASES = [(role, line) for role, lines in ROLES.items() for line in lines]


@pytest.fixture
def there(project: Project) -> Project:
    """A project whose every file is a regular one."""
    files = stories(base_url=NOWHERE, name="s", prices="prices.yaml")
    planted = {"id": "file-1", "filename": "f", "purpose": "fine-tune", "path": "planted.txt"}
    project.write(
        {
            "s.yaml": files["stories.yaml"],
            "data.jsonl": files["data.jsonl"],
            "ok.jsonl": dataset(),
            "prices.yaml": PRICES,
            ".ftrunner/providers/mine.yaml": PROFILE,
            ".ftrunner/mutex/s.lock": "",
            "scenario.yaml": SCENARIO,
            "fixtures.yaml": FIXTURES,
            "plants.yaml": {"files": [planted]},
        }
    )
    return project


@pytest.mark.parametrize(("role", "line"), CASES, ids=[f"{r}: {line}" for r, line in CASES])
def test_what_is_not_a_file_is_refused_at_once_and_left_alone(
    there: Project, role: str, line: str
) -> None:
    path = there.folder / role
    for kind, make in KINDS.items():
        _remove(path)
        make(path)
        before = path.lstat()

        refused = there.run(*line.split())

        assert refused.code == 2, (kind, refused)
        assert path.name in refused.out + refused.err, (kind, refused)
        after = path.lstat()
        assert (after.st_mode, after.st_ino) == (before.st_mode, before.st_ino), kind


SMALL = ("s.yaml", "s.lock.json", "prices.yaml", ".ftrunner/providers/mine.yaml")
SMALL_OF_THE_MOCK = ("scenario.yaml", "fixtures.yaml", "planted.txt")


@pytest.mark.parametrize("role", [*SMALL, *SMALL_OF_THE_MOCK])
def test_a_document_larger_than_the_memory_is_refused(there: Project, role: str) -> None:
    with (there.folder / role).open("wb") as file:
        file.truncate(1 << 40)

    refused = there.run(*ROLES[role][-1 if role in SMALL_OF_THE_MOCK else 1].split())

    assert refused.code in (2, 4), refused
    assert Path(role).name in refused.out + refused.err


LINKED = (
    "validate s.yaml",
    "plan s.yaml --mock",
    "apply s.yaml --mock",
    "status s.yaml --mock",
    "data check data.jsonl",
    "data fix data.jsonl out.jsonl --force",
)


def test_links_to_files_are_read_and_written_through(there: Project) -> None:
    """As DVC and git-annex keep data, and some teams their lock files."""
    lock = ".ftrunner/rehearsal/s/openai/s.lock.json"
    there.run("apply", "s.yaml", "--mock").expect(0)
    names = ["s.yaml", "data.jsonl", "prices.yaml", ".ftrunner/providers/mine.yaml", lock]
    (there.folder / "out.jsonl").touch()
    (there.folder / "store").mkdir()
    for name in [*names, "out.jsonl"]:
        stored = there.folder / "store" / Path(name).name
        (there.folder / name).replace(stored)
        (there.folder / name).symlink_to(stored)
    (there.folder / "data.jsonl").write_text(dataset((*ANIMALS, "小鹿")), encoding="utf-8")

    for line in LINKED:
        there.run(*line.split()).expect(0)

    assert all((there.folder / name).is_symlink() for name in [*names, "out.jsonl"])
    assert (there.folder / "store" / "out.jsonl").read_bytes() == (
        there.folder / "data.jsonl"
    ).read_bytes()
    assert '"succeeded"' in (there.folder / "store" / "s.lock.json").read_text(encoding="utf-8")
    assert not list((there.folder / "store").glob(".*.tmp"))


@pytest.mark.parametrize("name", ["s.holder.json", "s.lock"])
def test_a_link_in_place_of_who_is_at_work_is_refused(there: Project, name: str) -> None:
    victim = there.folder / "victim"
    victim.write_text("mine")
    path = there.folder / ".ftrunner" / "mutex" / name
    _remove(path)
    path.symlink_to(victim)

    refused = there.run("apply", "s.yaml", "--yes").expect(2)

    assert "FT418" in refused.err
    assert (victim.read_text(), path.is_symlink()) == ("mine", True)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    path.unlink(missing_ok=True)
    Path(f"{path}.fifo").unlink(missing_ok=True)
