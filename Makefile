# What a person types. Needs only make and python3 (3.11 or later, with venv); everything else is installed in .venv.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
SHELL := /bin/bash

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CHECKED := $(wildcard src tests benchmarks scripts migrations)
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
  --no-config --no-header --no-annotate --no-emit-index-url --no-emit-find-links

export VIRTUAL_ENV := $(CURDIR)/$(VENV)

.PHONY: help
help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: env
env: $(STAMP) ## Make the environment in .venv from the lock

$(STAMP): pyproject.toml requirements-dev.lock scripts/make_env.sh
	@bash scripts/make_env.sh $(VENV) requirements-dev.lock
	@touch $@

.PHONY: demo
demo: $(STAMP) ## Start PostgreSQL, the API and a worker on a synthetic world (RACCORD_PORT, RACCORD_DATA_DIR)
	@exec $(BIN)/raccord demo

.PHONY: test
test: $(STAMP) ## Run everything CI runs
	@bash scripts/run_checks.sh $(CHECKED)

.PHONY: test-clients
test-clients: $(STAMP) ## Run the tests of generated clients, for the languages this machine has
	@bash scripts/test_clients.sh

.PHONY: openapi
openapi: $(STAMP) ## Write openapi/ from the code
	@$(BIN)/raccord openapi

.PHONY: bench
bench: $(STAMP) ## Measure what is claimed about speed
	@exec $(BIN)/python -m benchmarks

.PHONY: format
format: $(STAMP) ## Format the code and fix what can be fixed alone
	@$(BIN)/ruff check --fix-only --quiet $(CHECKED)
	@$(BIN)/ruff format $(CHECKED)

.PHONY: lock
lock: $(STAMP) ## Resolve the dependencies again (LOCK_FLAGS=--upgrade to move to newest)
	@$(COMPILE) $(LOCK_FLAGS) --group dev --output-file requirements-dev.lock
	@$(COMPILE) --constraint requirements-dev.lock --output-file requirements.lock

.PHONY: clean
clean: ## Remove what was built (the demo's data in .raccord stays)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.* build dist
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
