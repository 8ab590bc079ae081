"""The spec that `ftrunner init` writes: right for one provider, with what only the user knows open.

What was not given is a placeholder in angle brackets, which every command reports.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from ftrunner.document.scalars import Scalar, SpecDumper, resolve
from ftrunner.engine.checks.settings import address_settings, required
from ftrunner.providers.profile import Profile
from ftrunner.providers.serving import ServingKind
from ftrunner.spec.model import Method

SCHEMA_FILE = "spec.schema.json"
_NAME = "greetings"
_TEXTS = ("name", "base_url", "api_key_env", "model", "model_name", "suffix")
_COLUMN = 33  # where comments begin, if the line is not longer
_HEAD = f"""\
# yaml-language-server: $schema={SCHEMA_FILE}
# A fine-tune as code. `ftrunner apply finetune.yaml --mock` rehearses it on this machine, free;
# `ftrunner plan finetune.yaml` shows what it would do and cost at the provider.
"""
_TESTS = """
tests:                           # asked of the tuned model once it is trained
  prompts:
    - name: one-word-answer
      user: What is "good morning" in French?
      expect:
        - contains: Bonjour
        - max_chars: 40
"""


@dataclass(frozen=True, slots=True)
class Open:
    """A setting that the provider needs and that only the user knows: its path in the spec."""

    path: str
    description: str

    @property
    def placeholder(self) -> str:
        """What the spec says until the user does."""
        return f"<{self.path.rpartition('.')[2]}>"


def settable(profile: Profile) -> tuple[str, ...]:
    """The paths of the settings that `init` can write for this provider."""
    deployment = dict.fromkeys([*address_settings(profile), *profile.serving.settings])
    hyperparameters = profile.hyperparameters.get(Method.SUPERVISED) or ("n_epochs",)
    return (
        *_TEXTS,
        "seed",
        *(f"deployment.{name}" for name in deployment),
        *(f"hyperparameters.{name}" for name in hyperparameters),
    )


def open_settings(profile: Profile, given: Mapping[str, str]) -> tuple[Open, ...]:
    """What the provider needs and `given` does not say, in the order of the spec."""
    return tuple(one for one in _needed(profile, given) if one.path not in given)


def _needed(profile: Profile, given: Mapping[str, str]) -> Iterator[Open]:
    if profile.base_url is None:
        yield Open("base_url", "The address of the server, with its version.")
    if profile.models.example is None:
        yield Open("model", "The base model, as the provider calls it.")
    address = () if "base_url" in given else address_settings(profile)
    deployment = () if "model_name" in given else required(profile)  # or the user deploys it
    for name in dict.fromkeys([*address, *deployment]):
        known = profile.serving.settings.get(name)
        description = known.description if known else "A part of the provider's address."
        yield Open(f"deployment.{name}", description)


def first_spec(profile: Profile, given: Mapping[str, str]) -> str:
    """The text of the spec. `given` has values by their paths, which are among `settable`."""
    still_open = {one.path: one for one in open_settings(profile, given)}
    values = {path: one.placeholder for path, one in still_open.items()} | dict(given)
    return "".join(
        (
            _HEAD,
            _line("version", 1),
            _line("name", values.get("name", _NAME)),
            "\n",
            *_provider(profile, values),
            *_section("deployment", profile, values, still_open),
            "\ndataset:\n",
            _line("  train", "data/examples.jsonl", "one JSON object a line; a path, list or glob"),
            *_section("hyperparameters", profile, _hyperparameters(profile, values), still_open),
            _TESTS,
        )
    )


def _provider(profile: Profile, values: Mapping[str, str]) -> Iterator[str]:
    key = profile.api_key_env
    yield _line("provider", profile.name, f"its key is read from ${key}" if key else profile.title)
    if "base_url" in values:
        yield _line("base_url", values["base_url"], "where the server is")
    if "api_key_env" in values:
        yield _line("api_key_env", values["api_key_env"], "the variable that holds the key")
    elif key is None:
        yield "# api_key_env: NAME              # the variable with the key, if one is needed\n"
    yield _line("model", values.get("model", profile.models.example), "the base model")
    if "model_name" in values:
        yield _line("model_name", values["model_name"], "the tuned model, as you deployed it")
    elif profile.serving.kind is ServingKind.MANUAL:
        yield "# model_name: NAME               # the tuned model, once you have deployed it\n"
    if "suffix" in values or profile.suffix.required:
        suffix = values.get("suffix", _NAME[: profile.suffix.max_length])
        yield _line("suffix", suffix, "a part of the tuned model's name")
    if "seed" in values:
        yield _line("seed", resolve(values["seed"]))


def _hyperparameters(profile: Profile, values: Mapping[str, str]) -> Mapping[str, str]:
    known = profile.hyperparameters.get(Method.SUPERVISED)
    epochs = {"hyperparameters.n_epochs": "3"} if not known or "n_epochs" in known else {}
    return epochs | dict(values)


def _section(
    key: str, profile: Profile, values: Mapping[str, str], still_open: Mapping[str, Open]
) -> Iterator[str]:
    """The settings below `key`, in the provider's order."""
    inside = [path for path in settable(profile) if path.startswith(f"{key}.") and path in values]
    if inside:
        yield f"\n{key}:\n"
    for path in inside:
        name = path.removeprefix(f"{key}.")
        comment = still_open[path].description if path in still_open else None
        yield _line(f"  {name}", _typed(profile, key, name, values[path]), comment)


def _typed(profile: Profile, key: str, name: str, value: str) -> Scalar:
    """A number where the provider takes one; else the text as it is."""
    setting = profile.serving.settings.get(name)
    is_text = key == "deployment" and (setting is None or setting.allowed is None)
    return value if is_text else resolve(value)


def _line(key: str, value: Scalar, comment: str | None = None) -> str:
    scalar = yaml.dump(value, Dumper=SpecDumper, allow_unicode=True, width=float("inf"))
    text = f"{key}: {scalar.removesuffix(chr(10)).removesuffix('...').rstrip()}"
    return f"{text:<{_COLUMN - 1}} # {comment}\n" if comment else f"{text}\n"
