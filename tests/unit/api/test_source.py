"""The body of an upload is exactly the promised bytes, or none that the server takes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests_toolbelt import MultipartEncoder

from ftrunner.api.errors import SourceChanged
from ftrunner.api.http.exchange import Upload
from ftrunner.api.http.upload_source import Source


def _source(blocks: list[bytes], size: int, seen: list[int] | None = None) -> Source:
    progress = None if seen is None else seen.append
    return Source(Upload("t.jsonl", size, lambda: iter(blocks)), progress)


def _read_all(source: Source, amount: int) -> bytes:
    return b"".join(iter(lambda: source.read(amount), b""))


@given(st.lists(st.binary(max_size=9)), st.integers(1, 12))
def test_what_is_read_is_what_the_blocks_are(blocks: list[bytes], amount: int) -> None:
    whole = b"".join(blocks)
    seen: list[int] = []
    source = _source(blocks, len(whole), seen)
    assert source.len == len(whole)
    assert _read_all(source, amount) == whole
    assert source.len == 0
    assert seen == sorted(seen)
    assert seen[-1:] == ([len(whole)] if whole else [])


@given(st.lists(st.binary(min_size=1, max_size=9), min_size=1), st.integers(1, 12), st.data())
def test_a_source_of_another_size_is_never_sent_whole(
    blocks: list[bytes], amount: int, data: st.DataObject
) -> None:
    size = len(b"".join(blocks))
    promised = data.draw(st.integers(1, size + 9).filter(lambda n: n != size))
    sent: list[int] = []
    source = _source(blocks, promised, sent)
    with pytest.raises(SourceChanged):
        _read_all(source, amount)
    assert max(sent, default=0) < promised
    assert isinstance(source.failure, SourceChanged)


def test_a_fault_of_the_source_is_kept() -> None:
    def blocks() -> Iterator[bytes]:
        yield b"a"
        raise OSError("the disk is gone")

    source = Source(Upload("t.jsonl", 9, blocks))
    with pytest.raises(OSError, match="gone"):
        _read_all(source, 4)
    assert isinstance(source.failure, OSError)


@given(st.lists(st.binary(max_size=40)), st.integers(1, 50))
def test_the_encoder_sends_the_length_that_it_promises(blocks: list[bytes], amount: int) -> None:
    source = _source(blocks, len(b"".join(blocks)))
    encoder = MultipartEncoder([("purpose", "fine-tune"), ("file", ("t.jsonl", source))])
    promised = encoder.len
    body = b"".join(iter(lambda: encoder.read(amount), b""))
    assert len(body) == promised
    assert b"".join(blocks) in body
