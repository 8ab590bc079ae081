"""The file of an upload as the file object that the multipart encoder reads."""

from __future__ import annotations

from collections.abc import Iterator

from ftrunner.api.errors import SourceChanged
from ftrunner.api.http.exchange import Progress, Upload


class Source:
    """Reads `blocks` to exactly the promised size.

    What goes wrong while reading is kept in `failure`: the HTTP library takes some exceptions of
    a body for trouble with the connection, and the sender must know better.
    """

    def __init__(self, file: Upload, on_progress: Progress | None = None) -> None:
        self._file = file
        self._on_progress = on_progress
        self._blocks: Iterator[bytes] = file.blocks()
        self._pending = b""
        self._taken = 0
        self._sent = 0
        self.failure: Exception | None = None

    @property
    def len(self) -> int:
        """Bytes still to be read; the name is the encoder's."""
        return self._file.size - self._sent

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, none only at the end. Raises SourceChanged, or what `blocks` does."""
        try:
            if not self.len:
                return b""
            block = self._pending or self._take()
            end = len(block) if size < 0 else min(size, len(block))
            self._pending = block[end:]
            self._sent += end
            if self._on_progress is not None:
                self._on_progress(self._sent)
        except Exception as error:
            self.failure = error
            raise
        return block[:end]

    def _take(self) -> bytes:
        """The next block, once it is known that the source ends where it should.

        The last block is held back until nothing follows it, so a source that grew is never
        sent whole.
        """
        block = self._next()
        self._taken += len(block)
        left = self._file.size - self._taken
        if not block or left < 0 or (left == 0 and self._next()):
            raise SourceChanged(
                f"{self._file.filename} changed while it was being sent.",
                code="FT327",
                hint="nothing was uploaded; try again when the file no longer changes",
            )
        return block

    def _next(self) -> bytes:
        return next(filter(None, self._blocks), b"")
