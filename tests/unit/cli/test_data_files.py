"""What cannot be written is reported by the name that was asked for."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import click
import pytest

from ftrunner.cli.data_files import writing

TEMPORARY = ".new.jsonl.fcca226c.tmp"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EACCES, "permission denied; name another place"),
        (errno.EROFS, "read-only file system; name another place"),
        (errno.ENOSPC, "no space left on device; free some space"),
    ],
)
def test_a_failure_to_write_names_the_targets(number: int, said: str) -> None:
    targets = [Path("in/a.train.jsonl"), Path("in/a.validation.jsonl")]

    with pytest.raises(click.ClickException) as refused, writing(targets):
        raise OSError(number, os.strerror(number), TEMPORARY)

    named = "in/a.train.jsonl, in/a.validation.jsonl"
    assert refused.value.format_message() == f"cannot write {named}: {said}"
