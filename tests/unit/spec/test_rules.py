from __future__ import annotations

import pytest

from ftrunner.urls import is_loopback, url_fault
from tests.unit.spec.loading import MINIMAL, codes_of, parse


def prompts(*items: str) -> str:
    return "tests:\n  prompts:\n" + "".join(f"    - {item}\n" for item in items)


def testing(*keys: str) -> str:
    sets = "sets: {a: {file: a.csv, expect: [{refuses: true}]}}"
    return f"tests: {{{', '.join((sets, *keys))}}}\n"


def gates(*items: str) -> str:
    return testing(f"gates: [{', '.join(items)}]")


def asked(keys: str) -> str:
    return f"tests: {{sets: {{a: {{file: a.csv, {keys}}}}}}}\n"


def expecting(*items: str) -> str:
    return prompts(f"{{name: a, user: Hi, expect: [{', '.join(items)}]}}")


def measured(expectation: str, metric: str) -> str:
    gate = f"gates: [{{set: a, metric: {metric}, at_least: 0.5}}]"
    return f"tests: {{sets: {{a: {{file: a.csv, expect: [{expectation}]}}}}, {gate}}}\n"


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        ("method: reinforcement\n", "FT130"),
        ("method: dpo\ngrader: {type: string_check}\n", "FT130"),
        ("grader: {type: string_check}\n", "FT130"),
        ("base_url: https://me:pw@example.com/v1\n", "FT132"),
        ("hyperparameters: {beta: 0.1}\n", "FT133"),
        ("method: dpo\nhyperparameters: {eval_samples: 2}\n", "FT133"),
        ("metadata: {ftrunner_run: x}\n", "FT134"),
        (prompts(*["{name: a, user: Hi, expect: [{contains: x}]}"] * 2), "FT135"),
        (prompts("{name: a, expect: [{contains: x}]}"), "FT136"),
        (prompts("{name: a, user: x, messages: [{role: user}], expect: [{equals: x}]}"), "FT136"),
        (prompts("{name: a, system: x, messages: [{role: user}], expect: [{equals: x}]}"), "FT136"),
        (expecting("{matches: '('}"), "FT137"),
        (expecting("{not: {matches: '('}}"), "FT137"),
        (expecting("{matches: 'a{99999999999999999999}'}"), "FT137"),
        (expecting("{json_schema: {type: strng}}"), "FT138"),
        (expecting("{not: {json_schema: {pattern: '('}}}"), "FT138"),
        (expecting("{json_schema: {$ref: 'https://example.com/s.json'}}"), "FT138"),
        (f"{expecting('{equals: x}')}  pass_at_least: 2\n", "FT139"),
        (prompts("{name: a, user: x, pass_at_least: 2, expect: [{equals: x}]}"), "FT139"),
        ("extra_headers: {authorization: '${env:A}'}\n", "FT140"),
        (expecting("{min_chars: 9}", "{max_chars: 8}"), "FT141"),
        ("extra_body: {model: x}\n", "FT144"),
        (f"{expecting('{equals: x}')}  request: {{stream: true}}\n", "FT145"),
        (expecting("{number: {is: twelve}}"), "FT146"),
        (gates("{set: a}"), "FT151"),
        (gates("{at_least: 0.5}"), "FT151"),
        (gates("{set: a, better_than: base, latency_p50: 1}"), "FT151"),
        (gates("{set: a, at_least: 0.5, by: 0.1}"), "FT151"),
        (gates("{set: b, at_least: 0.5}"), "FT152"),
        (gates("{set: a, better_than: gpt-4o}"), "FT152"),
        (testing("against: [base]", "gates: [{set: a, better_than: current}]"), "FT152"),
        (testing("undecided: [a]"), "FT152"),
        (gates("{set: a, not_worse_than: base}"), "FT153"),
        (gates("{set: a, not_worse_than: base, margin: 0.0}"), "FT153"),
        (expecting("{similar: {to: '{{ item.answer }}', at_least: 0.5}}"), "FT154"),
        (gates("{set: a, not_worse_than: current, margin: 0.1}"), "FT155"),
        (asked("expect: [{refuses: true}], weigh: cluster"), "FT156"),
        ("tests: {}\n", "FT157"),
        (asked("expect: [{refuses: true}], system: a, columns: {system: b}"), "FT158"),
        (testing("against: [{model: m}, {name: m, model: n}]"), "FT159"),
        (testing("against: [{model: m, base_url: 'https://me:pw@example.com'}]"), "FT132"),
        (asked("expect: [{refuses: true}], user: '{{text}}'"), "FT160"),
        (asked("expect: [{not: {equals: '{{item.answer'}}]"), "FT160"),
        (asked("expect: [{label: {in: [a, b], is: '{{answer}}'}}]"), "FT160"),
        (gates("{set: a, metric: accuracy, at_least: 0.5}"), "FT161"),
        (gates("{set: a, metric: fields.total, better_than: base}"), "FT161"),
        (measured("{any_of: [{label: {in: [x, y], is: x}}]}", "macro_f1"), "FT161"),
        (measured("{label: {in: [x, y], is: x}}", "recall.z"), "FT161"),
        (measured("{fields: {of: '{}', keys: {total: equals}}}", "fields.sum"), "FT161"),
        (
            prompts("{name: a, user: Hi, expect: [{equals: x}]}") + "  gates: [{latency_p50: 1}]\n",
            "FT161",
        ),
    ],
)
def test_what_no_schema_can_say_is_a_finding(extra: str, code: str) -> None:
    assert codes_of(extra, environment={"A": "x"}) == [code]


