"""No folder, module or function grows past what a reader takes in, and no module is dust."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST_IN_A_FOLDER = 14
MOST_SMALL = 25  # modules in both packages
SMALL = 40  # lines
LONGEST_MODULE = 350
LONGEST_FUNCTION = 40
# A family has one module for each of its members, however many there are.
FAMILIES = {"ftrunner/cli/commands", "mockserver/dialects"}
MODULES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for package in ("ftrunner", "mockserver")
    for path in sorted((ROOT / package).rglob("*.py"))
    if path.name != "__init__.py"
}
BRANCHES = (ast.If, ast.For, ast.While, ast.Try, ast.Match, ast.IfExp, ast.BoolOp)


def folder(module: str) -> str:
    return module.rpartition("/")[0]


def lines(module: str) -> int:
    return MODULES[module].count("\n")


def long_functions(text: str) -> Iterator[str]:
    """Functions over the limit; one without a branch is a table, which may be longer."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION and any(isinstance(n, BRANCHES) for n in ast.walk(node)):
                yield f"{node.name}: {length} lines"


def test_no_folder_has_more_modules_than_a_reader_takes_in() -> None:
    counts = Counter(map(folder, MODULES))

    print("largest folders:", counts.most_common(5))
    crowded = {name: n for name, n in counts.items() if n > MOST_IN_A_FOLDER}
    assert {name: n for name, n in crowded.items() if name not in FAMILIES} == {}


def test_few_modules_are_tiny() -> None:
    small = [m for m in MODULES if lines(m) <= SMALL and folder(m) not in FAMILIES]

    print(f"{len(small)} modules have {SMALL} lines or fewer")
    assert len(small) <= MOST_SMALL, small


def test_no_module_is_long() -> None:
    assert {module for module in MODULES if lines(module) > LONGEST_MODULE} == set()


def test_no_function_is_long() -> None:
    found = {module: list(long_functions(text)) for module, text in MODULES.items()}

    assert {module: names for module, names in found.items() if names} == {}


def test_a_long_function_with_a_branch_is_found_and_a_long_table_is_not() -> None:
    rows = "".join(f"    x = {n}\n" for n in range(LONGEST_FUNCTION))
    table, branch = f"def table():\n{rows}", f"def branch():\n{rows}    return 1 if x else 2\n"

    assert list(long_functions(table + branch)) == [f"branch: {LONGEST_FUNCTION + 2} lines"]
