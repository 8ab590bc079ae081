from __future__ import annotations

import re
from pathlib import Path

import pytest

from ftrunner import catalogue

PACKAGE = Path(catalogue.__file__).parent
CODE = re.compile(r'"(FT[1-5]\d\d)"')


def used() -> set[str]:
    """The codes in the code, of the groups that the catalogue has begun (FT1, FT2, …)."""
    begun = {code[:3] for code in catalogue.codes()}
    found = {code for path in PACKAGE.rglob("*.py") for code in CODE.findall(path.read_text())}
    return {code for code in found if code[:3] in begun}


def test_codes_are_sorted_and_well_formed() -> None:
    assert list(catalogue.codes()) == sorted(catalogue.codes())
    assert all(re.fullmatch(r"FT[1-5]\d\d", code) for code in catalogue.codes())


@pytest.mark.parametrize("code", sorted(used()))
def test_every_code_in_use_is_explained(code: str) -> None:
    assert catalogue.explain(code) is not None


@pytest.mark.parametrize("code", catalogue.codes())
def test_an_explanation_is_whole(code: str) -> None:
    explanation = catalogue.explain(code)

    assert explanation is not None
    assert all((explanation.title, explanation.cause, explanation.fix, explanation.example))


def test_every_code_of_the_spec_is_in_use() -> None:
    assert {code for code in catalogue.codes() if code < "FT200"} <= used()


def test_a_code_may_be_asked_for_in_small_letters() -> None:
    assert catalogue.explain("ft101") == catalogue.explain("FT101")
    assert catalogue.explain("FT000") is None
