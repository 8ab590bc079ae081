"""Check a spec against the limits of its provider, offline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches

from ftrunner.dataset.formats import Format
from ftrunner.dataset.report import DatasetReport
from ftrunner.engine.checks.settings import setting_findings
from ftrunner.engine.target import Target
from ftrunner.findings import Finding, Severity
from ftrunner.providers.profile import Profile, undated
from ftrunner.providers.registry import unknown
from ftrunner.spec.model import Spec, point
from ftrunner.spec.testing import BASE
from ftrunner.text import nearest

OUR_METADATA_PAIRS = 2
# The parameters of a chat completion: platform.openai.com/docs/api-reference/chat/create, and what
# others take (docs.vllm.ai, docs.mistral.ai, docs.fireworks.ai, docs.bigmodel.cn).
_CHAT_PARAMETERS = (
    "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs",
    "max_completion_tokens", "max_tokens", "metadata", "modalities", "n", "parallel_tool_calls",
    "prediction", "presence_penalty", "prompt_cache_key", "prompt_cache_retention",
    "reasoning_effort", "response_format", "safety_identifier", "seed", "service_tier", "stop",
    "store", "stream", "stream_options", "temperature", "tool_choice", "tools", "top_logprobs",
    "top_p", "user", "verbosity", "web_search_options",
    "best_of", "chat_template", "chat_template_kwargs", "context_length_exceeded_behavior",
    "do_sample", "early_stopping", "ignore_eos", "length_penalty", "min_p", "min_tokens",
    "perf_metrics_in_response", "prompt_mode", "prompt_truncate_len", "random_seed",
    "repetition_penalty", "safe_prompt", "safety_model", "stop_token_ids", "thinking", "top_k",
)  # fmt: skip
_DIGIT = re.compile(r"\d")
_QUOTES = "“”„‘’‚"  # a finding about them names the model as it is meant


def provider_findings(spec: Spec, profile: Profile) -> tuple[Finding, ...]:
    """Everything in the spec that the provider would refuse."""
    return (
        *spec.findings,
        *_model(spec, profile),
        *_method(spec, profile),
        *_validation(spec, profile),
        *_hyperparameters(spec, profile),
        *_suffix(spec, profile),
        *_metadata(spec, profile),
        *setting_findings(spec, profile),
        *_request(spec),
    )


def unknown_providers(spec: Spec, known: tuple[str, ...]) -> tuple[Finding, ...]:
    """The keys of the spec's `providers` that are not the name of a profile in `known`."""
    return tuple(
        point(
            spec, ("providers", name), code=why.code, message=why.message, hint=why.hint, at="key"
        )
        for name, why in unknown(spec.providers, known)
    )


def format_findings(spec: Spec, report: DatasetReport, profile: Profile) -> tuple[Finding, ...]:
    """The splits whose format the model cannot be trained on at this provider."""
    taken = profile.formats_of(spec.model)
    what = f" {spec.model}" if profile.models.formats else ""
    return tuple(
        point(
            spec,
            ("dataset", split),
            code="FT175",
            message=f"{profile.title} does not train{what} on {checked.format.label}",
            hint=f"it takes {', '.join(taken)}{_way_out(checked.format, taken)}",
        )
        for split, checked in report.splits.items()
        if checked.format and str(checked.format) not in taken
    )


def opponent_findings(spec: Spec, target: Target) -> tuple[Finding, ...]:
    """The models under `tests.against` that cannot be asked."""
    named = {one.provider: one for one in spec.tests.against if one.provider}
    unnamed = (
        point(spec, ("tests", "against"), code=why.code, message=why.message, hint=why.hint)
        for _, why in unknown(named, target.providers)
    )
    return (*unnamed, *_base_that_does_not_chat(spec, target))


def _base_that_does_not_chat(spec: Spec, target: Target) -> Iterator[Finding]:
    """The mock provider of a rehearsal answers for it all the same."""
    base = next((one for one in spec.tests.against if one.name == BASE), None)
    why = target.profile.why_no_chat(spec.model)
    if base is None or base.model is not None or why is None:
        return
    finding = point(
        spec,
        ("tests", "against"),
        code="FT517",
        message=f"{spec.model} cannot be compared with at {target.profile.title}: {why}",
        hint="say under which name it chats: `against: [{name: base, model: NAME}]`",
        at="key",
    )
    severity = Severity.WARNING if target.is_rehearsal else Severity.ERROR
    yield replace(finding, severity=severity)


