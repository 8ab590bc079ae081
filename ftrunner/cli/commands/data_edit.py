"""`ftrunner data fix`, `split` and `convert`: new data files of old ones, which stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import click

from ftrunner.cli.data_files import PATH, existing, may_write, readable, reading, writing
from ftrunner.cli.data_subject import method_option
from ftrunner.cli.options import json_option
from ftrunner.cli.output import Output
from ftrunner.dataset.check import Checker, Settings
from ftrunner.dataset.edit.convert import ROLES, Conversion, converted
from ftrunner.dataset.edit.fix import DROPPABLE, REPAIRS, Fixing, fixed
from ftrunner.dataset.files.prepared import Selection
from ftrunner.dataset.files.reader import DataFile
from ftrunner.dataset.files.sniff import first_line
from ftrunner.dataset.files.values import ValueFault, values
from ftrunner.dataset.files.write import read_rows, write_parts, write_rows
from ftrunner.dataset.foreign.shapes import SHAPES
from ftrunner.dataset.formats import expected
from ftrunner.dataset.lines.faults import Fault
from ftrunner.dataset.lines.line import is_blank
from ftrunner.errors import ExitCode, InvalidInput
from ftrunner.spec.model import Method
from ftrunner.text import escaped

force_option = click.option("--force", is_flag=True, help="Replace files that exist.")


@click.command("fix")
@click.argument("source", type=PATH)
@click.argument("target", type=PATH)
@click.option(
    "--repair",
    multiple=True,
    type=click.Choice(sorted(REPAIRS)),
    help="Repair what this code finds. Repeatable.",
)
@click.option("--drop", multiple=True, metavar="CODE", help="Drop lines it finds. Repeatable.")
@method_option
@force_option
@json_option
def fix(
    source: Path,
    target: Path,
    repair: tuple[str, ...],
    drop: tuple[str, ...],
    method: str,
    force: bool,
    out: Output,
) -> int:
    """Write SOURCE to TARGET, repaired as asked for. SOURCE stays as it is."""
    is_table = "FT210" in repair  # which can be in an old encoding as well
    file = readable(source) if is_table else existing([source])[0]
    may_write([target], source, force=force)
    checker = Checker(Settings(expected(Method(method), first_line([file]))))
    done = Fixing()
    codes = _droppable(drop)
    if "FT265" in repair:
        _needs_ftfy()
    rows = read_rows(file, cut="FT213" in codes)
    kept = fixed(rows, done, repair=repair, drop=codes, checker=checker)
    with reading(file), writing([target]):
        write_rows(target, kept)
    lines = [f"{escaped(str(target))}: {done.written:,} of {done.read:,} lines"]
    for verb, counts in (("repaired", done.repaired), ("dropped", done.dropped)):
        lines += [f"  {verb} {count:,} for {code}" for code, count in sorted((+counts).items())]
    out.result("data_fix", {"file": str(target), **asdict(done)}, "\n".join(lines))
    return ExitCode.DONE


@click.command("split")
@click.argument("source", type=PATH)
@click.option(
    "--validation",
    "fraction",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.1,
    show_default=True,
    help="The share of rows to hold out.",
)
@click.option(
    "--seed", type=int, default=7, show_default=True, help="Another seed holds out other rows."
)
@click.option("--into", type=PATH, help="The folder to write to; the file's own by default.")
@force_option
@json_option
def split(
    source: Path, fraction: float, seed: int, into: Path | None, force: bool, out: Output
) -> int:
    """Write the rows of SOURCE to NAME.train.jsonl and NAME.validation.jsonl.

    A row's side depends on its value and the seed: appended rows move none of the others. Of few
    rows at least one is on each side. Blank lines are left out.
    """
    [file] = existing([source])
    stem = source.name.split(".")[0]
    folder = into or source.parent
    train, held_out = (folder / f"{stem}.{part}.jsonl" for part in ("train", "validation"))
    may_write([train, held_out], source, force=force)
    with reading(file), writing([train, held_out]):
        selection = Selection(fraction, seed, picked=True).with_both_parts(_rows_of(file))
        if selection is None:
            raise click.UsageError(f"{source} needs two different rows to be split")
        held, trained = write_parts(_rows_of(file), selection, held_out, train)
    written = {str(train): trained, str(held_out): held}
    files = [{"file": path, "rows": count} for path, count in written.items()]
    lines = (f"{escaped(path)}: {n:,} row{'' if n == 1 else 's'}" for path, n in written.items())
    out.result("data_split", {"files": files}, "\n".join(lines))
    return ExitCode.DONE


def _rows_of(file: DataFile) -> Iterator[bytes]:
    return (row for row in read_rows(file) if not is_blank(row))


@click.command("convert")
@click.argument("source", type=PATH)
@click.argument("target", type=PATH)
@click.option(
    "--from",
    "shape",
    type=click.Choice([name for name, shape in SHAPES.items() if shape.makes]),
    help="The format of SOURCE; detected by default.",
)
@click.option(
    "--map",
    "columns",
    multiple=True,
    metavar="ROLE=KEY",
    callback=lambda _context, _option, values: dict(map(_column, values)),
    help=f"Which key or column is what: {', '.join(ROLES)}. Repeatable.",
)
@click.option("--system", metavar="TEXT", help="Begin each conversation with this system prompt.")
@force_option
@json_option
def convert(
    source: Path,
    target: Path,
    shape: str | None,
    columns: dict[str, str],
    system: str | None,
    force: bool,
    out: Output,
) -> int:
    """Write SOURCE as training data to TARGET: tables, JSON arrays, and lines of other tools.

    Alpaca, ShareGPT, question/answer, prompt/completion, Gemini and the like become chat data, TRL
    preference pairs become preference data.
    """
    file = readable(source)
    may_write([target], source, force=force)
    conversion = Conversion(shape, system, columns)
    with reading(file), writing([target]):
        count = write_rows(target, _converted(file, conversion))
    text = f"{escaped(str(target))}: {count:,} example{'' if count == 1 else 's'}"
    out.result("data_convert", {"file": str(target), "examples": count}, text)
    return ExitCode.DONE


def _column(pair: str) -> tuple[str, str]:
    """A role and the key it goes by. Raises BadParameter."""
    role, equals, key = pair.partition("=")
    if role not in ROLES or not equals or not key:
        raise click.BadParameter(f"write ROLE=KEY, with a role of {', '.join(ROLES)}")
    return role, key


def _converted(file: DataFile, conversion: Conversion) -> Iterator[bytes]:
    """The examples as training data. Raises InvalidInput at the first that cannot be."""
    try:
        for row in converted(values(file), conversion):
            if isinstance(row, Fault):
                raise InvalidInput([row.finding(file.display)])
            yield row
    except ValueFault as error:
        raise InvalidInput([error.fault.finding(file.display)]) from error


def _needs_ftfy() -> None:
    """Raises UsageError where ftfy, which is an extra, is not installed."""
    if find_spec("ftfy") is None:
        message = "--repair FT265 needs ftfy: pip install 'ftrunner[text]'"
        raise click.UsageError(message)


def _droppable(codes: Iterable[str]) -> set[str]:
    """The codes in capital letters. Raises BadParameter for one that is not about a line."""
    wanted = {code.upper() for code in codes}
    for code in sorted(wanted - DROPPABLE):
        raise click.BadParameter(f"{code} is not about a line by itself", param_hint="--drop")
    return wanted
