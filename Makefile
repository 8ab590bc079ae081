# The same commands that .ci/run uses. `pip install -e '.[dev]'` first.
.PHONY: check fix test coverage bench site demo

check:  ## lint, types, layers
	ruff check .
	ruff format --check .
	mypy
	lint-imports

fix:  ## what a machine can mend
	ruff check --fix .
	ruff format .

test:
	pytest

coverage:  ## the same, measured
	coverage erase
	coverage run -m pytest
	coverage combine -q
	coverage report --skip-covered

bench:  ## speed and memory, as ratios
	pytest -s -q -o python_files='bench_*.py' tests/bench

site:  ## the documentation, in site/
	python -m docs.generate
	zensical build --strict --clean

demo:  ## the README's main command
	ftrunner apply specs/stories.yaml --mock
