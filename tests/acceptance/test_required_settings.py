"""What a later step needs is missed before the first one, and by every command alike.

Each required setting of each shipped profile is left out, one at a time. Nothing is sent: no test
may connect to the providers' addresses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ftrunner.cli.main import main
from ftrunner.engine.checks.settings import required
from ftrunner.providers import registry
from tests.kit.homes import KEYS, at_home

COMMANDS = {
    "validate": ("validate",),
    "plan": ("plan",),
    "rehearsal": ("apply", "--mock"),
    "real": ("apply", "--yes"),
}


def spec_for(name: str) -> dict[str, Any]:
    """A complete spec that is at home at the provider."""
    files = at_home("https://management.azure.com")
    spec: dict[str, Any] = files["stories.yaml"]
    own = spec.pop("providers").get(name, {})
    spec |= {"provider": name, "model": own.get("model", spec["model"]), "suffix": "tales"}
    spec["hyperparameters"] = {"n_epochs": 3}
    spec["deployment"] = own.get("deployment", {})
    if registry.get(name).base_url is None:
        spec["base_url"] = "https://models.example.com/v1"
    return {**files, "stories.yaml": spec}


def required_settings() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every profile's name with the path of each setting that it requires."""
    for name in registry.names():
        profile = registry.get(name)
        for setting in required(profile):
            yield name, ("deployment", setting)
        if required(profile):
            yield name, ("deployment",)
        if profile.suffix.required:
            yield name, ("suffix",)


def run(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    with pytest.raises(SystemExit) as exit_:
        main(list(arguments))
    captured = capsys.readouterr()
    return int(exit_.value.code or 0), captured.out + captured.err


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    return tmp_path


def write(folder: Path, files: dict[str, Any]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")


@pytest.mark.parametrize(
    ("name", "path"),
    list(required_settings()),
    ids=lambda value: "-".join([value] if isinstance(value, str) else value),
)
def test_every_command_misses_a_required_setting(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, path: tuple[str, ...]
) -> None:
    files = spec_for(name)
    place = files["stories.yaml"]
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    write(folder, files)

    said = {}
    for command, (verb, *options) in COMMANDS.items():
        code, output = run((verb, "stories.yaml", *options), capsys)
        assert code == 2, (command, output)
        said[command] = re.findall(r"error (FT\d+: .*)", output)

    assert len(said["validate"]) == 1
    assert set(map(tuple, said.values())) == {tuple(said["validate"])}


@pytest.mark.parametrize("name", registry.names())
def test_a_complete_spec_is_valid(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    write(folder, spec_for(name))

    assert run(("validate", "stories.yaml"), capsys)[0] == 0


def test_every_kind_of_required_setting_is_tried() -> None:
    tried = list(required_settings())

    assert {name for name, _ in tried} == {"azure", "together", "llmariner"}
    assert len(tried) >= 8
