# `make` lists the targets. A fresh machine needs Python 3.11 and make; everything else is installed here.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
YORIAI := $(BIN)/yoriai
SCALE ?= 1
PORT ?= 8000
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev

.DEFAULT_GOAL := help
.PHONY: help demo test check fix bench loadtest clean

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

KERNELS := $(wildcard batch/planner/kernels/*.py)

$(RUNTIME): requirements.lock requirements-assets.lock requirements-fonts.lock pyproject.toml $(KERNELS)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@# django-htmx is installed for the htmx file inside its wheel only, so without Django
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-assets.lock
	$(BIN)/python tools/link_source.py
	$(BIN)/python tools/install_fonts.py
	@# the planner's kernels are compiled here, so that no plan has to wait for it
	$(BIN)/python -m batch.planner.warm
	@touch $@

$(DEV): $(RUNTIME) requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python tools/install_browser.py
	@touch $@

demo: $(RUNTIME) ## four municipalities, a night of batch, the application on 127.0.0.1:8000
	$(YORIAI) demo --scale $(SCALE) --port $(PORT)

test: $(DEV) ## all tests, on a real PostgreSQL and a real browser
	$(BIN)/python -m pytest -n 2 --dist loadgroup --durations=15

check: $(DEV) ## format, lint, types, import contracts, project lints
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/lints

fix: $(DEV) ## format and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(DEV) ## the ratios: planner, counter, assessment, latency during the batch, staggered peak
	$(BIN)/python -m loadtests.bench --scale $(SCALE)

loadtest: $(DEV) ## locust with its web UI against a running demo
	$(BIN)/locust -f loadtests/locustfile.py --host http://127.0.0.1:$(PORT)

clean: ## remove everything make has made
	@test ! -x $(YORIAI) || $(YORIAI) demo --stop
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
