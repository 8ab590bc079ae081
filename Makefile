# The same commands that .ci/run uses. `pip install -e '.[dev]'` first.
.PHONY: check fix test bench demo

check:  ## lint, types, layers, coverage
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	pytest -q -n auto --cov --cov-report=term:skip-covered --cov-fail-under=90 tests/unit tests/contract tests/meta

fix:  ## what a machine can mend
	ruff check --fix .
	ruff format .

test:
	pytest

bench:  ## speed and memory, as ratios
	pytest -s -q -o python_files='bench_*.py' tests/bench

demo:  ## the README's main command
	ftrunner apply specs/stories.yaml --mock
