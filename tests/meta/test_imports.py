"""What starts fast stays fast: a command imports what it needs, and nothing else that is heavy."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

SPEC = Path(__file__).parents[2] / "specs" / "stories.yaml"
# Commands that end before they ask a provider, and what they exit with.
OFFLINE = {
    "status SPEC": 0,
    "plan SPEC": 0,
    "verify SPEC": 4,
    "output SPEC": 4,
    "test SPEC": 4,
    "compare SPEC --between openai together": 4,
    "cancel SPEC": 4,
    "adopt SPEC ftjob-1": 2,
    "forget SPEC": 4,
    "destroy SPEC": 4,
    "drift SPEC": 2,
    "import --provider openai": 2,
    "apply SPEC": 2,
}
MOCK = {"mockserver", "starlette", "uvicorn"}
HEAVY = {"requests", "jsonschema", "starlette", "uvicorn", "rich", "bpe_openai", "jsonschema_rs"}


def imported_by(*arguments: str, code: int = 0) -> set[str]:
    """The top-level modules that `ftrunner ARGUMENTS`, which exits with `code`, imports."""
    [modules] = imported_by_each([(arguments, code)])
    return modules


def imported_by_each(calls: Sequence[tuple[Sequence[str], int]]) -> list[set[str]]:
    """The same for commands that one process runs one after the other: each adds to the last."""
    program = (
        "import json, sys\n"
        "from ftrunner.cli.main import main\n"
        "for arguments, code in json.loads(sys.argv[1]):\n"
        "    try: main(arguments)\n"
        "    except SystemExit as e: assert e.code == code, (arguments, e.code)\n"
        "    print('MODULES', *{name.partition('.')[0] for name in sys.modules})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(calls)],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    return [set(words) for words in lines if words[:1] == ["MODULES"]]


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_import_nothing_heavy(option: str) -> None:
    assert imported_by(option) & (HEAVY | {"yaml", "msgspec"}) == set()


def test_validate_imports_no_http_and_no_tokenizer() -> None:
    unneeded = MOCK | {"requests", "rich", "minijinja", "bpe_openai"}

    assert imported_by("validate", str(SPEC)) & unneeded == set()


def test_events_are_imported_only_where_something_happens() -> None:
    """A hundred dataclasses take a quarter of the time of `--version`."""
    program = (
        "import sys\n"
        "from ftrunner.cli.main import main\n"
        "try: main(['validate', sys.argv[1]])\n"
        "except SystemExit: print('ftrunner.events' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(SPEC)], capture_output=True, text=True, check=True
    )

    assert done.stdout.endswith("False\n")


def test_what_asks_no_provider_imports_neither_the_mock_server_nor_the_network(
    tmp_path: Path,
) -> None:
    shutil.copytree(SPEC.parent, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*"))
    spec = str(tmp_path / SPEC.name)
    calls = [(line.replace("SPEC", spec).split(), code) for line, code in OFFLINE.items()]

    *offline, mock = imported_by_each([*calls, (["mock", "--scenario", "none"], 2)])

    unneeded = [modules & (MOCK | {"requests"}) for modules in offline]
    assert dict(zip(OFFLINE, unneeded, strict=True)) == {line: set() for line in OFFLINE}
    assert mock > MOCK


def test_plan_imports_no_asyncio() -> None:
    """It takes longer to load than Python itself."""
    assert "asyncio" not in imported_by("plan", str(SPEC))


@pytest.mark.parametrize("module", ["settings", "provider", "fixtures", "pytest_plugin"])
def test_any_module_of_the_mock_server_may_be_imported_first(module: str) -> None:
    program = f"import sys, mockserver.{module}; print('starlette' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert module != "pytest_plugin" or done.stdout == "False\n"  # every pytest run loads it


def test_data_is_checked_without_a_tokenizer_or_what_few_files_need(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes((SPEC.parent / "data" / "turbo35.jsonl").read_bytes())

    unneeded = {"requests", "tenacity", "rapidfuzz", "rich", "bpe_openai"}
    unneeded |= {"multiprocessing", "concurrent", "jsonschema", "minijinja", "asyncio"}
    assert imported_by("data", "check", str(path)) & unneeded == set()


def test_a_vocabulary_is_loaded_without_the_package_that_has_it_and_beside_it() -> None:
    program = (
        "import sys\n"
        "from ftrunner.dataset.cost.tokens import load_counter\n"
        "counter = load_counter('o200k_base')\n"
        "print('bpe_openai' in sys.modules, counter.text('a white whale'))\n"
        "import bpe_openai\n"
        "print(len(bpe_openai.get_encoding('o200k_base').encode_ordinary('a white whale')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "False 3\n3\n"
