from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.document.source import KeyPath, Source
from ftrunner.document.tree import Leaf, Parsed, Tree, read_tree
from ftrunner.findings import Excerpt, Finding
from ftrunner.text import ODD_SPACES

texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters=ODD_SPACES),
    min_size=1,
    max_size=12,
)
values: st.SearchStrategy[Any] = st.recursive(
    texts | st.integers() | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def tree_of(source: Source) -> Parsed:
    parsed = read_tree(source)
    assert isinstance(parsed, Parsed)
    return parsed


def walk(tree: Tree, path: KeyPath = ()) -> list[tuple[KeyPath, Leaf]]:
    if isinstance(tree, dict):
        return [leaf for key, value in tree.items() for leaf in walk(value, (*path, key))]
    if isinstance(tree, list):
        return [leaf for index, item in enumerate(tree) for leaf in walk(item, (*path, index))]
    return [(path, tree)]


@given(st.dictionaries(texts, values, min_size=1), st.booleans(), st.booleans())
def test_every_mark_leads_to_its_value_and_key(
    content: dict[str, Any], flow: bool, quoted: bool
) -> None:
    text = yaml.safe_dump(
        content,
        default_flow_style=flow,
        default_style='"' if quoted else None,
        allow_unicode=True,
        width=10**9,
    )
    if "<<" in text or "? " in text or "!!" in text:
        return
    parsed = tree_of(Source("spec.yaml", text))

    assert parsed.findings == ()
    for path, leaf in walk(parsed.root):
        assert scalar_at(parsed.source.excerpt(path)) == leaf.text
        if isinstance(path[-1], str):
            assert scalar_at(parsed.source.excerpt(path, at="key")) == path[-1]


def scalar_at(excerpt: Excerpt | None) -> str:
    """What YAML reads in the marked part of a line."""
    assert excerpt is not None
    start = excerpt.column - 1
    node = yaml.compose(excerpt.text[start : start + excerpt.length], Loader=yaml.CSafeLoader)
    assert isinstance(node, yaml.ScalarNode)
    return str(node.value)


def test_keys_are_text_whatever_they_look_like() -> None:
    parsed = tree_of(Source("spec.yaml", "1: a\non: b\nnull: c\n"))

    assert isinstance(parsed.root, dict)
    assert list(parsed.root) == ["1", "on", "null"]


def test_of_a_repeated_key_the_first_stays_and_the_second_is_a_finding() -> None:
    parsed = tree_of(Source("spec.yaml", "a: 1\nb: {c: 2, c: 3}\na: 4\n"))

    assert parsed.root == {"a": Leaf("1", plain=True), "b": {"c": Leaf("2", plain=True)}}
    assert [(f.code, str(f.location)) for f in parsed.findings] == [
        ("FT112", "spec.yaml:2:11"),
        ("FT112", "spec.yaml:3:1"),
    ]


def test_merge_keys_and_keys_that_are_lists_are_findings() -> None:
    parsed = tree_of(Source("spec.yaml", "<<: {a: 1}\n? [1, 2]\n: 3\n"))

    assert parsed.root == {}
    assert [finding.code for finding in parsed.findings] == ["FT111", "FT111"]


def test_an_alias_repeats_the_value_at_each_place() -> None:
    parsed = tree_of(Source("spec.yaml", "a: &a [x]\nb: *a\n"))

    assert isinstance(parsed.root, dict)
    assert parsed.root["a"] == parsed.root["b"] == [Leaf("x", plain=True)]
    assert parsed.source.locate(("b",), at="key").line == 2


def test_lines_break_where_yaml_breaks_them() -> None:
    parsed = tree_of(Source("spec.yaml", "a: 1\r\nb: 2\u2028c: 3\x85d: 4\re: 5"))

    for number, key in enumerate("abcde", start=1):
        assert parsed.source.locate((key,)).line == number
        assert parsed.source.excerpt((key,)) == Excerpt(f"{key}: {number}", 4, 1)


def test_an_alias_may_be_a_key() -> None:
    parsed = tree_of(Source("spec.yaml", "a: &a name\n*a : x\n"))

    assert parsed.root == {"a": Leaf("name", plain=True), "name": Leaf("x", plain=True)}
    assert parsed.source.locate(("name",)).line == 2


def test_what_is_left_out_may_be_repeated() -> None:
    parsed = tree_of(Source("spec.yaml", "a: 1\na: &b {c: 2}\nd: *b\n"))

    assert parsed.root == {"a": Leaf("1", plain=True), "d": {"c": Leaf("2", plain=True)}}
    assert [finding.code for finding in parsed.findings] == ["FT112"]


def test_a_fault_in_a_repeated_value_is_found_once() -> None:
    parsed = tree_of(Source("spec.yaml", "a: &a {b: 1, b: 2}\nc: [*a, *a]\n"))

    assert [str(finding.location) for finding in parsed.findings] == ["spec.yaml:1:14"]


FULL = Path("specs/full.yaml").read_text(encoding="utf-8")
SLIPS = st.sampled_from([*" \n:-{}[]\"'#&*!|>%@`,?$\\x", ""])


@given(
    st.lists(st.tuples(st.integers(0, len(FULL) - 1), SLIPS), min_size=1, max_size=3),
    st.booleans(),
)
def test_a_slip_of_the_pen_has_its_place_and_a_hint(
    slips: list[tuple[int, str]], replaces: bool
) -> None:
    text = FULL
    for place, sign in slips:
        text = text[:place] + sign + text[place + (replaces or not sign) :]

    found = read_tree(Source(text=text, file="spec.yaml"))

    if isinstance(found, Finding):
        line, column = found.location.line or 0, found.location.column or 0
        assert found.hint
        assert column <= len(text.split("\n")[line - 1]) + 1


def test_a_text_of_signs_alone_is_read_soon() -> None:
    for sign in " :-{[\"'#&*!|>%,?\\":
        text = f"a: b\n  {sign * 100_000} x: y: z\n"
        assert isinstance(read_tree(Source(text=text, file="spec.yaml")), Finding | Parsed)
