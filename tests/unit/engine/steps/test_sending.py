"""What arrives at the provider is what was checked, or it is not kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ftrunner.api.client import Upload
from ftrunner.api.wire import File
from ftrunner.dataset.validate import check_dataset
from ftrunner.engine.steps.upload import upload
from ftrunner.errors import RunFailed
from ftrunner.providers import registry
from ftrunner.spec.model import Dataset, Spec
from tests.kit import stories
from tests.kit.runs import FakeProvider, staged


@dataclass
class Receiver(FakeProvider):
    """Takes a file, after something happened to the data."""

    meanwhile: Callable[[], object] = lambda: None

    def create_file(self, sent: Upload, **_progress: Any) -> File:
        self.meanwhile()
        arrived = b"".join(sent.checked_blocks())
        self.files["file-1"] = File("file-1", filename=sent.filename, bytes=len(arrived))
        return self.files["file-1"]


@pytest.mark.parametrize("change", ["edited", "gone"])
def test_data_that_changed_while_it_was_sent_never_arrives(tmp_path: Path, change: str) -> None:
    data = tmp_path / "data.jsonl"
    data.write_text(stories.dataset(), encoding="utf-8")
    spec = Spec(tmp_path / "s.yaml", "s", "", Dataset(train=("data.jsonl",)))
    report = check_dataset(spec, registry.get("openai"))
    other = stories.dataset().replace("学校", "森林")
    edit = data.unlink if change == "gone" else lambda: data.write_text(other, encoding="utf-8")
    provider = Receiver(meanwhile=edit)
    stage = staged(tmp_path, provider)

    with pytest.raises(RunFailed, match="data changed during the upload") as caught:
        upload(stage.run, report, None)

    assert caught.value.code == "FT353"
    assert provider.files == {}
    assert provider.asked == ["list_files"]
    assert not stage.run.journal.record.files
    assert not stage.run.journal.record.has_unconfirmed
