"""One public class name, one thing: within ftrunner a reader finds each name once."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "ftrunner"
# These are older than the rule. The list may only shrink: rename one, and remove it here.
TWICE = {
    "Call",
    "Cause",
    "Check",
    "Confusion",
    "Document",
    "Fault",
    "Form",
    "Judge",
    "Kind",
    "Line",
    "Loaded",
    "Measured",
    "Noted",
    "Pace",
    "Parsed",
    "Part",
    "Path",
    "Point",
    "Price",
    "Progress",
    "Record",
    "Report",
    "Row",
    "Rule",
    "Sample",
    "Scalar",
    "Source",
    "Span",
    "Stream",
    "Tested",
    "Values",
}


def class_names(text: str) -> Iterator[str]:
    """The public classes of a module, and its names for types (`Path = tuple[...]`)."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        else:
            names = []
        yield from (name for name in names if name[0].isupper() and not name.isupper())


def test_no_other_class_name_exists_twice() -> None:
    modules = (path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    counts = Counter(name for text in modules for name in set(class_names(text)))

    assert {name for name, n in counts.items() if n > 1} == TWICE


def test_classes_and_names_for_types_are_found() -> None:
    text = "class Row: ...\nCells = tuple[str, ...]\nMOST = 3\n_Own = str\nrow = Row()\n"

    assert list(class_names(text)) == ["Row", "Cells"]
