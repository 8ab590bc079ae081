"""What `ftrunner data` looks at: files, or the data of a spec, and what they are for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from ftrunner.cli.data_files import PATH
from ftrunner.cli.options import TargetOptions, tokens_option, var_option
from ftrunner.dataset.cost.counting import Counting
from ftrunner.dataset.report import DatasetReport
from ftrunner.dataset.validate import check_dataset
from ftrunner.providers import registry
from ftrunner.providers.profile import Profile
from ftrunner.spec.model import Dataset, Method, Spec

_SPECS = {".yaml", ".yml"}

method_option = click.option(
    "--method",
    type=click.Choice([str(method) for method in Method]),
    default=str(Method.SUPERVISED),
    help="The training method the files are for.",
)


@dataclass(frozen=True, slots=True)
class DataOptions:
    """Which data is looked at, and what for, as the command line says it."""

    files: tuple[Path, ...]
    method: str
    provider: str | None
    model: str | None
    tokens: Counting | None
    variables: tuple[str, ...]

    @property
    def counting(self) -> Counting:
        """As asked for; else every example where a model is named."""
        return self.tokens or (Counting.EXACT if self.model else Counting.OFF)


def data_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the arguments and options of `DataOptions`."""
    decorators = (
        click.argument("files", type=PATH, nargs=-1, required=True, metavar="FILE...|SPEC"),
        method_option,
        click.option("--provider", metavar="NAME", help="Check for this provider."),
        click.option("--model", metavar="MODEL", help="Count tokens as this base model does."),
        tokens_option(default=None),
        var_option,
    )
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


@dataclass(frozen=True, slots=True)
class Subject:
    """The data of a spec, the provider whose data it is to be, and the names of all providers."""

    spec: Spec
    profile: Profile
    providers: tuple[str, ...]
    counting: Counting

    def report(self) -> DatasetReport:
        """All that is wrong with the data, and its tokens where they are asked for."""
        return check_dataset(self.spec, self.profile, self.counting, hashed=False)


def subject(options: DataOptions) -> Subject:
    """The files, or the data of the one spec among them.

    Raises InvalidInput for a spec that cannot be used, UnknownProvider, and click.UsageError.
    """
    is_spec = any(path.suffix in _SPECS for path in options.files)
    return _of_spec(options) if is_spec else _of_files(options)


def _of_spec(options: DataOptions) -> Subject:
    from ftrunner.cli import loading  # noqa: PLC0415 - what reads specs, which files do not need

    if len(options.files) > 1:
        raise click.UsageError("name data files, or one spec")
    where = TargetOptions(provider=options.provider, variables=options.variables)
    spec = loading.load(options.files[0], where).spec
    spec = replace(spec, model=options.model or spec.model)
    target = loading.unaddressed(spec, where)
    return Subject(spec, target.profile, target.providers, options.counting)


def _of_files(options: DataOptions) -> Subject:
    """Files by themselves are the data of a spec that asks for nothing else."""
    if options.counting is not Counting.OFF and options.model is None:
        raise click.UsageError("--tokens needs --model: each model has its own vocabulary")
    spec = Spec(
        path=Path("files"),
        name="files",
        model=options.model or "",
        dataset=Dataset(tuple(map(str, options.files))),
        provider=options.provider or "generic",
        method=Method(options.method),
    )
    profiles = registry.with_folders(registry.folders(spec.folder, None))
    return Subject(spec, profiles.get(spec.provider or ""), profiles.names(), options.counting)
