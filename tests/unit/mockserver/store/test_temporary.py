from __future__ import annotations

import io
import subprocess
import sys

import pytest

from mockserver.store.database import Store, TemporaryFolder

FORKED = """
import io, os, sys
from mockserver.store.database import Store

store = Store(None)
if os.fork() == 0:
    store.close()
    sys.exit()  # with all that is done at an exit
os.wait()
blob = store.blobs.put(io.BytesIO(b"kept"))
print(store.blobs.path(blob.key).read_text())
store.close()
print(store.blobs.path(blob.key).parent.exists())
"""


def test_a_folder_lasts_until_it_is_removed() -> None:
    folder = TemporaryFolder()
    (folder.path / "file").write_bytes(b"x")

    folder.remove()
    folder.remove()

    assert not folder.path.exists()


def test_a_folder_ends_with_what_holds_it() -> None:
    folder = TemporaryFolder()
    path = folder.path
    del folder

    assert not path.exists()


@pytest.mark.posix
def test_a_fork_that_ends_leaves_the_store_to_its_maker() -> None:
    reported = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True)

    assert reported.stdout.splitlines() == ["kept", "False"], reported.stderr


def test_a_store_whose_folder_was_swept_away_goes_on() -> None:
    store = Store(None)
    store.blobs.path("x").parent.rmdir()

    store.clear()
    blob = store.blobs.put(io.BytesIO(b"new"))

    assert store.blobs.path(blob.key).read_bytes() == b"new"
    store.close()
