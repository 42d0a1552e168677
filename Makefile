# Every target sets itself up: the first one run creates .venv from the lock file.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

PROFILE ?= sample
DATA ?=
BACKBONE ?=
INCOMING ?=
SET ?=

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

.venv/installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
	  || { echo "smearflow needs Python 3.11-3.13: name one, as in 'make PYTHON=python3.12 ...'" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet "$$(sed -n 's/^\(uv==[^ ]*\).*/\1/p' requirements.lock)"
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	touch $@

.PHONY: setup
setup: .venv/installed ## create .venv with the exact versions of requirements.lock

.PHONY: lock
lock: setup ## resolve pyproject.toml anew into requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header --group pyproject.toml:dev pyproject.toml -o requirements.lock > /dev/null
