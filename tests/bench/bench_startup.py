"""What commands cost that send nothing, against a Python that does nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.server import MockServer, Settings
from tests.bench.processes import BARE, PROGRAM, medians
from tests.bench.table import Row, add
from tests.kit.driver import KEY

SPECS = Path(__file__).parents[2] / "specs"
BOUNDS = {"--version": 4.5, "--help": 4.5, "validate stories.yaml": 12.0}
SETTLED = ("plan done.yaml", "status done.yaml", "verify done.yaml", "apply done.yaml")
BOUNDS |= dict.fromkeys(SETTLED, 18.0)
MANY = "validate many.yaml"
MOST_FOR_PROMPTS = 3.1
"""25 ms on a machine whose Python starts in 8 ms."""
PROMPT = """\
    - name: prompt-{number}
      user: 给我讲一个关于蓝鲸的故事 {number}
      expect:
        - starts_with: 一天
        - max_chars: 60
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A spec, one with 500 prompts more, and one whose run is over and settled."""
    path = tmp_path_factory.mktemp("specs")
    shutil.copytree(SPECS / "data", path / "data")
    stories = (SPECS / "stories.yaml").read_text(encoding="utf-8")
    (path / "stories.yaml").write_text(stories, encoding="utf-8")
    prompts = "".join(PROMPT.format(number=number) for number in range(500))
    (path / "many.yaml").write_text(f"{stories.rstrip()}\n{prompts}", encoding="utf-8")
    with MockServer(Settings(speed=1e6)) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", KEY)
        done = stories.replace("name: stories", f"name: done\nbase_url: {server.base_url}")
        (path / "done.yaml").write_text(done, encoding="utf-8")
        medians({"apply": (*PROGRAM, "apply", "done.yaml")}, path)
        settle(path / "done.lock.json")
        yield path


def settle(lock: Path) -> None:
    """As a day later, when no answer to a request for a job can be late any more."""
    known = json.loads(lock.read_text(encoding="utf-8"))
    for record in known["endpoints"].values():
        record["open_intents"] = []
    lock.write_text(json.dumps(known), encoding="utf-8")


def test_commands_that_send_nothing(folder: Path) -> None:
    commands = {line: (*PROGRAM, *line.split()) for line in (*BOUNDS, MANY)}
    took = medians({"bare": BARE, **commands}, folder)

    bare, more = took["bare"], took[MANY] - took["validate stories.yaml"]
    rows = [row(f"`{line}`", took[line], bare, bound) for line, bound in BOUNDS.items()]
    add(*rows, row("500 prompts in a spec cost more", more, bare, MOST_FOR_PROMPTS))


def row(what: str, seconds: float, bare: float, bound: float) -> Row:
    rivals = f"`python -c pass` {bare * 1e3:.0f} ms"
    return Row(what, f"{seconds * 1e3:.0f} ms", rivals, seconds / bare, at_most=bound)
