"""The formula of a multi grader: arithmetic over named scores."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping

MAX_LENGTH = 2000

_OPERATORS: dict[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_FUNCTIONS: dict[str, Callable[..., float]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "floor": math.floor,
    "ceil": math.ceil,
    "exp": math.exp,
    "sqrt": math.sqrt,
    "log": math.log,
}


class FormulaError(ValueError):
    """A formula that cannot be parsed or evaluated."""


def evaluate(formula: str, scores: Mapping[str, float]) -> float:
    """The value of `formula`, whose names are scores."""
    if len(formula) > MAX_LENGTH:
        raise FormulaError(f"the formula is longer than {MAX_LENGTH} characters")
    try:
        value = _value(ast.parse(formula.strip(), mode="eval").body, scores)
    except (SyntaxError, ValueError, ArithmeticError, TypeError, RecursionError) as error:
        raise FormulaError(f"{formula!r}: {error}") from None
    if not math.isfinite(value):
        raise FormulaError(f"{formula!r} has no finite value")
    return float(value)


def _value(node: ast.AST, scores: Mapping[str, float]) -> float:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return float(str(node.value))
    if isinstance(node, ast.Name) and node.id in scores:
        return scores[node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _value(node.left, scores), _value(node.right, scores)
        return _OPERATORS[type(node.op)](left, right)
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.operand, scores))
    if isinstance(node, ast.Call) and not node.keywords:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in _FUNCTIONS:
            return _FUNCTIONS[name](*(_value(each, scores) for each in node.args))
    raise ValueError(f"{ast.unparse(node)} is not allowed here")
