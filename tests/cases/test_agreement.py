"""The checker and the mock server agree about every case: written apart, they read one contract."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ftrunner.dataset.validate import check_dataset
from ftrunner.findings import has_errors
from ftrunner.providers import registry
from ftrunner.spec.model import Dataset, Method, Spec
from mockserver.data.dataset import read_examples
from mockserver.dialects import NAMES, find_dialect
from mockserver.rules.examples import InvalidFileError, check_example
from mockserver.rules.examples import Method as MockMethod
from tests.cases import test_data, test_field

METHODS: dict[str, MockMethod] = {
    "supervised": "supervised",
    "dpo": "dpo",
    "reinforcement": "reinforcement",
}
PLACES = ("openai", "azure", "nebius", "together")


def refused_by_checker(path: Path, method: str, provider: str) -> bool:
    home = registry.get(provider)
    spec = Spec(path.parent / "s.yaml", "case", "", Dataset((path.name,)), method=Method(method))
    report = check_dataset(spec, replace(home, limits=replace(home.limits, min_examples=1)))
    train = report.train
    return has_errors(report.findings) or (train is not None and train.format not in home.formats)


def refused_by_mock(path: Path, method: str, provider: str) -> bool:
    number, rules = 0, find_dialect(provider).data_rules
    try:
        for number, example in enumerate(read_examples(path), start=1):
            check_example(example, number, METHODS[method], "training_file", rules)
    except InvalidFileError:
        return True
    return number == 0


def judged(path: Path, method: str, provider: str) -> tuple[bool, bool]:
    return refused_by_checker(path, method, provider), refused_by_mock(path, method, provider)


@pytest.mark.parametrize(
    "path", [*test_data.REFUSED, *test_data.ACCEPTED], ids=lambda path: path.stem
)
def test_they_agree_about_faults_and_oddities(path: Path, tmp_path: Path) -> None:
    case = test_data.load(path)
    name, data = case.get("name", "data.jsonl"), case["data"]
    method, provider = case.get("method", "supervised"), case.get("provider", "openai")
    if provider not in NAMES or name.endswith(".gz"):
        provider, name = "openai", "data.jsonl"
    (tmp_path / name).write_bytes(data if isinstance(data, bytes) else data.encode())

    checker, mock = judged(tmp_path / name, method, provider)

    assert checker == mock


@pytest.mark.parametrize("provider", PLACES)
@pytest.mark.parametrize("case", test_field.DATA)
def test_they_agree_about_the_files_of_other_tools(
    case: dict[str, Any], provider: str, tmp_path: Path
) -> None:
    options = case.get("options", "").split()
    method = options[options.index("--method") + 1] if "--method" in options else "supervised"
    if method not in registry.get(provider).methods:
        method = "supervised"
    path = tmp_path / "data.jsonl"
    path.write_bytes(test_field.content(case))

    checker, mock = judged(path, method, provider)

    assert checker == mock
