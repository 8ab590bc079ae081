"""What `ftrunner data` looks at: files, or the data of a spec, and what they are for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from ftrunner.cli import loading
from ftrunner.cli.data_files import PATH
from ftrunner.cli.options import TargetOptions, tokens_option, var_option
from ftrunner.dataset.cost import Estimate, estimate
from ftrunner.dataset.counting import Counting
from ftrunner.dataset.prices import prices_for, shipped_prices
from ftrunner.dataset.report import DatasetReport
from ftrunner.dataset.sampling import Sampling
from ftrunner.dataset.validate import check_dataset
from ftrunner.diagnostics import has_errors
from ftrunner.errors import InvalidInput
from ftrunner.providers import registry
from ftrunner.providers.profile import Profile
from ftrunner.spec.model import Dataset, Hyperparameters, Method, Prompt, Spec
from ftrunner.spec.source import Source

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
    """Data, and what it is checked and priced for. `spec` is None for files by themselves."""

    dataset: Dataset
    folder: Path
    method: Method
    profile: Profile
    counting: Counting
    model: str | None = None
    source: Source | None = None
    prompts: tuple[Prompt, ...] = ()
    hyperparameters: Hyperparameters = field(default_factory=dict)
    severities: Mapping[str, Any] = field(default_factory=dict)
    spec: Spec | None = None

    def report(self) -> DatasetReport:
        """All that is wrong with the data, and its tokens where they are asked for."""
        return check_dataset(
            self.dataset,
            folder=self.folder,
            method=self.method,
            profile=self.profile,
            model=self.model,
            source=self.source,
            count_tokens=self.counting is not Counting.OFF,
            sampling=Sampling() if self.counting is Counting.SAMPLE else None,
            prompts=self.prompts,
            severities=self.severities,
        )

    def estimate(self, report: DatasetReport) -> Estimate | None:
        """What training on it would cost; None without tokens. Raises InvalidInput."""
        if self.counting is Counting.OFF or self.model is None:
            return None
        prices, findings = prices_for(self.spec) if self.spec else (shipped_prices(), ())
        if has_errors(findings):
            raise InvalidInput(findings)
        return estimate(
            report,
            model=self.model,
            method=self.method,
            hyperparameters=self.hyperparameters,
            profile=self.profile,
            prices=prices,
        )


def subject(options: DataOptions) -> Subject:
    """The files, or the data of the one spec among them.

    Raises InvalidInput for a spec that cannot be used, and click.UsageError.
    """
    if any(path.suffix in _SPECS for path in options.files):
        if len(options.files) > 1:
            raise click.UsageError("name data files, or one spec")
        return _of_spec(options.files[0], options)
    if options.counting is not Counting.OFF and options.model is None:
        raise click.UsageError("--tokens needs --model: each model has its own vocabulary")
    return Subject(
        Dataset(tuple(map(str, options.files))),
        Path(),
        Method(options.method),
        registry.get(options.provider or "generic"),
        options.counting,
        options.model,
    )


def _of_spec(path: Path, options: DataOptions) -> Subject:
    # Nothing is sent: any address will do.
    target = TargetOptions(
        provider=options.provider, variables=options.variables, insecure_http=True
    )
    spec = loading.load(path, target)
    profile = loading.target(spec, target).profile
    return Subject(
        spec.dataset,
        spec.folder,
        spec.method,
        profile,
        options.counting,
        options.model or spec.model,
        spec.source,
        spec.tests.prompts,
        spec.hyperparameters,
        profile.severities,
        spec,
    )
