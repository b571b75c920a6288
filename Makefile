# make run    the shipped example: DR Congo closes its cobalt exports; results in runs/drc-cobalt-export-ban
# make test   style, types, the shipped scores against history, a sample of planted faults, and all tests
# make bench  the speed table
# Needs Python 3.11 or newer and make; everything else is installed into .venv by the first target that needs it.

PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
SCENARIO ?= drc-cobalt-export-ban

# What Python compiles is kept, whatever the shell asks for: the tests start hundreds of processes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test types scores bench install clean

run: $(VENV)/.installed
	$(PY) -m lodeflow run $(SCENARIO) --out runs/$(SCENARIO)

# Types and scores each keep one processor busy, so they are looked at side by side; the tests then take all.
test: $(VENV)/.installed-dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	+@$(MAKE) --no-print-directory --jobs 2 types scores
	$(PY) -m pytest -n logical --maxprocesses 8 --dist loadfile --no-loadscope-reorder --durations 25 --durations-min 20

types: $(VENV)/.installed-dev
	$(PY) -m tests.types
	$(PY) -m mypy

scores: $(VENV)/.installed-dev
	$(PY) -m lodeflow hindcast --check
	$(PY) -m lodeflow validate --structure --check
	$(PY) -m tests.planted --sample 6

bench: $(VENV)/.installed
	$(PY) -m benchmarks

install: $(VENV)/.installed

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Lodeflow needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The stamps stand for "these packages are installed for this pyproject.toml", so nothing is installed twice.
$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(PY) -m pip install --quiet --disable-pip-version-check -e .
	touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/bin/python
	$(PY) -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
