from __future__ import annotations

from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ftrunner.document.document import Document, read_document
from ftrunner.document.reading import decode
from ftrunner.document.schema import check_structure
from ftrunner.document.source import Source
from ftrunner.findings import Finding
from ftrunner.render.findings.text import render_findings
from ftrunner.spec.load import build_spec, load_spec
from ftrunner.spec.model import Dataset, Fraction, Method, Wait
from ftrunner.spec.testing import Assertion, Opponent, Sample
from ftrunner.spec.testing import TestSet as SetModel
from tests.kit.examples import examples
from tests.unit.spec.loading import MINIMAL, parse, spec_of

FRAGMENTS = (
    *MINIMAL.splitlines(keepends=True),
    *("tests:\n", "  prompts:\n", "    - name: a\n", "      user: b\n", "      expect:\n"),
    *("        - contains: x\n", "        - not: {matches: '('}\n", "hyperparameters: {}\n"),
    *("- ", "  ", "{", "}", "[", "]", ": ", "&a ", "*a", "? ", "<<: *a\n", "!!str ", "'", '"'),
    *("${env:A}", "${var:a}", "$${", "\t", "\n", "鲸", "1", "no", "~", "|\n", "# ", "---\n", "%"),
)


@examples(400)
@given(st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=3), max_size=40).map("".join))
@example("\t")
@example("&a : &a ")
@example("")
@example("a: {b: 1")
@example('name: "\\ud800"')
@example("version: 1\nname: ${env:A}\n")
def test_no_text_raises(text: str) -> None:
    decoded = decode(text.encode("utf-8", "surrogatepass"), "spec.yaml")
    if isinstance(decoded, Finding):
        return
    loaded = parse(decoded, environment={"A": "\udcff"}, variables={"a": "${var:a}"})

    assert loaded.spec is not None or loaded.findings
    assert isinstance(render_findings(loaded.findings), str)


@examples(200)
@given(st.binary(max_size=60), st.integers(0, len(MINIMAL)))
def test_no_file_raises(tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int) -> None:
    path = tmp_path_factory.getbasetemp() / "noise.yaml"
    data = MINIMAL.encode()
    path.write_bytes(data[:at] + noise + data[at:])

    loaded = load_spec(path, environment={}, variables={})

    assert loaded.spec is not None or loaded.findings


