"""Where `rich` meets a stream."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console

from ftrunner.render.terminal import Terminal


def terminal(stream: TextIO) -> Terminal:
    """A renderer on `stream`: colour, bars and all only where it is a terminal."""
    return Terminal(Console(file=stream, highlight=False, markup=False, emoji=False))
