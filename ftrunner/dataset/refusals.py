"""Why a line that its schema refuses is not of the format wanted: it is another, or has faults."""

from __future__ import annotations

from collections.abc import Iterator

from ftrunner.dataset.edit.convert import why_not
from ftrunner.dataset.foreign import shapes
from ftrunner.dataset.foreign.shapes import Shape
from ftrunner.dataset.formats import Format, looks_like
from ftrunner.dataset.lines import explain
from ftrunner.dataset.lines.conversation import Line
from ftrunner.dataset.lines.faults import Fault
from ftrunner.dataset.lines.forms import Form


def refusals(line: Line, form: Form) -> Iterator[Fault]:
    """One fault where the line is something else than data of this form, else each by itself."""
    wanted, seen = form.format, looks_like(line)
    if seen is Format.TEXT and wanted is not Format.TEXT:
        known = shapes.recognised(line) or shapes.SHAPES["text"]
        yield _other_shape(known, wanted, line)
    elif seen is not None and not wanted.may_look_like(seen):
        yield _other_format(seen, wanted)
    else:
        found = list(explain.faults(line, form))
        shape = shapes.instead_of(wanted, line) if found else None
        yield from [_other_shape(shape, wanted, line)] if shape else found


def _other_format(seen: Format, wanted: Format) -> Fault:
    message = f"this looks like {seen.label}, and {wanted.label} is wanted"
    if seen.method is wanted.method:
        hint = "one dataset holds one format"
        if seen.is_plain:
            hint = f"{hint}; `ftrunner data convert SOURCE TARGET` converts it to chat data"
    else:
        hint = f"set method: {seen.method}, or name another file"
    return Fault("FT220", message, hint=hint)


def _other_shape(shape: Shape, wanted: Format, line: Line) -> Fault:
    message = f"this is {shape.label}, and {wanted.label} is wanted"
    hint = shape.advice
    if wanted is Format.REINFORCEMENT and shape.makes is Format.CHAT:
        hint = 'ask in {"messages": [{"role": "user", …}]}; keys beside it are for the grader'
    elif shape.makes is not None:
        hint = _conversion(shape.makes, wanted, why_not(line, shape))
    return Fault("FT220", message, hint=hint)


def _conversion(makes: Format, wanted: Format, why_not: str | None) -> str:
    """What `data convert` does about lines that become the format `makes`."""
    if why_not is not None:
        return f"`ftrunner data convert` makes {makes.label} of such lines, not of this: {why_not}"
    hint = f"`ftrunner data convert SOURCE TARGET` makes {makes.label} of it"
    return hint if makes.method is wanted.method else f"{hint}, for method: {makes.method}"