def _request(spec: Spec) -> Iterator[Finding]:
    """Parameters that are nearly known ones: the tests would fail, and training is paid by then.

    A warning, as a server may have parameters that no other has.
    """
    for name in spec.tests.request:
        near = nearest(name, _CHAT_PARAMETERS, likeness=0.85)
        if near not in (None, name):
            finding = point(
                spec,
                ("tests", "request", name),
                code="FT179",
                message=f"tests.request has {name!r}, which is probably {near!r} misspelt",
                hint=f"did you mean {near!r}?",
                at="key",
            )
            yield replace(finding, severity=Severity.WARNING)


def _way_out(seen: Format, taken: tuple[str, ...]) -> str:
    is_convertible = seen is Format.COMPLETION and Format.CHAT in taken
    return "; `ftrunner data convert` converts it to chat data" if is_convertible else ""


def _model(spec: Spec, profile: Profile) -> Iterator[Finding]:
    """A base model that is not known here: a warning, as new ones come."""
    known = profile.models.known
    full = spec.model.strip(_QUOTES)
    name = undated(full)
    if not known or not name or spec.model.startswith("ft:") or {name, spec.model} & set(known):
        return
    # Another number is another model, not a misspelling.
    alike = [each for each in known if _DIGIT.findall(each) == _DIGIT.findall(name)]
    close = get_close_matches(name.lower(), alike, n=1, cutoff=0.8)
    finding = point(
        spec,
        ("model",),
        code="FT178",
        message=f"{spec.model!r} is not known to train at {profile.title}",
        hint=f"did you mean {close[0] + full.removeprefix(name)!r}?"
        if close
        else f"known are {', '.join(known)}",
    )
    yield replace(finding, severity=Severity.WARNING)


def _method(spec: Spec, profile: Profile) -> Iterator[Finding]:
    if str(spec.method) not in profile.methods:
        yield point(
            spec,
            ("method",),
            code="FT170",
            message=f"{profile.title} does not offer the method {spec.method}",
            hint=f"it offers {', '.join(profile.methods)}",
        )


def _validation(spec: Spec, profile: Profile) -> Iterator[Finding]:
    if str(spec.method) in profile.validation_required and not spec.dataset.validation:
        yield point(
            spec,
            ("dataset",),
            code="FT176",
            message=f"{profile.title} does not offer {spec.method} without validation data",
            hint="name a file under `validation`, or cut one off: `validation: {fraction: 0.1}`",
            at="key",
        )


def _hyperparameters(spec: Spec, profile: Profile) -> Iterator[Finding]:
    known = profile.hyperparameters.get(str(spec.method), {})
    for name, value in spec.hyperparameters.items():
        if name not in known:
            if known:
                yield _unknown(spec, profile, name, tuple(known))
        elif not known[name].takes(value):
            yield point(
                spec,
                ("hyperparameters", name),
                code="FT172",
                message=f"{name} is {value}; {profile.title} takes {known[name].description}",
            )


def _unknown(spec: Spec, profile: Profile, name: str, known: tuple[str, ...]) -> Finding:
    close = get_close_matches(name, known, n=1)
    return point(
        spec,
        ("hyperparameters", name),
        code="FT171",
        message=f"{profile.title} has no hyperparameter {name!r} for {spec.method}",
        hint=f"did you mean {close[0]!r}?" if close else f"it has {', '.join(known)}",
        at="key",
    )


def _suffix(spec: Spec, profile: Profile) -> Iterator[Finding]:
    rule = profile.suffix
    if spec.suffix is None:
        if rule.required:
            yield point(
                spec,
                (),
                code="FT173",
                message=f"{profile.title} requires a suffix",
                hint="add a line `suffix:`",
            )
        return
    why = rule.why_not(spec.suffix)
    if why:
        yield point(spec, ("suffix",), code="FT173", message=f"{profile.title} {why}")


def _metadata(spec: Spec, profile: Profile) -> Iterator[Finding]:
    room = profile.limits.metadata_pairs - OUR_METADATA_PAIRS
    if not profile.lacks("metadata") and len(spec.metadata) > room:
        yield point(
            spec,
            ("metadata",),
            code="FT174",
            message=f"{len(spec.metadata)} pairs; {profile.title} takes {room} and two of ftrunner",
        )
