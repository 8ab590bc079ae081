"""Where `rich` meets a stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console

from ftrunner.clock import Clock
from ftrunner.render.run.board import Board
from ftrunner.render.run.terminal import Meanwhile, Terminal


def terminal(stream: TextIO, clock: Clock | None = None, *, verbose: bool = False) -> Terminal:
    """A renderer on `stream`: colour and a live line only where it is a terminal.

    `verbose` shows every training step, and what else only programs see.
    """
    return Terminal(_console(stream), clock, verbose=verbose)


def meanwhile(stream: TextIO, clock: Clock) -> Meanwhile:
    """A live line on `stream` for what takes long, and nothing else but retries."""
    return Meanwhile(_console(stream), clock)


def board(stream: TextIO, labels: Sequence[str], clock: Clock | None = None) -> Board:
    """A renderer of several runs at once on `stream`."""
    return Board(_console(stream), labels, clock)


def _console(stream: TextIO) -> Console:
    return _Console(file=stream, highlight=False, markup=False, emoji=False)


class _Console(Console):
    """Leaves it to the command line what a closed pipe means; rich would end the process."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError
