from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.document.interpolate import MAX_LENGTH, Expansion, Interpolator

ENVIRONMENT = {"MODEL": "gpt-x", "EMPTY": "", "DOLLAR": "${env:MODEL}", "BYTES": "\udcff"}
VARIABLES = {
    "plain": "p",
    "empty": "",
    "nested": "<${var:plain}>",
    "secret": "<${env:MODEL}>",
    "self": "${var:self}",
    "a": "${var:b}",
    "b": "${var:c}",
    "c": "${var:a}",
}

names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)


def expand(text: str) -> Expansion:
    return Interpolator(ENVIRONMENT, VARIABLES).expand(text)


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("no reference", "no reference"),
        ("${env:MODEL}", "gpt-x"),
        ("a-${env:MODEL}-${var:plain}", "a-gpt-x-p"),
        ("${var:nested}", "<p>"),
        ("${env:GONE:-x}", "x"),
        ("${env:EMPTY:-x}", "x"),
        ("${env:EMPTY}", ""),
        ("${env:MODEL:-x}", "gpt-x"),
        ("${var:gone:-}", ""),
        ("${var:empty}", ""),
        ("${var:gone:-a:-b}", "a:-b"),
        ("$${env:MODEL}", "${env:MODEL}"),
        ("$$${env:MODEL}", "$${env:MODEL}"),
        ("$5 and $ and {}", "$5 and $ and {}"),
        ("${env:DOLLAR}", "${env:MODEL}"),
    ],
)
def test_references_are_replaced(text: str, expanded: str) -> None:
    expansion = expand(text)

    assert expansion.text == expanded
    assert expansion.faults == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("${HOME}", "FT115"),
        ("${env:}", "FT115"),
        ("${env:A B}", "FT115"),
        ("${file:x}", "FT115"),
        ("${env:MODEL", "FT115"),
        ("${env:GONE:-${var:plain}}", "FT115"),
        ("${env:GONE}", "FT116"),
        ("${env:BYTES}", "FT116"),
        ("${var:gone}", "FT117"),
        ("${var:self}", "FT118"),
    ],
)
def test_a_reference_without_a_value_is_a_fault(text: str, code: str) -> None:
    assert [fault.code for fault in expand(text).faults] == [code]


def test_every_fault_of_a_text_is_reported() -> None:
    faults = expand("${env:GONE} ${HOME} ${var:gone}").faults

    assert [fault.code for fault in faults] == ["FT116", "FT115", "FT117"]


def test_a_near_name_is_suggested() -> None:
    (fault,) = expand("${env:MODLE}").faults

    assert fault.message == "the environment variable MODLE is not set; did you mean 'MODEL'?"


def test_a_circle_is_named_from_where_it_is_entered() -> None:
    (fault,) = expand("${var:b}").faults

    assert fault.message.endswith("in a circle: b → c → a → b")


@pytest.mark.parametrize(
    ("text", "is_secret"),
    [
        ("${env:MODEL}", True),
        ("x${env:MODEL}", True),
        ("${var:secret}", True),
        ("${env:GONE:-x}", False),
        ("${var:nested}", False),
        ("$${env:MODEL}", False),
    ],
)
def test_what_the_environment_gave_is_remembered(text: str, is_secret: bool) -> None:
    assert expand(text).is_secret is is_secret


def test_variables_that_double_each_other_end_soon() -> None:
    variables = {f"v{n}": f"${{var:v{n + 1}}}" * 2 for n in range(60)} | {"v60": "x" * 100}
    expansion = Interpolator({}, variables).expand("${var:v0}")

    assert "FT115" in {fault.code for fault in expansion.faults}
    assert len(expansion.text) <= MAX_LENGTH


@given(st.text())
def test_escaped_text_is_itself(text: str) -> None:
    expansion = Interpolator({}, {}).expand(text.replace("${", "$${"))

    assert expansion.text == text
    assert expansion.faults == ()


@given(names, st.text(st.characters(codec="utf-8"), min_size=1))
def test_an_environment_value_is_taken_as_it_is(name: str, value: str) -> None:
    assert Interpolator({name: value}, {}).expand(f"${{env:{name}}}") == Expansion(value, (value,))


@given(st.text(st.sampled_from("${}:-envar AB"), max_size=40), st.dictionaries(names, st.text()))
def test_no_text_raises(text: str, variables: dict[str, str]) -> None:
    expansion = Interpolator({"A": "x"}, {**variables, "B": text}).expand(text)

    assert isinstance(expansion.text, str)
