"""Where `rich` meets a stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console

from ftrunner.render.run.board import Board
from ftrunner.render.run.terminal import Terminal


def terminal(stream: TextIO) -> Terminal:
    """A renderer on `stream`: colour, bars and all only where it is a terminal."""
    return Terminal(_console(stream))


def board(stream: TextIO, labels: Sequence[str]) -> Board:
    """A renderer of several runs at once on `stream`."""
    return Board(_console(stream), labels)


def _console(stream: TextIO) -> Console:
    return _Console(file=stream, highlight=False, markup=False, emoji=False)


class _Console(Console):
    """Leaves it to the command line what a closed pipe means; rich would end the process."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError
