# Both `make run` and `make test` start from a bare checkout; a second call installs nothing.
.DEFAULT_GOAL := run
.PHONY: run test lint screenshots benchmark load clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

PIP := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt

$(BIN)/pip:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt | $(BIN)/pip
	$(PIP) --editable .
	touch $@

$(VENV)/installed-test: pyproject.toml constraints.txt | $(BIN)/pip
	@# A peer that a C compiler makes: where there is none the tests that ask it are left out, and say so. What is
	@# imported is compiled then; of these libraries that is a small part.
	$(PIP) --no-compile --editable '.[test,saliency]' || { \
		echo "pysaliency cannot be installed here: maps are not compared with it."; \
		$(PIP) --no-compile --editable '.[test]'; }
	touch $(VENV)/installed $@

run: $(VENV)/installed
	$(BIN)/regionscope serve

test: $(VENV)/installed-test lint
	sh tests/install-browser.sh $(BIN)
	@# Files with few tests may be the longest; tests/conftest.py says which are begun first.
	$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

screenshots: $(VENV)/installed-test
	sh tests/install-browser.sh $(BIN)
	$(BIN)/python -m tests.screenshots build/screenshots

benchmark: $(VENV)/installed-test
	sh tests/install-browser.sh $(BIN)
	$(BIN)/python -m benchmarks build/benchmarks.json

load: $(VENV)/installed-test
	$(BIN)/python -m benchmarks.load build/load.json

clean:
	rm -rf build .pytest_cache .mypy_cache .ruff_cache
