"""A spec rehearsed at one provider after another: each has its own record and jobs."""

from __future__ import annotations

import pytest

from tests.kit.homes import at_home
from tests.kit.project import Project

ROUTES = (("openai", "nebius"), ("together", "azure"))


@pytest.mark.parametrize("route", ROUTES, ids="-".join)
def test_a_move_is_rehearsed_beside_what_was_rehearsed_before(
    project: Project, route: tuple[str, str]
) -> None:
    project.write(at_home("http://127.0.0.1:9"))
    there = [("--provider", name, "--mock") for name in route]

    for options in there:
        project.run("apply", "stories.yaml", *options).expect(0)

    assert "Nothing to do" in project.run("apply", "stories.yaml", *there[0]).expect(0).out
    project.run("destroy", "stories.yaml", *there[1], "--yes").expect(0)
