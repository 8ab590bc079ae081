from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ftrunner import catalogue
from ftrunner.dataset.formats import Format
from ftrunner.dataset.lines.conversation import Example
from ftrunner.dataset.lines.faults import Fault, bounded
from ftrunner.dataset.lines.images import LARGEST_IMAGE
from ftrunner.dataset.lines.rules import RULES, apply
from ftrunner.findings import Severity

CASES = Path(__file__).parents[2] / "cases" / "data" / "refused"
# Shown elsewhere: these need a spec, a profile, tokens, or a file too large to keep.
ELSEWHERE = {
    *("FT201", "FT202", "FT204", "FT207", "FT208", "FT209", "FT213"),
    *("FT230", "FT231", "FT242", "FT252", "FT253", "FT256", "FT257", "FT272"),
}


def conversation(**answer: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", **answer}]
    return {"messages": messages}


def found(line: dict[str, Any], severities: dict[str, Severity] | None = None) -> list[Fault]:
    return list(apply(RULES, Example(line, Format.CHAT), severities or {}))


def test_the_table_has_each_code_once_in_order_with_a_hint_and_a_source() -> None:
    codes = [rule.code for rule in RULES]

    assert codes == sorted(set(codes))
    assert all(rule.hint and rule.source and rule.formats for rule in RULES)


def test_what_no_provider_checks_is_not_an_error() -> None:
    care = [rule for rule in RULES if "no provider checks" in rule.source]

    assert {"FT241", "FT281"} <= {rule.code for rule in care}
    assert all(rule.severity is not Severity.ERROR for rule in care)


def test_every_code_of_data_is_shown_by_a_case() -> None:
    cases = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in CASES.glob("*.yaml")]
    shown = {expected.split()[0] for case in cases for expected in case["expect"]}
    all_codes = {code for code in catalogue.codes() if code.startswith("FT2")}

    assert shown | ELSEWHERE == all_codes
    assert not shown & ELSEWHERE


def test_a_severity_can_be_raised_and_lowered() -> None:
    line = conversation(content=" ")

    assert [fault.severity for fault in found(line)] == [Severity.WARNING]
    assert [fault.severity for fault in found(line, {"FT241": Severity.NOTE})] == [Severity.NOTE]


def test_an_image_beyond_the_limit_is_an_error() -> None:
    url = "data:image/png;base64," + "A" * (LARGEST_IMAGE * 4 // 3 + 8)
    line = conversation(content="A whale.")
    line["messages"][0]["content"] = [{"type": "image_url", "image_url": {"url": url}}]

    assert [fault.code for fault in found(line)] == ["FT272"]


@pytest.mark.parametrize(
    "secret", ["sk-" + "abcd1234" * 4, "AKIA" + "ABCDEFGH12345678", "jane.doe@whales.net"]
)
def test_what_must_not_be_repeated_is_masked(secret: str) -> None:
    [fault] = found(conversation(content=f"It is {secret}."))

    assert fault.code in {"FT262", "FT263"}
    assert secret not in fault.message
    assert secret[:4] in fault.message


def test_only_so_many_faults_of_a_code_are_kept() -> None:
    faults = [Fault(code, "", line=line) for line in range(5) for code in ("FT1", "FT2")]

    kept = bounded(faults, 2)

    assert [(fault.code, fault.line) for fault in kept] == [
        ("FT1", 0),
        ("FT2", 0),
        ("FT1", 1),
        ("FT2", 1),
    ]
