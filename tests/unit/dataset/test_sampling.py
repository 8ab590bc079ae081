"""Tokens of a sample: exact where it is all, close where it is not, and honest about it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from random import Random

import pytest

from ftrunner.dataset.cost.counting import Counting
from ftrunner.dataset.cost.sampling import Sampling, share_of_error
from ftrunner.dataset.report import DatasetReport, SplitReport
from ftrunner.dataset.validate import check_dataset
from ftrunner.providers import registry
from ftrunner.spec.model import Dataset, Fraction, Spec

WORDS = ["the", "whale", "slept", "all", "day", "蓝鲸", "睡了", "une", "baleine", "кит", "1024"]
SMALL = Sampling(examples=200)
LONG = json.dumps(
    {
        "messages": [
            {"role": "user", "content": "Tell me everything"},
            {"role": "assistant", "content": "whale " * 5000},
        ]
    }
).encode()


def rows(count: int, seed: int = 1) -> list[bytes]:
    random = Random(seed)
    made = []
    for number in range(count):
        answer = " ".join(random.choices(WORDS, k=random.randint(3, 60)))
        messages = [
            {"role": "user", "content": f"Question {number}"},
            {"role": "assistant", "content": answer},
        ]
        made.append(json.dumps({"messages": messages}, ensure_ascii=False).encode())
    return made


def check(
    folder: Path,
    name: str,
    sampling: Sampling | None,
    *,
    validation: Fraction | None = None,
    model: str = "gpt-4o",
) -> DatasetReport:
    spec = Spec(folder / "s.yaml", "s", model, Dataset((name,), validation))
    counting = Counting.SAMPLE if sampling else Counting.EXACT
    return check_dataset(spec, registry.get("generic"), counting, sampling=sampling)


def train(report: DatasetReport) -> SplitReport:
    assert report.train is not None
    return report.train


def write(folder: Path, lines: list[bytes], name: str = "a.jsonl") -> str:
    data = b"\n".join(lines) + b"\n"
    (folder / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return name


def test_a_small_dataset_is_counted_exactly(tmp_path: Path) -> None:
    name = write(tmp_path, [*rows(100), b"", b"{", *rows(100, seed=2)])

    sampled, exact = train(check(tmp_path, name, SMALL)), train(check(tmp_path, name, None))

    assert sampled.sample is None
    assert (sampled.tokens, sampled.billed_tokens, sampled.longest) == (
        exact.tokens,
        exact.billed_tokens,
        exact.longest,
    )


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_a_sample_says_how_far_it_may_be_off(tmp_path: Path, name: str) -> None:
    write(tmp_path, rows(3000), name)

    sampled, exact = train(check(tmp_path, name, SMALL)), train(check(tmp_path, name, None))

    assert sampled.sample is not None
    assert (sampled.sample.examples, sampled.sample.of) == (200, 3000)
    assert 0 < sampled.sample.error < 0.05
    assert sampled.tokens == pytest.approx(exact.tokens, rel=2 * sampled.sample.error)


def test_the_interval_holds_the_truth_nearly_always(tmp_path: Path) -> None:
    name = write(tmp_path, rows(1500))
    truth = train(check(tmp_path, name, None)).tokens
    assert truth is not None
    held = 0
    for seed in range(40):
        split = train(check(tmp_path, name, Sampling(examples=100, seed=seed)))
        assert split.sample is not None
        assert split.tokens is not None
        held += abs(split.tokens - truth) <= split.sample.error * split.tokens

    assert held >= 34  # 38 are expected; fewer than 34 of 40 come once in 100 times


def test_the_same_data_has_the_same_sample(tmp_path: Path) -> None:
    name = write(tmp_path, rows(1000))

    assert train(check(tmp_path, name, SMALL)) == train(check(tmp_path, name, SMALL))


def test_each_split_that_is_cut_is_sampled_by_itself(tmp_path: Path) -> None:
    name = write(tmp_path, rows(3000))
    cut = Fraction(0.3, 7)
    sampled, exact = (check(tmp_path, name, s, validation=cut) for s in (SMALL, None))

    assert sampled.validation is not None
    assert exact.validation is not None
    assert sampled.validation.sample is not None
    assert train(sampled).tokens == pytest.approx(train(exact).tokens, rel=0.05)
    assert sampled.validation.tokens == pytest.approx(exact.validation.tokens, rel=0.05)


def test_an_example_that_is_cut_is_found_where_it_was_counted(tmp_path: Path) -> None:
    write(tmp_path, [*rows(5), LONG])

    report = check(tmp_path, "a.jsonl", SMALL, model="gpt-3.5-turbo-0613")
    split = train(report)

    [finding] = [finding for finding in report.findings if finding.code == "FT242"]
    assert finding.location.line == 6
    assert split.tokens is not None
    assert split.longest is not None
    assert split.billed_tokens == split.tokens - (split.longest - 4096)


def test_what_a_sample_did_not_count_is_said(tmp_path: Path) -> None:
    write(tmp_path, [*rows(1000), LONG])
    report = check(tmp_path, "a.jsonl", Sampling(examples=100), model="gpt-3.5-turbo-0613")

    doubt = next(finding for finding in report.findings if finding.code == "FT256")
    assert doubt.message.startswith("1 of 1,001 examples were not counted")
    assert report.counts["FT256"] == 1


def test_what_its_bytes_prove_is_certain(tmp_path: Path) -> None:
    write(tmp_path, rows(1000))
    report = check(tmp_path, "a.jsonl", Sampling(examples=100), model="gpt-3.5-turbo-0613")

    assert "FT256" not in report.counts


def test_a_few_examples_give_no_estimate(tmp_path: Path) -> None:
    name = write(tmp_path, rows(100))

    assert train(check(tmp_path, name, Sampling(examples=10))).tokens is None


def test_equal_examples_leave_no_error() -> None:
    assert share_of_error([10] * 50, [3] * 50, 1000) == 0
    assert share_of_error([10] * 50, [0] * 50, 1000) == 0