def test_findings_call_the_file_as_the_user_does(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text("version: 2\n")

    loaded = load_spec(path, display="my/spec.yaml", environment={}, variables={})

    assert {finding.location.file for finding in loaded.findings} == {"my/spec.yaml"}


def test_findings_come_in_the_order_of_the_text() -> None:
    loaded = parse("tests: {prompts: []}\nname: [a]\nversion: 2\nseed: 1\nseed: 2\nmodel: m\n")
    lines = [finding.location.line for finding in loaded.findings]

    assert lines == sorted(lines, key=lambda line: line or 0)
    assert len(lines) == 6


def test_a_reference_without_a_value_gets_no_second_finding() -> None:
    loaded = parse(MINIMAL + "seed: ${env:GONE}\n")

    assert [finding.code for finding in loaded.findings] == ["FT116"]


def test_what_is_left_out_has_its_default() -> None:
    spec = spec_of("")

    assert spec.dataset == Dataset(train=("data.jsonl",))
    assert spec.method is Method.SUPERVISED
    assert spec.wait == Wait(timeout=6 * 3600, stall_after=30 * 60)
    assert spec.tests.prompts == ()
    assert spec.folder == Path("specs")


def test_plain_values_get_their_type_after_interpolation() -> None:
    extra = "seed: ${var:n}\nhyperparameters: {n_epochs: '${var:n}'}\n"

    loaded = parse(MINIMAL + extra, variables={"n": "7"})

    assert [(f.code, f.location.path) for f in loaded.findings] == [
        ("FT122", "hyperparameters.n_epochs")
    ]
    assert spec_of("seed: ${var:n}\n", variables={"n": "7"}).seed == 7


def test_validation_may_be_a_share_of_the_training_examples() -> None:
    text = MINIMAL + "  validation: {fraction: 0.1, seed: 7}\n"
    loaded = parse(text)

    assert loaded.spec is not None
    assert loaded.spec.dataset.validation == Fraction(0.1, seed=7)


def test_durations_are_seconds() -> None:
    spec = spec_of("wait: {timeout: 1h30m, stall_after: 90s}\n")

    assert spec.wait == Wait(timeout=5400, stall_after=90)


PROMPTS = """\
tests:
  repeat: 3
  request: {temperature: 0}
  prompts:
    - name: short
      system: Be brief.
      user: Hello
      expect:
        - one_of: [Hi, Hello]
        - not: {contains: sorry}
        - not: {not: {is_json: true}}
    - name: whole
      repeat: 5
      pass_at_least: 4
      messages: [{role: user, content: Hello}]
      expect: [{max_chars: 5}]
"""


def test_prompts_become_messages_and_assertions() -> None:
    short, whole = spec_of(PROMPTS).tests.prompts

    assert short.messages == (
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
    )
    assert short.expect == (
        Assertion("one_of", ("Hi", "Hello")),
        Assertion("contains", "sorry", negated=True),
        Assertion("is_json", value=True),
    )
    assert whole.messages == ({"role": "user", "content": "Hello"},)


def test_all_answers_must_pass_unless_fewer_are_asked_for() -> None:
    short, whole = spec_of(PROMPTS).tests.prompts

    assert (short.repeat, short.pass_at_least) == (3, 3)
    assert (whole.repeat, whole.pass_at_least) == (5, 4)


def test_the_source_points_into_the_text_for_later_checks() -> None:
    spec = spec_of("suffix: ${env:S}\n", environment={"S": "stories"})
    assert spec.source is not None

    finding = spec.source.finding("FT201", ("dataset", "train"), "no such file")

    assert str(finding.location) == "spec.yaml:6:10"
    assert spec.source.shown(("suffix",), spec.suffix) == "${env:S}"
    assert spec.source.shown(("name",), spec.name) == "'stories'"


SETS = """\
tests:
  sets:
    tickets:
      file: heldout.csv
      columns: {user: text, answer: label}
      sample: {count: 500, seed: 7}
      slices: [language]
      expect: [{any_of: [{equals: "{{item.answer}}"}, {refuses: true}]}]
  against: [{name: base, model: chat-name}, current, {model: gpt-4o, provider: azure}]
  gates:
    - {set: tickets, not_worse_than: gpt-4o, margin: 0.02}
    - {name: fast, latency_p95: 2}
    - {tokens_out_median: 100}
  undecided: [tickets, fast]
  run: {answers_from: 12h, max_cost: 2}
"""


def test_sets_gates_and_opponents_are_read() -> None:
    tests = spec_of(SETS).tests

    assert tests.sets["tickets"] == SetModel(
        name="tickets",
        file="heldout.csv",
        expect=(
            Assertion(
                "any_of", (Assertion("equals", "{{item.answer}}"), Assertion("refuses", value=True))
            ),
        ),
        columns={"user": "text", "answer": "label"},
        sample=Sample(500, 7),
        slices=("language",),
    )
    assert tests.against == (
        Opponent("base", "chat-name"),
        Opponent("current"),
        Opponent("gpt-4o", "gpt-4o", "azure"),
    )
    assert [gate.name for gate in tests.gates] == ["tickets", "fast", "tokens_out_median"]
    assert tests.gates[0].opponent == "gpt-4o"
    assert tests.undecided == ("tickets", "fast")
    assert (tests.run.answers_from, tests.run.max_cost) == (12 * 3600, 2)


@pytest.mark.parametrize(
    ("gates", "names"),
    [
        ("[{set: a, better_than: base}]", ["base"]),
        ("[{set: a, not_worse_than: current, margin: 0.1}, {set: a, at_least: 0.5}]", ["current"]),
        ("[{set: a, at_least: 0.5}]", []),
    ],
)
def test_models_that_gates_name_are_compared_with(gates: str, names: list[str]) -> None:
    sets = "{a: {file: a.csv, expect: [{refuses: true}]}}"

    tests = spec_of(f"tests: {{sets: {sets}, gates: {gates}}}\n").tests

    assert [opponent.name for opponent in tests.against] == names


# One document with every key of the schema, each unlike its default.
EVERY_KEY = """\
base_url: http://127.0.0.1:1/v1
api_key_env: SOME_KEY
suffix: captain
method: reinforcement
hyperparameters: {n_epochs: 2}
grader: {type: string_check, name: exact, operation: eq, input: a, reference: b}
seed: 7
metadata: {team: harbour}
integrations: [{type: wandb, wandb: {project: captain}}]
extra_headers: {x-project: captain}
extra_body: {extra: 1}
deployment: {sku: standard}
model_name: captain
missing: [metadata]
providers: {nebius: {seed: 8}}
allow_loss: [metadata]
budget: {max_cost: 5, max_tokens: 9, unchecked: allow}
prices: prices.yaml
wait: {timeout: 1h, stall_after: 1m}
notify: [TEAM_CHAT_URL]
tests:
  confidence: 0.9
  undecided: pass
  request: {temperature: 0}
  run: {concurrency: 2, requests_per_minute: 3, tokens_per_minute: 4, answers_from: 1d,
        max_cost: 5, unmeasured: 0.5}
  prompts: [{name: p, user: u, repeat: 3, pass_at_least: 2, expect: [{contains: x}]}]
  sets:
    s: {file: rows.jsonl, expect: [{contains: x}], columns: {user: a}, user: b, system: c,
        sample: {count: 3, seed: 4}, cluster: d, weigh: cluster, slices: [e], repeat: 2}
  against: [{name: other, model: m, provider: openai, base_url: "http://127.0.0.1:2",
             api_key_env: OTHER_KEY}]
  gates:
    - {name: g, set: s, better_than: other, by: 0.1, metric: macro_f1}
    - {name: h, set: s, not_worse_than: other, margin: 0.1}
    - {name: i, set: s, at_least: 0.5, point: true}
    - {name: j, latency_p50: 1}
    - {name: k, latency_p95: 1}
    - {name: l, cost_per_answer: 1}
    - {name: m, tokens_out_median: 1}
"""


def test_no_key_that_is_accepted_is_dropped() -> None:
    """Rules about keys together do not matter here: only what is built of each."""
    document = read_document(Source("spec.yaml", MINIMAL + EVERY_KEY), {}, {})
    assert isinstance(document, Document)
    assert check_structure(document) == []

    spec = build_spec(document, Path("spec.yaml"))

    tests = spec.tests
    parts = (spec, spec.budget, spec.wait, tests, tests.run, tests.prompts, tests.gates,
             tests.against, tuple(tests.sets.values()), tests.sets["s"].sample)  # fmt: skip
    assert [name for part in parts for name in at_their_defaults(part)] == ["findings"]


def at_their_defaults(part: Any) -> list[str]:
    """The fields that have their default, in all of `part` if it is several."""
    every = part if isinstance(part, tuple) else (part,)
    return [
        field.name
        for field in fields(every[0])
        if all(getattr(one, field.name) == default_of(field) for one in every)
    ]


def default_of(field: Any) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()
