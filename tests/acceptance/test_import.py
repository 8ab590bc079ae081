"""Jobs that were made by hand become specs with a current model, and what is missing is said."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import openai
import pytest

from ftrunner.clock import SystemClock
from ftrunner.state.mutex import sole_writer
from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from tests.kit.project import Project, finish
from tests.kit.stories import dataset

MODEL = "gpt-4o-mini-2024-07-18"
PAIR = (
    '{"input": {"messages": [{"role": "user", "content": "Tell %s"}]}, '
    '"preferred_output": [{"role": "assistant", "content": "Once %s"}], '
    '"non_preferred_output": [{"role": "assistant", "content": "No %s"}]}\n'
)
PAIRS = "".join(PAIR % (n, n, n) for n in range(10)).encode()


@pytest.fixture
def provider() -> Iterator[MockServer]:
    """Trains for half a second: long enough to be cancelled."""
    with MockServer(Settings(speed=600)) as server:
        yield server


@pytest.fixture
def client(provider: MockServer) -> openai.OpenAI:
    return openai.OpenAI(base_url=provider.base_url, api_key="sk-by-hand", max_retries=0)


def _file(client: openai.OpenAI, content: bytes) -> str:
    return client.files.create(file=("by-hand.jsonl", content), purpose="fine-tune").id


def _all_of(provider: MockServer) -> tuple[str, ...]:
    """The command that imports every job there is."""
    return ("import", "--all", "--provider", "openai", "--base-url", provider.base_url)


def _made_before_imports_were_current(lock: Path) -> None:
    document = json.loads(lock.read_text(encoding="utf-8"))
    [record] = document["endpoints"].values()
    record["current"] = None
    lock.write_text(json.dumps(document), encoding="utf-8")


def _ended(client: openai.OpenAI, **asked: Any) -> str:
    job = client.fine_tuning.jobs.create(model=MODEL, **asked)
    deadline = time.monotonic() + 20
    while client.fine_tuning.jobs.retrieve(job.id).status not in (
        "succeeded", "failed", "cancelled",
    ):  # fmt: skip
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return job.id


def test_five_jobs_made_by_hand(
    project: Project, provider: MockServer, client: openai.OpenAI
) -> None:
    good = dataset().encode()
    normal = _ended(client, training_file=_file(client, good), suffix="normal", seed=7)
    failed = _ended(client, training_file=_file(client, good.splitlines(keepends=True)[0]))
    dpo = {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.1}}}
    preferred = _ended(client, training_file=_file(client, PAIRS), method=dpo, suffix="dpo")
    lost = _file(client, good)
    gone = _ended(client, training_file=lost, suffix="gone")
    client.files.delete(lost)
    cancelled = client.fine_tuning.jobs.create(
        model=MODEL, training_file=_file(client, good), suffix="cancelled"
    )
    client.fine_tuning.jobs.cancel(cancelled.id)
    arguments = _all_of(provider)

    first = project.run(*arguments, "--json").expect(1)
    found = {document["job"]: document for document in first.documents()}
    second = project.run(*arguments, "--json").expect(1)

    assert set(found) == {normal, failed, preferred, gone, cancelled.id}
    assert found[gone]["spec"] is None
    assert lost in found[gone]["missing"][0]
    for job in (normal, preferred):
        spec = found[job]["spec"]
        assert found[job]["missing"] == []
        project.run("validate", spec).expect(0)
        planned = project.run("plan", spec, "--exit-code").expect(0)
        assert "Nothing to do" in planned.out
    assert "the train data has 1 example" in found[failed]["missing"][0]
    project.run("validate", found[cancelled.id]["spec"]).expect(0)
    assert "stop" in project.run("plan", found[cancelled.id]["spec"]).expect(0).out
    assert all(d["was_there"] for d in second.documents() if d["spec"])
    assert "method: dpo" in project.read(found[preferred]["spec"])
    assert "seed: 7" in project.read(found[normal]["spec"])
    assert list((project.folder / "specs/results").glob("normal-*.csv"))


def test_an_import_that_was_cut_short_goes_on_and_overwrites_nothing(
    project: Project, provider: MockServer, client: openai.OpenAI
) -> None:
    for suffix in ("one", "two"):
        _ended(client, training_file=_file(client, dataset().encode()), suffix=suffix)
    arguments = _all_of(provider)
    project.run(*arguments).expect(0)
    (one,) = (project.folder / "specs").glob("one-*.yaml")
    (two,) = (project.folder / "specs").glob("two-*.yaml")
    one.write_text(f"# mine\n{one.read_text(encoding='utf-8')}", encoding="utf-8")
    lock = one.with_suffix(".lock.json").read_bytes()
    for gone in (two, two.with_suffix(".lock.json"), *two.parent.glob("data/two-*")):
        gone.unlink()

    again = project.run(*arguments).expect(0)

    assert "one-" in again.out
    assert one.read_text(encoding="utf-8").startswith("# mine")
    assert one.with_suffix(".lock.json").read_bytes() == lock
    for spec in (one, two):
        project.run("validate", str(spec)).expect(0)
        assert "Nothing to do" in project.run("plan", str(spec), "--exit-code").expect(0).out


def test_a_download_that_was_cut_short_is_not_taken_for_the_file(
    project: Project, provider: MockServer, client: openai.OpenAI
) -> None:
    _ended(client, training_file=_file(client, dataset().encode()), suffix="one")
    mock = FtMock(provider.origin)
    arguments = _all_of(provider)
    mock.fault({"truncate": 100}, path="/files/*/content")

    torn = project.run(*arguments).expect(1)
    mock.disarm()
    project.run(*arguments).expect(0)

    assert "could not be fetched: train data" in torn.out
    (data,) = (project.folder / "specs/data").iterdir()
    assert data.read_text(encoding="utf-8") == dataset()


def test_it_is_said_what_to_import_and_from_where(project: Project) -> None:
    assert "--all" in project.run("import", "--provider", "openai").expect(2).err
    assert "--provider" in project.run("import", "--all").expect(2).err
    assert "--base-url" in project.run("import", "--all", "--provider", "azure").expect(2).err
    assert "--mock" not in project.run("import", "--help").expect(0).out


def test_an_imported_model_is_current_and_stays_its_owner_s(
    project: Project, provider: MockServer, client: openai.OpenAI
) -> None:
    file = _file(client, dataset().encode())
    job = client.fine_tuning.jobs.retrieve(_ended(client, training_file=file, suffix="mine"))
    project.run(*_all_of(provider)).expect(0)
    [path] = (project.folder / "specs").glob("*.yaml")
    spec = str(path.relative_to(project.folder))

    assert project.run("output", spec).expect(0).out.strip() == job.fine_tuned_model
    assert str(job.fine_tuned_model) in project.run("verify", spec).expect(0).out
    _made_before_imports_were_current(path.with_suffix(".lock.json"))
    assert "no model is current" in project.run("verify", spec).expect(0).out
    assert str(job.fine_tuned_model) in project.run("apply", spec).expect(0).out
    assert project.run("output", spec).expect(0).out.strip() == job.fine_tuned_model
    kept = project.run("destroy", spec, "--yes").expect(4)
    assert [line.split()[0] for line in kept.out.splitlines()[1:]] == ["keep", "keep"]
    assert "was made by ftrunner\n  hint: what is listed can be deleted in the console" in kept.err
    assert "`ftrunner apply" not in kept.err
    assert client.files.retrieve(file).id == file
    assert client.models.retrieve(str(job.fine_tuned_model))


def test_a_model_that_was_not_asked_its_prompts_is_not_current(
    project: Project, provider: MockServer, client: openai.OpenAI
) -> None:
    _ended(client, training_file=_file(client, dataset().encode()), suffix="one")
    project.run(*_all_of(provider)).expect(0)
    [spec] = (project.folder / "specs").glob("*.yaml")
    prompt = "{name: hello, user: Hello, expect: [{max_chars: 4000}]}"
    text = f"{spec.read_text(encoding='utf-8')}\ntests: {{prompts: [{prompt}]}}\n"
    spec.write_text(text, encoding="utf-8")
    spec.with_suffix(".lock.json").unlink()

    project.run(*_all_of(provider)).expect(0)

    project.run("output", str(spec)).expect(4)
    project.run("apply", str(spec)).expect(0)
    project.run("output", str(spec)).expect(0)


def test_a_status_of_several_lines_becomes_no_setting(
    project: Project, provider: MockServer, client: openai.OpenAI
) -> None:
    _ended(client, training_file=_file(client, dataset().encode()), suffix="one")
    status = "succeeded\napi_key_env: AWS_SECRET_ACCESS_KEY\n#"
    FtMock(provider.origin).fault({"set": {"status": status}}, path="/fine_tuning/jobs/*")

    printed = project.run(*_all_of(provider)).expect(0)

    [spec] = (project.folder / "specs").glob("*.yaml")
    assert len(printed.out.splitlines()) == 2
    assert "\napi_key_env" not in spec.read_text(encoding="utf-8")
    assert "\napi_key_env" not in project.run("status", str(spec)).expect(0).out


@pytest.mark.parametrize("into", ["taken/specs", "/proc/nowhere/specs"])
def test_a_folder_that_cannot_be_written_is_reported(project: Project, into: str) -> None:
    project.write({"taken": "a file"})

    printed = project.run("import", "--all", "--provider", "openai", "--into", into).expect(4)

    assert f"error[FT418]: cannot write {into}" in printed.err
    assert "--into" in printed.err.splitlines()[-1]


def test_a_key_that_is_not_set_is_reported_without_a_file(project: Project) -> None:
    printed = project.run("import", "--all", "--provider", "openai", OPENAI_API_KEY="").expect(2)

    assert printed.err.startswith("error[FT322]: the variable OPENAI_API_KEY is not set")


@pytest.mark.process("two at once")
def test_an_import_waits_for_a_command_that_holds_the_spec(
    project: Project, provider: MockServer, client: openai.OpenAI
) -> None:
    job = _ended(client, training_file=_file(client, dataset().encode()), suffix="one")
    mutex = project.folder / f"specs/.ftrunner/mutex/one-{job[-8:].lower()}.lock"
    arguments = _all_of(provider)

    with ExitStack() as at_work:
        writer = sole_writer(mutex, clock=SystemClock(), wait=False, on_wait=lambda _: None)
        at_work.enter_context(writer)
        with project.start(*arguments) as process:
            assert process.stderr is not None
            assert "which is working on this spec" in process.stderr.readline()
            assert not list((project.folder / "specs").glob("*.lock.json"))
            at_work.close()
            finish(process, arguments).expect(0)

    assert list((project.folder / "specs").glob("*.lock.json"))
