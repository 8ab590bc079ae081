from __future__ import annotations

import pytest

from ftrunner.document.source import Source
from ftrunner.document.tree import MAX_DEPTH, MAX_VALUES, read_tree
from ftrunner.findings import Finding


def code_of(text: str) -> str | None:
    read = read_tree(Source("spec.yaml", text))
    return read.code if isinstance(read, Finding) else None


def finding_of(text: str) -> Finding:
    read = read_tree(Source("spec.yaml", text))
    assert isinstance(read, Finding)
    return read


def aliases(levels: int) -> str:
    """Each level repeats the one before it ten times."""
    lines = ["l0: &l0 [x]"]
    for level in range(1, levels + 1):
        lines.append(f"l{level}: &l{level} [{', '.join([f'*l{level - 1}'] * 10)}]")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: {b: 1", "FT106"),
        ("a: b: c", "FT106"),
        ("a: 'b", "FT106"),
        ("%", "FT106"),
        ("a:\n\tb: 1", "FT107"),
        ("a:\n  b: 1\n\tc: 2", "FT107"),
        ("[" * 50_000, "FT108"),
        ("{" * 50_000, "FT108"),
        ("- " * 50_000, "FT108"),
        ("? " * 50_000, "FT108"),
        ("[\n" * 50_000, "FT108"),
        ("a: " + "{a: " * 50_000, "FT108"),
        ("".join(" " * depth + "a:\n" for depth in range(1_200)), "FT108"),
        ("- " * 90 + "[" * 50_000, "FT108"),
        ("é: 蓝鲸\r\nb: " + "[" * 50_000, "FT108"),
        # The scanner meets the stray character before the brackets become events.
        ("[" * (MAX_DEPTH + 1) + "@", "FT108"),
        ("[" * MAX_DEPTH + "@", "FT106"),
        ("a: *b", "FT109"),
        ("a: &a [*a]", "FT109"),
        (aliases(40), "FT109"),
        ("a: 1\n---\nb: 2", "FT110"),
        ("a: !!str 1", "FT111"),
        ("a: !env X", "FT111"),
        ("a: !!python/object/apply:os.system [date]", "FT111"),
        ("# nothing\n", "FT103"),
    ],
)
def test_what_bears_no_tree_is_a_finding(text: str, code: str) -> None:
    assert code_of(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "a: 1",
        "a: &a [1, 2]\nb: *a\nc: [*a, *a]",
        "a: &a 1\nb: *a",
        "a: |\n  in a text\n  \ta tab is not indentation\n",
        "a: [1,\t2]",
        "---\na: 1\n...\n",
        "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1),
        aliases(3),
    ],
)
def test_what_bears_a_tree_passes(text: str) -> None:
    assert code_of(text) is None


def test_values_are_counted_with_aliases_expanded() -> None:
    thousand = f"a: &a [{', '.join(['x'] * 998)}]\n"
    most = MAX_VALUES // 1_000 - 1

    assert code_of(f"{thousand}b: [{', '.join(['*a'] * most)}]") is None
    assert code_of(f"{thousand}b: [{', '.join(['*a'] * (most + 2))}]") == "FT109"


def test_a_missing_colon_is_shown_where_it_is_missing() -> None:
    finding = finding_of("version: 1\nname stories\nmodel: x")

    assert str(finding.location) == "spec.yaml:2:1"


@pytest.mark.parametrize("text", ["{", "{\n", "name: {\n\n"])
def test_a_syntax_fault_at_the_end_speaks_of_no_line_after_it(text: str) -> None:
    finding = finding_of(text)

    assert (finding.location.line, "on line" in finding.message) == (1, False)
