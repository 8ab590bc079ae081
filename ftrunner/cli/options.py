"""Options that several commands share, each declared once."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from ftrunner.cli.output import Output
from ftrunner.cli.rehearsal import scenario_names
from ftrunner.dataset.cost.counting import Counting
from ftrunner.errors import Interrupted
from ftrunner.render.formats import FINDINGS, RUNS
from ftrunner.spec.find import find_specs

Command = TypeVar("Command", bound=Callable[..., Any])

_PATH = click.Path(path_type=Path)


def complete(
    known: Callable[[], Iterable[str]],
) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """Completes a word of the command line to those of `known` that begin with it."""

    def begun(_context: click.Context, _parameter: click.Parameter, word: str) -> list[str]:
        return [each for each in known() if each.lower().startswith(word.lower())]

    return begun


spec_argument = click.argument("spec", type=_PATH)


def _with_folders(
    _context: click.Context, _parameter: click.Parameter, paths: Sequence[Path]
) -> tuple[Path, ...]:
    """The specs, with those in each folder in its place; a folder without one is left as it is."""
    found: dict[Path, None] = {}
    for path in paths:
        found |= dict.fromkeys(find_specs(path) if path.is_dir() else (), None) or {path: None}
    return tuple(found)


specs_argument = click.argument(
    "specs",
    type=_PATH,
    nargs=-1,
    required=True,
    metavar="SPEC|FOLDER...",
    callback=_with_folders,
)
json_option = click.option(
    "--json",
    "out",
    is_flag=True,
    callback=lambda _context, _option, value: Output("json" if value else "text"),
    help="Print JSON on stdout, for programs.",
)


def format_option(
    formats: Iterable[str], *, short: str, what: str, default: str = "text"
) -> Callable[[Command], Command]:
    """`--format`, one of `formats`, and `--json`, which is short for one of them.

    The command gets an Output, as `out`.
    """

    def chosen(context: click.Context, option: click.Parameter, value: str) -> Output:
        if not context.params.pop("as_json", False):
            return Output(value)
        given = context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
        if given and value != short:
            raise click.UsageError(f"--json is short for --format {short}, not {value}", context)
        return Output(short)

    decorators = (
        click.option(
            "--format",
            "out",
            type=click.Choice(list(formats)),
            default=default,
            show_default=True,
            callback=chosen,
            help=what,
        ),
        click.option(
            "--json", "as_json", is_flag=True, is_eager=True, help=f"Short for --format {short}."
        ),
    )

    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


findings_options = format_option(
    FINDINGS, short="json", what="How findings are printed; github adds annotations to the text."
)
run_options = format_option(
    RUNS, short="jsonl", what="How the run is shown; github is for a job's log."
)
rows_option = click.option("--rows", is_flag=True, help="List the rows that changed, too.")


def scenario_option(what: str) -> Callable[[Command], Command]:
    """`--scenario`, for what it is good for in a command; it implies `--mock`."""
    return click.option(
        "--scenario", metavar="NAME|FILE", shell_complete=complete(scenario_names), help=what
    )


rehearsed_option = scenario_option("Look at the rehearsal of this scenario (implies --mock).")
var_option = click.option(
    "--var",
    "variables",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set ${var:NAME} in the spec. Repeatable.",
)


def tokens_option(*, default: Counting | None) -> Callable[[Command], Command]:
    """Whose tokens are counted; None as a default leaves it to the command."""
    return click.option(
        "--tokens",
        type=click.Choice([each.value for each in Counting]),
        default=default and default.value,
        callback=lambda _context, _option, value: None if value is None else Counting(value),
        help="Count the tokens of each example, of a sample of large files, or of none.",
    )


profiles_option = click.option(
    "--profiles",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Take provider profiles from DIR too.",
)


@dataclass(frozen=True, slots=True)
class TargetOptions:
    """Where a spec is applied, as the command line says it."""

    mock: bool = False
    base_url: str | None = None
    provider: str | None = None
    variables: Sequence[str] = ()
    insecure_http: bool = False
    scenario: str | None = None
    profiles: Path | None = None

    @property
    def again(self) -> str:
        """These options as they are typed once more, each after a space."""
        words = [
            *(["--mock"] if self.mock and self.scenario is None else []),
            *_valued("--scenario", self.scenario),
            *_valued("--base-url", self.base_url),
            *_valued("--provider", self.provider),
            *(["--insecure-http"] if self.insecure_http else []),
            *_valued("--profiles", self.profiles),
            *(word for pair in self.variables for word in _valued("--var", pair)),
        ]
        return "".join(f" {shlex.quote(word)}" for word in words)


insecure_option = click.option(
    "--insecure-http",
    is_flag=True,
    help="Let the address be plain http: the key travels unencrypted.",
)


def target_options(command: Command) -> Command:
    """Add the options that say where; `target_of` takes them out of the parameters again."""
    decorators = (
        click.option("--mock", is_flag=True, help="Use the bundled mock provider: a rehearsal."),
        click.option("--base-url", metavar="URL", help="Use this address instead of the spec's."),
        click.option("--provider", metavar="NAME", help="Use this profile instead of the spec's."),
        insecure_option,
        profiles_option,
        var_option,
    )
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def target_of(parameters: Mapping[str, Any]) -> TargetOptions:
    """The target's options among a command's parameters. `--scenario` implies `--mock`."""
    target = TargetOptions(
        mock=parameters["mock"] or parameters.get("scenario") is not None,
        base_url=parameters["base_url"],
        provider=parameters["provider"],
        variables=parameters["variables"],
        insecure_http=parameters["insecure_http"],
        scenario=parameters.get("scenario"),
        profiles=parameters["profiles"],
    )
    if target.mock and target.base_url:
        raise click.UsageError("--mock and --base-url exclude each other")
    return target


def _valued(option: str, value: object) -> list[str]:
    return [] if value is None else [option, str(value)]


def parse_variables(pairs: Sequence[str], *, option: str = "--var") -> dict[str, str]:
    """`NAME=VALUE` pairs as a mapping. Raises click.BadParameter for anything else."""
    variables = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator or not name:
            raise click.BadParameter(f"{pair!r} is not NAME=VALUE", param_hint=option)
        variables[name] = value
    return variables


def confirmed(question: str) -> bool:
    """What a person answers on a terminal. Raises Interrupted if there is no answer."""
    try:
        return click.confirm(question, err=True)
    except click.Abort as error:
        raise left_the_question() from error


def left_the_question() -> Interrupted:
    """The end of a command whose question got no answer, before it did anything."""
    return Interrupted("cancelled, nothing was created or changed")
