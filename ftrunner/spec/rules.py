"""What no schema can say: rules about several values at once, and about what values mean.

Each rule is a function from the sound part of a document to its findings; `RULES` lists them in
the order of the spec's keys. A new rule is a function and its line there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from ftrunner.document.document import Document
from ftrunner.document.valid_view import ValidView
from ftrunner.findings import Finding, Severity, json_path
from ftrunner.spec.expectations import EXPECTATION_RULES
from ftrunner.spec.gates import GATE_RULES
from ftrunner.spec.model import Method
from ftrunner.urls import url_fault

_EVERY_METHOD = frozenset(("n_epochs", "batch_size", "learning_rate_multiplier"))
_HYPERPARAMETERS = {
    Method.SUPERVISED: _EVERY_METHOD,
    Method.DPO: _EVERY_METHOD | {"beta"},
    Method.REINFORCEMENT: _EVERY_METHOD
    | {"compute_multiplier", "eval_interval", "eval_samples", "reasoning_effort"},
}
_OUR_METADATA = "ftrunner_"
_TYPOGRAPHIC = re.compile("[“”„«‘’‚]([^“”„«»‘’‚]*)[“”»’‘]")
_OUR_HEADERS = frozenset(
    ("authorization", "connection", "content-length", "content-type", "host", "transfer-encoding")
)
_OUR_JOB_KEYS = {
    "model": "model",
    "training_file": "dataset.train",
    "validation_file": "dataset.validation",
    "method": "method",
    "hyperparameters": "hyperparameters",
    "suffix": "suffix",
    "seed": "seed",
    "metadata": "metadata",
    "integrations": "integrations",
}

# Settings that `ftrunner init` cannot know; each `providers.NAME` may have them too.
_YOURS = ("base_url", "model", "model_name", "suffix", "deployment")
_PLACEHOLDER = re.compile("<[^<>]+>")

Rule = Callable[[ValidView], Iterable[Finding]]


def check_rules(document: Document, findings: Iterable[Finding]) -> list[Finding]:
    """The rules' findings about what is sound once `findings` are set aside."""
    if not isinstance(document.root, dict):
        return []
    spec = ValidView(document, findings)
    return [finding for rule in RULES for finding in rule(spec)]


def is_placeholder(value: object) -> bool:
    """Whether a person was to write a value here, as in `<resource>`."""
    return isinstance(value, str) and _PLACEHOLDER.fullmatch(value.strip()) is not None


def placeholders_are_filled_in(spec: ValidView) -> Iterator[Finding]:
    for settings in ((), *spec.inside("providers")):
        for path, text in (found for name in _YOURS for found in spec.texts(*settings, name)):
            if is_placeholder(text):
                message = f"{json_path(path)} is still the placeholder {spec.shown(path)}"
                yield spec.finding("FT148", path, message, hint="write your own value in its place")


def provider_is_named(spec: ValidView) -> Iterator[Finding]:
    if not spec.has("provider") and not spec.has("base_url"):
        message = "the spec names neither a provider nor a base_url"
        hint = "for example, `provider: openai`, or the address of a server as `base_url`"
        yield spec.finding("FT131", ("provider",), message, hint=hint)


def base_url_is_safe(spec: ValidView) -> Iterator[Finding]:
    url = spec.get("base_url")
    fault = url_fault(url) if url and not is_placeholder(url) else None
    if fault is not None:
        message, hint = fault
        yield spec.finding("FT132", ("base_url",), message, hint=hint)


def grader_fits_method(spec: ValidView) -> Iterator[Finding]:
    method = _method(spec)
    if method is Method.REINFORCEMENT and not spec.has("grader"):
        hint = "say under `grader` what scores the answers"
        yield spec.finding("FT130", ("method",), "method reinforcement needs a grader", hint=hint)
    if method not in (None, Method.REINFORCEMENT) and spec.has("grader"):
        message = f"method {method} takes no grader"
        hint = "take it out, or set `method: reinforcement`"
        yield spec.finding("FT130", ("grader",), message, hint=hint, at="key")


def hyperparameters_fit_method(spec: ValidView) -> Iterator[Finding]:
    method = _method(spec)
    if method is None:
        return
    known = _HYPERPARAMETERS[method]
    foreign = frozenset().union(*_HYPERPARAMETERS.values()) - known
    for path in spec.inside("hyperparameters"):
        name = str(path[-1])
        if name in foreign:
            owner = next(other for other, names in _HYPERPARAMETERS.items() if name in names)
            message = f"{name!r} is a hyperparameter of method {owner}, not of {method}"
            yield spec.finding("FT133", path, message, hint="take it out", at="key")


def metadata_is_ours_to_add(spec: ValidView) -> Iterator[Finding]:
    for path in spec.inside("metadata"):
        if str(path[-1]).startswith(_OUR_METADATA):
            message = f"metadata beginning with {_OUR_METADATA} is ftrunner's own"
            hint = "call it something else; it is how ftrunner finds its jobs again"
            yield spec.finding("FT134", path, message, hint=hint, at="key")


def headers_are_extra(spec: ValidView) -> Iterator[Finding]:
    for path in spec.inside("extra_headers"):
        if str(path[-1]).lower() in _OUR_HEADERS:
            message = f"the header {path[-1]} is set by ftrunner"
            hint = "name the key's variable as `api_key_env`; leave this header out"
            yield spec.finding("FT140", path, message, hint=hint, at="key")


def body_is_extra(spec: ValidView) -> Iterator[Finding]:
    for path in spec.inside("extra_body"):
        own = _OUR_JOB_KEYS.get(str(path[-1]))
        if own is not None:
            message = f"extra_body cannot set {path[-1]!r}: the spec says it as {own}"
            yield spec.finding("FT144", path, message, hint=f"write it under `{own}`", at="key")


def _method(spec: ValidView) -> Method | None:
    """The method; None where it is written wrongly."""
    if not spec.has("method"):
        return Method.SUPERVISED
    method = spec.get("method")
    return None if method is None else Method(method)


def quotes_are_straight(spec: ValidView) -> Iterator[Finding]:
    for path, text in spec.texts():
        match = _TYPOGRAPHIC.fullmatch(text.strip())
        if match:
            message = f"{spec.shown(path)} has typographic quotes around it, and they belong to it"
            hint = f'write straight ones: "{match[1]}"' if spec.may_show(path) else None
            finding = spec.finding("FT147", path, message, hint=hint)
            yield replace(finding, severity=Severity.WARNING)


RULES: tuple[Rule, ...] = (
    placeholders_are_filled_in,
    quotes_are_straight,
    provider_is_named,
    base_url_is_safe,
    grader_fits_method,
    hyperparameters_fit_method,
    metadata_is_ours_to_add,
    headers_are_extra,
    body_is_extra,
    *EXPECTATION_RULES,
    *GATE_RULES,
)
