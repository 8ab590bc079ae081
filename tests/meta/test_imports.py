"""What starts fast stays fast: `--help` and `validate` import nothing heavy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SPEC = Path(__file__).parents[2] / "specs" / "stories.yaml"
HEAVY = {"requests", "jsonschema", "starlette", "uvicorn", "rich", "bpe_openai", "jsonschema_rs"}


def imported_by(*arguments: str) -> set[str]:
    """The top-level modules that `ftrunner ARGUMENTS` leaves in sys.modules."""
    program = (
        "import sys\n"
        "from ftrunner.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as e: assert e.code == 0, e.code\n"
        "print('MODULES', *{name.partition('.')[0] for name in sys.modules})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
    )
    return set(done.stdout.rpartition("MODULES")[2].split())


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_import_nothing_heavy(option: str) -> None:
    assert imported_by(option) & (HEAVY | {"yaml", "msgspec"}) == set()


def test_validate_imports_no_http_and_no_tokenizer() -> None:
    unneeded = {"requests", "starlette", "uvicorn", "rich", "bpe_openai"}

    assert imported_by("validate", str(SPEC)) & unneeded == set()


@pytest.mark.parametrize("module", ["settings", "provider", "fixtures", "pytest_plugin"])
def test_any_module_of_the_mock_server_may_be_imported_first(module: str) -> None:
    program = f"import sys, mockserver.{module}; print('starlette' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert module != "pytest_plugin" or done.stdout == "False\n"  # every pytest run loads it


def test_data_is_checked_without_a_tokenizer(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes((SPEC.parent / "data" / "turbo35.jsonl").read_bytes())

    assert imported_by("data", "check", str(path)) & {"requests", "rich", "bpe_openai"} == set()
