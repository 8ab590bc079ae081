"""What a test showed is kept: answers with their checks, figures, and where they come from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from ftrunner.api.redaction import Redactor
from ftrunner.api.wire import ChatCompletion
from ftrunner.engine.steps.ask import Reuse
from ftrunner.engine.steps.test import test as ask
from ftrunner.spec.model import Dataset, Spec
from ftrunner.spec.testing import Assertion, Prompt, Tests
from ftrunner.state.results import FILE, RunResults, decode
from tests.kit.runs import Staged, staged
from tests.unit.engine.steps.test_asking import JOB, Speaker

SECRET = "a-key-of-mine-4711"
WHALE = Prompt(
    "whale",
    ({"role": "user", "content": "A whale?"},),
    expect=(Assertion("contains", "blue"), Assertion("max_chars", 3)),
    repeat=2,
    pass_at_least=2,
)


def after_test(folder: Path, answer: str, *prompts: Prompt, secret: str = "") -> Staged:
    tests = Tests(prompts, request={"temperature": 0})
    spec = Spec(folder / "s.yaml", "s", "m", Dataset(train=("a",)), tests=tests)
    given = ChatCompletion(content=answer, usage={"prompt_tokens": 7, "completion_tokens": 2})
    stage = staged(folder, Speaker(completion=given), spec=spec)
    stage = replace(stage, run=replace(stage.run, redactor=Redactor(others=[secret])))
    stage.run.journal.job_created(JOB)
    ask(stage.run, replace(JOB, run="r0", inputs={"train": "00", "model": "m"}), Reuse.STORED)
    return stage


def kept(stage: Staged) -> RunResults:
    return decode((stage.run.log.folder / FILE).read_bytes())


def test_answers_are_kept_with_their_checks(tmp_path: Path) -> None:
    results = kept(after_test(tmp_path, "a blue one", WHALE))

    [prompt] = results.prompts
    assert (prompt.name, prompt.question, prompt.passed) == ("whale", "A whale?", False)
    assert len(prompt.answers) == 2
    assert [check.passed for check in prompt.answers[0].checks] == [True, False]
    assert prompt.answers[0].checks[1].why
    assert (prompt.answers[0].tokens_in, prompt.answers[0].tokens_out) == (7, 2)
    assert results.outcome == "failed"
    assert results.sentence == "1 of 1 prompt failed"
    assert (results.model, results.current, results.moved) == ("ft:x", None, False)


def test_a_pass_says_that_the_model_is_current_now(tmp_path: Path) -> None:
    results = kept(after_test(tmp_path, "blue", replace(WHALE, expect=WHALE.expect[:1])))

    assert (results.outcome, results.current, results.moved) == ("passed", "ft:x", True)


def test_where_it_comes_from_is_kept(tmp_path: Path) -> None:
    results = kept(after_test(tmp_path, "blue", WHALE))

    assert results.provenance.request == {"temperature": 0}
    assert results.provenance.spec == "s.yaml"
    assert results.training is not None
    assert results.training.events == ("../r0/events.jsonl", "events.jsonl")
    assert results.data["train"].rows == "00"


def test_no_secret_is_kept(tmp_path: Path) -> None:
    stage = after_test(tmp_path, f"blue {SECRET}", WHALE, secret=SECRET)

    assert SECRET not in (stage.run.log.folder / FILE).read_text()
    assert kept(stage).prompts[0].answers[0].text == "blue [redacted]"


def test_without_tests_nothing_is_kept(tmp_path: Path) -> None:
    stage = after_test(tmp_path, "blue")

    assert not stage.run.log.folder.exists()


def test_a_spec_whose_name_is_not_utf_8_is_named_escaped(tmp_path: Path) -> None:
    stage = after_test(tmp_path, "blue", WHALE)
    odd: Any = replace(stage.run.spec, path=tmp_path / "s\udcff.yaml")
    ask(replace(stage.run, spec=odd), JOB, Reuse.ONLY)

    assert kept(stage).provenance.spec.isprintable()