@pytest.mark.parametrize(
    "extra",
    [
        "method: reinforcement\ngrader: {type: string_check}\n",
        "method: dpo\nhyperparameters: {beta: 0.1, n_epochs: auto}\n",
        "hyperparameters: {learning_rate: 0.00001, lora: true}\n",
        "base_url: http://127.0.0.1:8080/v1\n",
        "extra_headers: {x-gateway: a}\nextra_body: {trainingType: globalstandard}\n",
        "metadata: {team: stories}\n",
        prompts("{name: a, user: x, repeat: 3, pass_at_least: 3, expect: [{equals: x}]}"),
        expecting("{min_chars: 8}", "{max_chars: 8}", "{not: {min_chars: 99}}"),
        expecting("{equals: '{{name}}'}"),
        gates("{set: a, better_than: base, by: 0.02, metric: score}", "{latency_p95: 2}"),
        gates("{set: a, not_worse_than: current, margin: 0.1}", "{set: a, better_than: base}"),
        testing("gates: [{latency_p95: 2}]", "undecided: [latency_p95]"),
        asked("user: 'Sort {{ item.text }}', expect: [{matches: '^{{item.answer}}$'}]"),
        asked("expect: [{label: {in: [a, b], is: '{{item.answer}}'}}]"),
        asked("expect: [{number: {is: '{{item.n}}'}}]"),
        asked("expect: [{fields: {of: '{{item.a}}', keys: {a: equals}}}]"),
        expecting("{json_schema: {$ref: '#/$defs/a', $defs: {a: {type: object}}}}"),
        expecting("{json_schema: true}"),
    ],
)
def test_what_fits_together_passes(extra: str) -> None:
    assert codes_of(extra) == []


def test_a_spec_without_provider_and_address_is_a_finding() -> None:
    without = MINIMAL.replace("provider: openai\n", "")

    assert [finding.code for finding in parse(without).findings] == ["FT131"]
    assert parse(f"{without}base_url: https://example.com/v1\n").findings == ()


def test_rules_pass_over_what_the_schema_refused() -> None:
    extra = expecting("{matches: 4}", "{max_chars: x}", "{min_chars: 9}", "nonsense")

    assert set(codes_of(extra)) == {"FT122"}


def test_a_fault_in_one_prompt_hides_none_in_another() -> None:
    extra = prompts(
        "{name: 4, user: Hi, expect: [{equals: x}]}",
        "{name: a, user: Hi, expect: [{matches: '('}]}",
    )

    assert codes_of(extra) == ["FT122", "FT137"]


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://host/v1", "host/v1", "https://", "http://a b/v1", "https://[::1/v1"),
        *("https://host:99999/v1", "https://me:pw@host/v1", "https://host/v1?x=1", ""),
    ],
)
def test_no_base_url_looks_like_this(url: str) -> None:
    assert url_fault(url) is not None


@pytest.mark.parametrize(
    "url",
    [
        *("https://api.openai.com/v1", "https://host:8443/openai/v1/", "http://localhost:1/v1"),
        *("http://127.0.0.1:8080/v1", "http://[::1]:8080/v1", "http://host/v1"),
    ],
)
def test_a_base_url_looks_like_this(url: str) -> None:
    assert url_fault(url) is None


def test_loopback_is_this_machine_by_name_or_number() -> None:
    assert all(map(is_loopback, ("localhost", "LOCALHOST", "127.0.0.1", "::1")))
    assert not any(map(is_loopback, ("10.0.0.1", "192.168.0.1", "example.com", "")))


@pytest.mark.parametrize(
    ("expectation", "metric"),
    [
        ("{label: {in: [x, y], is: x}}", "macro_f1"),
        ("{label: {in: [x, y], is: x}}", "precision.y"),
        ("{all_of: [{label: {in: [x, y], is: x}}, {max_chars: 9}]}", "recall.x"),
        ("{fields: {of: '{}', keys: {a.b: equals}}}", "fields.a.b"),
        ("{contains: x}", "score"),
    ],
)
def test_metrics_that_the_expectations_measure(expectation: str, metric: str) -> None:
    assert codes_of(measured(expectation, metric)) == []
