from __future__ import annotations

import base64
import csv
import io

from mockserver.data.records import TrainingData
from mockserver.jobs.metrics import MAX_LOGGED_STEPS, logged_steps, metrics_at
from mockserver.jobs.results import COLUMNS, results_csv
from tests.unit.mockserver.making import job

VALIDATED = TrainingData(examples=10, tokens=400, entropy=3.0, validation_examples=5)


def epochs(n_epochs: int, *, rate: float = 2.0) -> dict[str, float]:
    return {"n_epochs": n_epochs, "batch_size": 1, "learning_rate_multiplier": rate}


def test_the_loss_starts_near_the_entropy_of_the_data_and_falls() -> None:
    first, last = metrics_at(job(), 1), metrics_at(job(), 50)

    assert abs(first.train_loss - 3.0) < 0.3
    assert last.train_loss < first.train_loss / 4
    assert last.train_mean_token_accuracy > first.train_mean_token_accuracy


def test_a_higher_learning_rate_falls_faster() -> None:
    slow, fast = job(resolved=epochs(5, rate=0.5)), job(resolved=epochs(5, rate=4.0))

    assert metrics_at(fast, 30).train_loss < metrics_at(slow, 30).train_loss


def test_noise_follows_the_seed() -> None:
    assert metrics_at(job(), 7) == metrics_at(job(), 7)
    assert metrics_at(job(), 7) != metrics_at(job(seed=43), 7)


def test_the_validation_loss_rises_when_there_are_too_many_epochs() -> None:
    long = job(resolved=epochs(20), data=VALIDATED)

    ends = [metrics_at(long, epoch * 10).full_valid_loss or 0.0 for epoch in range(1, 21)]

    assert min(ends) < ends[0]
    assert ends[-1] > min(ends) * 1.5


def test_without_a_validation_file_there_is_no_validation_loss() -> None:
    assert metrics_at(job(), 10).valid_loss is None
    assert metrics_at(job(data=VALIDATED), 10).full_valid_loss is not None
    assert metrics_at(job(data=VALIDATED), 11).full_valid_loss is None


def test_every_step_is_logged_unless_there_are_very_many() -> None:
    many = job(data=TrainingData(examples=100_000, entropy=3.0))

    assert logged_steps(job()) == list(range(1, 51))
    assert len(logged_steps(many)) <= MAX_LOGGED_STEPS + 6
    assert {100_000, 200_000, 500_000} <= set(logged_steps(many))


def test_the_results_file_has_a_line_for_each_step() -> None:
    plain = results_csv(job(), plain=True)
    rows = list(csv.DictReader(io.StringIO(plain.decode())))

    assert list(rows[0]) == list(COLUMNS)
    assert [int(row["step"]) for row in rows] == list(range(1, 51))
    assert float(rows[-1]["train_loss"]) == metrics_at(job(), 50).train_loss


def test_the_results_file_is_sent_in_base64_unless_plain() -> None:
    sent = results_csv(job(), plain=False)

    assert base64.b64decode(sent) == results_csv(job(), plain=True)
