"""What a new user stumbles over: renames, wrong folders, closed pipes, hints that are followed."""

from __future__ import annotations

from tests.kit.project import Project
from tests.kit.stories import stories


def test_a_renamed_spec_is_rehearsed_anew(project: Project) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--mock").expect(0)
    project.edit("stories.yaml", '"name": "stories"', '"name": "tales"')

    assert "run: no job yet" in project.run("plan", "stories.yaml", "--mock").expect(0).out
    project.run("apply", "stories.yaml", "--mock").expect(0)


def test_the_real_lock_of_another_name_is_kept_with_a_way_out(project: Project) -> None:
    project.write(stories(name="tales"))
    project.write({"stories.lock.json": {"version": 1, "name": "stories"}})

    told = project.run("plan", "stories.yaml").expect(4).err
    project.edit("stories.lock.json", "stories", "tales")  # as the hint says

    assert "write 'tales' as the lock file's \"name\"" in told
    project.run("plan", "stories.yaml").expect(0)
