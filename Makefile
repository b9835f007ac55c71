# Each target sets up what it needs: Python 3.11 or later, make and a package index are enough.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
KEY := $(shell cat pyproject.toml Makefile | cksum | cut -d' ' -f1)
RUNS := $(VENV)/.runs-$(KEY)
READY := $(VENV)/.ready-$(KEY)
PIP := $(BIN)/python -m pip --disable-pip-version-check
LOCKS := packaging/container
LOCK := UV_CUSTOM_COMPILE_COMMAND='make lock' $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-annotate

.PHONY: run demo test test-fast e2e test-packages lint format bench package setup lock clean

run: $(RUNS)
	$(BIN)/quartermaster $(ARGS)

demo: $(RUNS)
	$(BIN)/quartermaster demo $(ARGS)

# So many ways of sync are made up and tried: `make test EXAMPLES=1000` takes its time.
export EXAMPLES ?= 50

# pytest comes last, so that its verdict is the last line.
test: lint
	PYTHON=$(BIN)/python sh scripts/test-parts.sh
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

test-fast: $(READY)
	$(BIN)/python -m pytest -n auto -x --ignore=tests/walk $(ARGS)

# The image, built and run; in front of it the real proxy. Needs a container engine: tests/e2e/with-docker says what is asked of it.
e2e: $(READY)
	PYTHON=$(BIN)/python sh scripts/test-parts.sh
	$(BIN)/python -m tests.e2e $(ARGS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: $(READY)
	PYTHON=$(BIN)/python sh scripts/test-parts.sh chromium
	$(BIN)/python -m benchmarks $(ARGS)

# The program with its Python, and what this system installs it from, in dist/: docs/packages.md.
package:
	$(PYTHON) packaging/bundle

# What `make package` has made is tried here, also on a machine of its own, which `mmdebstrap` makes.
test-packages: $(READY)
	PYTHON=$(BIN)/python sh scripts/test-parts.sh
	$(BIN)/python -m pytest -m package $(ARGS)

setup: $(READY)

# The image's packages, with their hashes and without the names of the hosts that they came from.
lock: $(READY)
	$(LOCK) pyproject.toml --output-file $(LOCKS)/requirements.lock
	$(LOCK) pyproject.toml --extra window --extra package --output-file packaging/bundle/requirements.lock
	echo 'hatchling>=1.27' | $(LOCK) - --output-file $(LOCKS)/build.lock

# The stamps' names hold a checksum of what they depend on: a change of branch never meets a stale environment. To run the
# program needs no more than the program: a linter that cannot be had is in nobody's way.
$(RUNS):
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --editable '.[window]'
	rm -f $(VENV)/.runs-*
	touch $@

$(READY):
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --editable '.[dev,deploy]'
	rm -f $(VENV)/.ready-* $(VENV)/.runs-*
	touch $@ $(RUNS)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist
