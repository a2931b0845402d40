# Each target sets up what it needs; CONTRIBUTING.md says what each is for.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
TOOLS := tests/support/tools
BIN := .venv/bin
# The checkout, at the path that Ansible and mypy look for it.
TREE := .cache/ansible_collections/tokenops/ionos
export PATH := $(CURDIR)/$(BIN):$(PATH)
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/.cache

.PHONY: help venv test lint unit demo clean

help:  ## Say what can be made
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' Makefile | expand -t 16

venv:  ## Set up .venv
	@$(PYTHON) $(TOOLS)/ensure_venv.py .venv requirements-dev.txt
	@mkdir -p $(dir $(TREE)) && ln -sfn ../../.. $(TREE)

test: lint  ## Lint, then every test but the heavy ones
	@$(BIN)/pytest -m "not heavy"

lint: venv  ## Style, types, YAML, Ansible content
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy -p ansible_collections.tokenops.ionos.plugins
	@$(BIN)/yamllint --strict .
	@$(BIN)/ansible-lint --profile production --offline

unit: venv  ## The unit tests
	@$(BIN)/pytest tests/unit

demo: venv  ## Show the main job against a local API and a local OpenBao
	@$(BIN)/python tests/demo/demo.py

clean:  ## Remove everything that was generated
	@rm -rf .venv .venv.lock .cache .ansible .hypothesis .pytest_cache .ruff_cache collections tests/output *.tar.gz
