"""Bad input, one folder a case: what `ftrunner validate` says about it, to the letter.

A case holds `spec.yaml` and whatever belongs to it, and may hold

- `command.txt`: the arguments, where they are not `validate spec.yaml`;
- `env`: environment variables, one `NAME=value` a line;
- `generate.yaml`: `spec.yaml` as `before`, then `text` repeated `times` times, then `after`
  (`file` names another file to generate);
- `expected.txt`: the exact output. `pytest --update-cases` writes it.
"""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest
import yaml

from ftrunner.cli.main import main
from ftrunner.errors import ExitCode

FOLDER = Path(__file__).parent / "negative"
CASES = sorted(path for path in FOLDER.iterdir() if path.is_dir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_is_explained(
    case: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    shutil.copytree(case, tmp_path, dirs_exist_ok=True)
    generate(tmp_path)
    arguments = shlex.split(text_of(case / "command.txt", "validate spec.yaml"))

    with monkeypatch.context() as patch:
        patch.chdir(tmp_path)
        for line in text_of(case / "env", "").splitlines():
            patch.setenv(*line.split("=", 1))
        exit_code = run(arguments)
    output = "".join(capsys.readouterr())

    assert exit_code == ExitCode.INVALID, output
    if request.config.getoption("--update-cases"):
        (case / "expected.txt").write_text(output, encoding="utf-8")
    assert output == text_of(case / "expected.txt", "")


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 30


def run(arguments: list[str]) -> int:
    """The exit code of `ftrunner` with these arguments, run in this process."""
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    return int(exit_.value.code or 0)


def generate(folder: Path) -> None:
    """Write the file that `generate.yaml` describes, if there is one."""
    recipe = yaml.safe_load(text_of(folder / "generate.yaml", "{}"))
    if recipe:
        filler = str(recipe["text"]) * int(recipe["times"])
        content = recipe.get("before", "") + filler + recipe.get("after", "")
        (folder / recipe.get("file", "spec.yaml")).write_text(content, encoding="utf-8")


def text_of(path: Path, default: str) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else default
