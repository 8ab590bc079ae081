"""A run on a real pseudo-terminal, and the same run in a pipe."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.kit.project import Project
from tests.kit.screen import Screen
from tests.kit.stories import stories

pytestmark = pytest.mark.posix
ROWS = 40


def on_a_terminal(project: Project, columns: int, *arguments: str) -> Iterator[str]:
    """What `ftrunner ARGUMENTS` writes to a terminal of so many columns, as it comes."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
    command = (sys.executable, "-m", "ftrunner", *arguments)
    environment = {**os.environ, **project.environment, "TERM": "xterm"}
    with (
        subprocess.Popen(
            command, cwd=project.folder, env=environment, stdout=theirs, stderr=theirs
        ) as process,
        closing(os.fdopen(ours, "rb", buffering=0)) as output,
    ):
        os.close(theirs)
        pending = b""
        while piece := _read(output.fileno()):
            pending += piece
            whole, _, rest = pending.rpartition(b"\n")
            yield whole.decode() + ("\n" if whole else "")
            pending = rest
        yield pending.decode()
        assert process.wait(60) == 0


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # how Linux says that the other end is closed
        return b""


@pytest.mark.process("a terminal is what is tested")
@pytest.mark.parametrize("columns", [80, 120])
def test_a_rehearsal_on_a_terminal_ends_without_a_leftover_line(
    project: Project, columns: int
) -> None:
    project.write(stories())
    screen, raw = Screen(columns, wraps=True), ""

    for piece in on_a_terminal(project, columns, "apply", "stories.yaml", "--mock"):
        raw += piece
        screen.write(piece)

    assert "training " in raw
    assert " left" in raw
    lines = screen.lines()
    done, report = lines[-2:]
    assert done.startswith("Done: ft:")
    assert report.startswith("Report: ")
    assert not any(re.search(r"training \d+/|queued ·", line) for line in lines), lines
    assert screen.cursor_is_shown


def test_a_rehearsal_in_a_pipe_has_no_escape(project: Project) -> None:
    project.write(stories())

    shown = project.run("apply", "stories.yaml", "--mock").expect(0)

    assert "\x1b" not in shown.out + shown.err
    assert "\r" not in shown.out + shown.err
