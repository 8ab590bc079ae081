"""Kept results with everything in them, for tests of what is made of them."""

from __future__ import annotations

from ftrunner.state.results import (
    ChangedRow,
    Confusion,
    Figure,
    KeptAnswer,
    KeptCheck,
    KeptComparison,
    KeptCost,
    KeptGate,
    KeptModel,
    KeptPrompt,
    KeptSet,
    KeptSlice,
    KeptSplit,
    KeptTraining,
    Provenance,
    RunResults,
)

_TUNED, _BASE = "ft:gpt-4o-mini:tickets", "gpt-4o-mini-2024-07-18"


def full() -> RunResults:
    """A run with prompts, a set, gates, training and costs."""
    return RunResults(
        name="tickets",
        run="7f3a",
        at=1_764_000_000.0,
        rehearsal=False,
        outcome="failed",
        sentence="worse than the base model by 20.0 points (2.1 to 37.9 at 95 %)",
        model=_TUNED,
        current=_BASE,
        prompts=(
            KeptPrompt(
                name="double-charge",
                question="I was charged twice.",
                passed=False,
                pass_at_least=1,
                answers=(_answer("account", passed=False),),
            ),
        ),
        sets=(_tickets(),),
        gates=(
            KeptGate(
                claim="tickets: better than base by 2 points",
                set="tickets",
                result="failed",
                why="even the upper bound, −2.1 points, is below",
                bound=-0.021,
                threshold=0.02,
            ),
            KeptGate(claim="latency_p95 of at most 2 s", result="undecided", why="?", excused=True),
        ),
        data={
            "train": KeptSplit(
                rows="33", examples=40, bytes=9_000, against="ftjob-0", added=1, removed=0
            )
        },
        training=KeptTraining(
            job="ftjob-1",
            base_model=_BASE,
            model=_TUNED,
            status="succeeded",
            trained_tokens=5_000,
            inputs={"hyperparameters": {"n_epochs": 4}},
            events=("events.jsonl", "../11ab/events.jsonl"),
        ),
        cost=KeptCost(training=(0.01, 0.02), answers=0.003, asked=20, reused=21, tokens_out=60),
        provenance=Provenance(
            ftrunner="1.0.0",
            spec="specs/tickets.yaml",
            spec_sha256="44",
            provider="openai",
            endpoint="https://api.openai.com/v1",
            tests="55",
            request={"temperature": 0},
        ),
    )


def _tickets() -> KeptSet:
    return KeptSet(
        name="tickets",
        file="data/heldout.jsonl",
        rows=20,
        repeat=1,
        leaked=2,
        models=(_model("tuned", _TUNED, 15), _model("base", _BASE, 19)),
        comparisons=(
            KeptComparison(
                name="base",
                model=_BASE,
                effect=-0.2,
                low=-0.379,
                high=-0.021,
                word="worse",
                sentence="worse than the base model by 20.0 points (2.1 to 37.9 at 95 %)",
                better=0,
                worse=4,
                p_value=0.125,
                differences=(-1.0, None, *[0.0] * 15, -1.0, -1.0, -1.0),
                slices=(KeptSlice(column="language", value="de", n=9, effect=-0.1),),
                changed=(
                    ChangedRow(
                        id="66",
                        place="data/heldout.jsonl:1",
                        question="Where is my parcel?",
                        difference=-1.0,
                        reference="delivery",
                        slices={"language": "de"},
                        tuned=(_answer("account", passed=False),),
                        other=(_answer("delivery", passed=True), None),
                    ),
                ),
                left_out=3,
            ),
        ),
        digest="77",
    )


def _model(name: str, model: str, passed: int) -> KeptModel:
    return KeptModel(
        name=name,
        model=model,
        provider="openai",
        passed=passed,
        answers=20,
        unmeasured=1,
        metrics={
            "passed": Figure(value=passed / 20, low=0.5, high=0.99, n=20),
            "macro_f1": Figure(value=0.8, n=20, reason="the label account has 3 examples"),
        },
        confusion=Confusion(labels=("account", "delivery"), counts=((9, 1, 0), (4, 5, 1))),
        latency_p50=0.4,
        latency_p95=1.1,
        tokens_out=60,
    )


def _answer(text: str, *, passed: bool) -> KeptAnswer:
    check = KeptCheck(expected="label delivery", passed=passed, why=None if passed else "it is not")
    return KeptAnswer(text=text, passed=passed, score=float(passed), label=text, checks=(check,))
