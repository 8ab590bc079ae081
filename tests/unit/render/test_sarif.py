from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ftrunner.catalogue import explain
from ftrunner.findings import Finding, Location, Severity
from ftrunner.render.findings.sarif import as_document


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


# What the schema of SARIF 2.1.0 requires of the parts that are written here. The outputs of every
# odd file were also held to the whole schema once (sarif-2.1.0-rtm.5).
TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
SHAPE = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "additionalProperties": False,
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": ["id"],
                                            "properties": {
                                                "shortDescription": TEXT,
                                                "fullDescription": TEXT,
                                                "help": TEXT,
                                            },
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message"],
                            "additionalProperties": False,
                            "properties": {
                                "ruleId": {"type": "string"},
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": TEXT,
                                "locations": {"type": "array", "items": {"$ref": "#/$defs/place"}},
                            },
                        },
                    },
                },
            },
        },
    },
    "$defs": {
        "place": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "physicalLocation": {
                    "type": "object",
                    "required": ["artifactLocation"],
                    "additionalProperties": False,
                    "properties": {
                        "artifactLocation": {
                            "type": "object",
                            "properties": {"uri": {"type": "string", "pattern": "^[^\\s\\[\\]]*$"}},
                        },
                        "region": {
                            "type": "object",
                            "required": ["startLine"],
                            "additionalProperties": False,
                            "properties": {
                                "startLine": {"type": "integer", "minimum": 1},
                                "startColumn": {"type": "integer", "minimum": 1},
                            },
                        },
                    },
                },
                "logicalLocations": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {"fullyQualifiedName": {"type": "string"}},
                    },
                },
            },
        }
    },
}


@given(
    st.lists(
        st.builds(
            Finding,
            code=st.sampled_from(["FT211", "FT224", "FT999"]),
            message=st.text(max_size=20),
            location=st.builds(
                Location,
                file=st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=20),
                line=st.none() | st.integers(1, 10**7),
                column=st.none() | st.integers(1, 10**7),
                path=st.sampled_from(["", "messages[2].role"]),
            ),
            hint=st.none() | st.text(max_size=20),
            severity=st.sampled_from(Severity),
        ),
        max_size=4,
    )
)
def test_every_document_has_the_shape_of_sarif(findings: list[Finding]) -> None:
    document = as_document(findings, version="1", explain=explain)

    assert list(Draft202012Validator(SHAPE).iter_errors(document)) == []
    [run] = document["runs"]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in run["results"]} == rules
