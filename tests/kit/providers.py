"""Mock providers that tests share: one for all that want the same settings, emptied for each."""

from __future__ import annotations

from contextlib import ExitStack

from mockserver.client import FtMock
from mockserver.server import MockServer, Settings


class Providers(ExitStack):
    """The providers that were started, until the block ends."""

    def __init__(self) -> None:
        super().__init__()
        self._started: dict[Settings, MockServer] = {}

    def empty(self, settings: Settings) -> MockServer:
        """The provider with these settings, without objects, faults and requests."""
        if settings not in self._started:
            self._started[settings] = self.enter_context(MockServer(settings))
        server = self._started[settings]
        FtMock(server.origin).reset()
        return server
