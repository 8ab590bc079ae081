"""The line below all others that says what a run does now, and the console it is drawn on."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from ftrunner import events as e
from ftrunner.clock import Clock
from ftrunner.render.run.notices import retrying
from ftrunner.render.run.progress import Progress
from ftrunner.text import is_unicode

INDENT = " " * 11


def console_of(stream: TextIO) -> Console:
    """A console that changes no text."""
    return _Console(file=stream, highlight=False, markup=False, emoji=False)


class _Console(Console):
    """Leaves it to the command line what a closed pipe means; rich would end the process."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


class LiveLine:
    """The line below all others that says what the run does now; only on a terminal."""

    def __init__(self, console: Console, progress: Progress) -> None:
        self._console = console
        self._progress = progress
        self._live: Live | None = None
        self.is_shown = console.is_terminal and not console.is_dumb_terminal

    def update(self) -> None:
        """Draw the line, or take it away if the run does nothing that takes time."""
        if not self.is_shown:
            return
        if not self._progress.is_active:
            self.close()
        elif self._live is None:
            self._live = Live(
                console=self._console,
                get_renderable=self._drawn,
                refresh_per_second=2,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start(refresh=True)
        else:
            self._live.refresh()

    def close(self) -> None:
        """Take the line away."""
        if self._live:
            self._live.stop()
            self._live = None

    def _drawn(self) -> Text:
        """One line that no terminal wraps; the last column stays free."""
        text = f"{INDENT}{self._progress.line(self._console.width - len(INDENT) - 1)}"
        if not is_unicode(self._console.file):
            text = text.encode("ascii", "replace").decode()
        return Text(text, style="cyan", no_wrap=True, overflow="crop", end="")


@contextmanager
def meanwhile(stream: TextIO, clock: Clock) -> Iterator[e.Emit]:
    """A live line on `stream` for what takes long, and nothing else but retries."""
    shown = Meanwhile(console_of(stream), clock)
    try:
        yield shown
    finally:
        shown.close()


class Meanwhile:
    """Shows only what a run does now, and retries: for commands that print when all is done."""

    def __init__(self, console: Console, clock: Clock) -> None:
        self._console = console
        self._progress = Progress(clock)
        self._live = LiveLine(console, self._progress)

    def __call__(self, event: e.Event) -> None:
        self._progress(event)
        if isinstance(event, e.Retrying):
            self._console.print(Text(retrying(event)), soft_wrap=True)
        self._live.update()

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._live.close()
