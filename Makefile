# The same commands that .ci/run uses. `pip install -e '.[dev]'` first.
.PHONY: check fix test bench demo

# Acceptance and crash tests run commands and processes of their own by the hundred; measuring them
# as well takes ten minutes. What only they reach is the command line, which the floor allows for.
check:  ## lint, types, layers, coverage
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	coverage erase
	coverage run -m pytest -q tests/unit tests/contract tests/meta tests/cases
	coverage combine -q
	coverage report --skip-covered --fail-under=80

fix:  ## what a machine can mend
	ruff check --fix .
	ruff format .

test:
	pytest

bench:  ## speed and memory, as ratios
	pytest -s -q -o python_files='bench_*.py' tests/bench

demo:  ## the README's main command
	ftrunner apply specs/stories.yaml --mock
