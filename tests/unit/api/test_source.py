"""The body of an upload is exactly the promised bytes, or none that the server takes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests_toolbelt import MultipartEncoder

from ftrunner.api.errors import SourceChanged
from ftrunner.api.http.exchange import Upload
from ftrunner.api.http.transport import Source, Unread


def _upload(blocks: list[bytes], size: int) -> Upload:
    return Upload("t.jsonl", size, lambda: iter(blocks))


def _read_all(source: Source, amount: int) -> bytes:
    return b"".join(iter(lambda: source.read(amount), b""))


@given(st.lists(st.binary(max_size=9)), st.integers(1, 12))
def test_what_is_read_is_what_the_blocks_are(blocks: list[bytes], amount: int) -> None:
    whole = b"".join(blocks)
    seen: list[int] = []
    source = Source(_upload(blocks, len(whole)), seen.append)
    assert source.len == len(whole)
    assert _read_all(source, amount) == whole
    assert source.len == 0
    assert seen == sorted(seen)
    assert seen[-1:] == ([len(whole)] if whole else [])


@given(st.lists(st.binary(max_size=9)), st.integers(0, 90))
def test_blocks_of_another_size_than_promised_are_never_whole(
    blocks: list[bytes], promised: int
) -> None:
    size = len(b"".join(blocks))
    seen: list[bytes] = []
    if promised == size:
        seen += _upload(blocks, promised).checked_blocks()
        assert b"".join(seen) == b"".join(blocks)
        return
    with pytest.raises(SourceChanged):
        seen.extend(_upload(blocks, promised).checked_blocks())
    assert len(b"".join(seen)) < max(promised, 1)


@pytest.mark.parametrize("promised", [1, 3, 9])
def test_a_source_of_another_size_is_never_sent_whole(promised: int) -> None:
    sent: list[int] = []
    source = Source(_upload([b"ab", b"cd"], promised), sent.append)
    with pytest.raises(Unread) as caught:
        _read_all(source, 2)
    assert max(sent, default=0) < promised
    assert isinstance(source.failure, SourceChanged)
    assert not isinstance(caught.value, OSError)


def test_a_fault_of_the_source_is_kept_and_is_not_the_connection_s() -> None:
    def blocks() -> Iterator[bytes]:
        yield b"a"
        raise OSError("the disk is gone")

    source = Source(Upload("t.jsonl", 9, blocks))
    with pytest.raises(Unread) as caught:
        _read_all(source, 4)
    assert isinstance(source.failure, OSError)
    assert not isinstance(caught.value, OSError)


@given(st.lists(st.binary(max_size=40)), st.integers(1, 50))
def test_the_encoder_sends_the_length_that_it_promises(blocks: list[bytes], amount: int) -> None:
    source = Source(_upload(blocks, len(b"".join(blocks))))
    encoder = MultipartEncoder([("purpose", "fine-tune"), ("file", ("t.jsonl", source))])
    promised = encoder.len
    body = b"".join(iter(lambda: encoder.read(amount), b""))
    assert len(body) == promised
    assert b"".join(blocks) in body
