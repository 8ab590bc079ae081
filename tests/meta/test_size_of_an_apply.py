"""One apply stays small enough to follow in a debugger, and does nothing costly twice."""

from __future__ import annotations

import inspect
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import ftrunner
from mockserver.server import MockServer
from tests.kit.project import Project
from tests.kit.stories import stories

PACKAGE = str(Path(ftrunner.__file__).parent)
MOST_MODULES = 140
DEEPEST = 30
# Without frames, as of Python 3.12.
COMPREHENSIONS = ("<dictcomp>", "<listcomp>", "<setcomp>")
ONCE = ("check_dataset", "desired_state", "with_folders")


@dataclass(slots=True)
class Way:
    """What was entered of the package: modules, functions, and how deep."""

    modules: set[str] = field(default_factory=set)
    calls: Counter[str] = field(default_factory=Counter)
    depth: int = 0
    deepest: int = 0

    def saw(self, frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event not in ("call", "return") or not code.co_filename.startswith(PACKAGE):
            return
        if code.co_name in COMPREHENSIONS:
            return
        self.depth += 1 if event == "call" else -1
        self.deepest = max(self.deepest, self.depth)
        if event == "call" and code.co_flags & inspect.CO_OPTIMIZED:  # a function, not a module
            self.modules.add(code.co_filename)
            self.calls[code.co_name] += 1


@contextmanager
def followed() -> Iterator[Way]:
    way, before = Way(), sys.getprofile()
    sys.setprofile(way.saw)
    try:
        yield way
    finally:
        sys.setprofile(before)


def test_one_apply_stays_shallow_and_narrow(project: Project, provider: MockServer) -> None:
    project.write(stories(base_url=provider.base_url))

    with followed() as way:
        applied = project.run("apply", "stories.yaml")

    applied.expect(0)
    print(f"one apply enters {len(way.modules)} modules and is {way.deepest} frames deep")
    assert len(way.modules) <= MOST_MODULES
    assert way.deepest <= DEEPEST


def test_nothing_costly_is_done_twice_for_a_spec(project: Project, provider: MockServer) -> None:
    """Also where all data is checked before anything is sent, and where a price is needed."""
    budget = {"max_cost": 100}
    project.write(stories(base_url=provider.base_url, budget=budget))
    second = stories(base_url=provider.base_url, budget=budget, name="tales", seed=2)
    project.write({"tales.yaml": second["stories.yaml"]})

    with followed() as way:
        applied = project.run("apply", "stories.yaml", "tales.yaml")

    applied.expect(0)
    assert {name: way.calls[name] for name in ONCE} == dict.fromkeys(ONCE, 2)
