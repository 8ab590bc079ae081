from __future__ import annotations

from ftrunner.catalogue import explain
from ftrunner.diagnostics import Finding, Location, Severity
from ftrunner.render.sarif import as_document


def test_a_finding_is_a_result_with_a_rule() -> None:
    finding = Finding(
        "FT211", "not JSON", Location("my data.jsonl", 7, 3, "a.b"), "fix it", Severity.NOTE
    )

    [run] = as_document([finding, finding], version="1.2", explain=explain)["runs"]

    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("ftrunner", "1.2")
    assert [rule["id"] for rule in driver["rules"]] == ["FT211"]
    assert driver["rules"][0]["shortDescription"]["text"]
    assert run["results"][0] == {
        "ruleId": "FT211",
        "level": "note",
        "message": {"text": "not JSON (fix it)"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "my%20data.jsonl"},
                    "region": {"startLine": 7, "startColumn": 3},
                },
                "logicalLocations": [{"fullyQualifiedName": "a.b"}],
            }
        ],
    }


def test_a_finding_about_a_whole_file_has_no_region() -> None:
    finding = Finding("FT000", "odd", Location("a.jsonl"))

    [run] = as_document([finding], version="1", explain=lambda _: None)["runs"]

    assert run["tool"]["driver"]["rules"] == [{"id": "FT000"}]
    assert run["results"][0]["locations"] == [
        {"physicalLocation": {"artifactLocation": {"uri": "a.jsonl"}}}
    ]
