# Each target sets up what it needs: Python 3.11 or later, make and a package index are enough.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
KEY := $(shell cat pyproject.toml Makefile | cksum | cut -d' ' -f1)
READY := $(VENV)/.ready-$(KEY)
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: run demo test test-fast lint format bench setup clean

run: $(READY)
	$(BIN)/quartermaster $(ARGS)

demo: $(READY)
	$(BIN)/quartermaster demo $(ARGS)

# pytest comes last, so that its verdict is the last line.
test: lint
	PYTHON=$(BIN)/python sh scripts/test-parts.sh
	$(BIN)/python -m pytest -n auto $(ARGS)

test-fast: $(READY)
	$(BIN)/python -m pytest -n auto -x --ignore=tests/walk $(ARGS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: $(READY)
	$(BIN)/python -m benchmarks $(ARGS)

setup: $(READY)

# The stamp's name holds a checksum of what it depends on: a change of branch never meets a stale environment.
$(READY):
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --editable '.[dev]'
	rm -f $(VENV)/.ready-*
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist
