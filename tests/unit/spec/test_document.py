from __future__ import annotations

import tracemalloc

from tests.unit.spec.loading import MINIMAL, parse

TEXT = "x" * 400_000


def repeating(text: str, count: int) -> str:
    expect = "expect: [{min_chars: 1}]"
    first = f'    - {{name: first, user: &a "{text}", {expect}}}\n'
    others = "".join(f"    - {{name: p{n}, user: *a, {expect}}}\n" for n in range(count))
    return f"{MINIMAL}tests:\n  prompts:\n{first}{others}"


def test_values_are_bounded_where_aliases_repeat_what_a_reference_grew_to() -> None:
    tracemalloc.start()
    findings = parse(repeating("${env:U:-" + TEXT + "}", 1500)).findings
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [finding.code for finding in findings] == ["FT109"]
    assert peak < 30_000_000


def test_a_text_without_references_counts_wherever_it_is_repeated() -> None:
    assert [finding.code for finding in parse(repeating(TEXT, 1500)).findings] == ["FT109"]


def test_a_few_repetitions_do_no_harm() -> None:
    assert parse(repeating("${env:U:-short}", 20)).findings == ()
