# Each target sets up what it needs; CONTRIBUTING.md says what each is for.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Found before .venv/bin comes first on the PATH: what makes the environment must not be part of it.
PYTHON := $(or $(PYTHON),$(shell command -v python3))
TOOLS := tests/support/tools
BIN := .venv/bin
TOOL := PYTHONPATH=tests $(BIN)/python -m support.tools
RELEASE := .cache/venvs/release
IMPORTER := .cache/venvs/importer
SITE := .cache/venvs/docs
# The checkout, at the path that Ansible and mypy look for it.
TREE := .cache/ansible_collections/tokenops/ionos
TARBALL = tokenops-ionos-$(shell sed -n 's/^version: //p' galaxy.yml).tar.gz
# The heavy file is not even read: its cases are found by many runs.
FAST_TESTS := -m "not heavy" --ignore tests/faults/test_lagging_api.py
# The tests of as many files at a time, those that start Ansible first, so that small ones fill the end.
JOBS ?= $(shell nproc 2>/dev/null || echo 1)
PYTEST := $(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

export PATH := $(CURDIR)/$(BIN):$(PATH)
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/.cache
export ANSIBLE_HOME := $(CURDIR)/.cache/ansible-home

.PHONY: help venv test lint lint-python lint-content generate unit integration bench demo emulator build test-all pytest-all \
  targets ansible-test docs docs-lint changelog-lint importer molecule matrix mutants axe pictures architecture clean

help:  ## Say what can be made
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' Makefile | expand -t 18

venv:  ## Set up .venv
	@$(PYTHON) $(TOOLS)/ensure_venv.py .venv requirements-dev.txt
	@mkdir -p $(dir $(TREE)) && ln -sfn ../../.. $(TREE)

test: lint  ## Lint, then every test but the heavy ones
	@$(PYTEST) $(FAST_TESTS)

lint: venv  ## Check style, types, YAML and Ansible content
	@$(MAKE) -j2 lint-python lint-content

lint-python: venv
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy -p ansible_collections.tokenops.ionos.plugins -p emulator -p support -p demo -p bench
	@PYTHONPATH=.cache $(BIN)/lint-imports --no-logo --cache-dir .cache/import-linter

lint-content: venv
	@$(BIN)/yamllint --strict .
	@$(BIN)/ansible-lint --profile production --offline

generate: venv  ## Write options and messages that stand in code into documentation and role
	@PYTHONPATH=tests:.cache $(BIN)/python -m support.tools.generate_options
	@PYTHONPATH=tests:.cache $(BIN)/python -m support.tools.generate_messages

unit: venv  ## Run the unit tests
	@$(PYTEST) tests/unit

integration: venv  ## Run the tests that start Ansible and real servers
	@$(PYTEST) $(FAST_TESTS) tests/integration

bench: venv  ## Measure what a run costs beside a playbook and scripts (half an hour; FULL=1: hours, ARGS="--help")
	@PYTHONPATH=tests:.cache $(BIN)/python -m bench $(if $(FULL),--tokens 1,10,100,1000,10000 --usual-up-to 100) $(ARGS)

demo: venv  ## Show the main job against a local API and a local OpenBao
	@$(BIN)/python tests/demo/demo.py

emulator: venv  ## Run an API to try things with, until Ctrl-C (PORT=8080 TWO_FACTOR=enabled)
	@$(TOOL).run_emulator $(if $(PORT),--port $(PORT)) $(if $(TWO_FACTOR),--two-factor $(TWO_FACTOR))

build: venv  ## Build the tarball
	@$(BIN)/ansible-galaxy collection build --force

# The tests come last, so that pytest's summary ends the output.
test-all: lint docs docs-lint changelog-lint importer ansible-test molecule matrix pytest-all  ## Run every check there is

pytest-all: targets axe  ## Run every test, the heavy ones too
	@$(PYTEST)

targets: venv  ## Set up the old Pythons that modules may meet on a target, as far as they are here
	@$(TOOL).prepare_targets

# The unit tests are written for the Pythons of a controller, of which the first one here is used.
ansible-test: venv  ## Run ansible-test sanity and units, without an ignore file
	@$(TOOL).run_ansible_test sanity
	@$(TOOL).run_ansible_test units --python "$$($(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')"

$(RELEASE): venv
	@$(PYTHON) $(TOOLS)/ensure_venv.py $(RELEASE) $(TOOLS)/requirements-release.txt

docs-lint: $(RELEASE)  ## Check the documentation of plugins and roles, and the guides
	@PATH="$(CURDIR)/$(RELEASE)/bin:$$PATH" antsibull-docs lint-collection-docs \
	  --plugin-docs --validate-collection-refs self --check-extra-docs-refs .

docs: venv  ## Build the site with reference, guides and decisions
	@$(PYTHON) $(TOOLS)/ensure_venv.py $(SITE) $(TOOLS)/requirements-docs.txt
	@PATH="$(CURDIR)/$(SITE)/bin:$$PATH" python $(TOOLS)/build_site.py .cache/docs

changelog-lint: $(RELEASE)  ## Check the changelog and its fragments
	@$(RELEASE)/bin/antsibull-changelog lint
	@$(RELEASE)/bin/antsibull-changelog lint-changelog-yaml changelogs/changelog.yaml

importer: build  ## Import the tarball as Galaxy does; a warning fails
	@$(PYTHON) $(TOOLS)/ensure_venv.py $(IMPORTER) $(TOOLS)/requirements-importer.txt
	@cd .cache && PATH="$(CURDIR)/$(IMPORTER)/bin:$$PATH" python -m galaxy_importer.main ../$(TARBALL) 2>&1 \
	  | tee importer.log
	@! grep -qE '^(WARNING|ERROR)' .cache/importer.log

molecule: $(RELEASE)  ## Run the molecule scenarios of the role
	@cd extensions && PATH="$(CURDIR)/$(RELEASE)/bin:$$PATH" molecule test --all

matrix: venv  ## Run unit and integration tests, and sanity, on every supported ansible-core
	@$(TOOL).run_matrix

mutants: venv  ## Change the engine in small ways and see that the tests notice (COUNT=70 SEED=1)
	@$(PYTHON) $(TOOLS)/ensure_venv.py .cache/venvs/mutants $(TOOLS)/requirements-mutants.txt
	@$(TOOL).run_mutants $(if $(COUNT),--count $(COUNT)) $(if $(SEED),--seed $(SEED))

axe: venv  ## Set up axe-core, with which the tests judge the report page, where npm is
	@if command -v npm >/dev/null; then npm install --silent --no-fund --no-audit --prefix .cache/axe axe-core@4.14.1; \
	  else echo "npm is not here: what axe-core would find is not tested."; fi

pictures: venv  ## Take the picture of the report page anew
	@PYTHONPATH=tests:.cache $(BIN)/python -m support.tools.take_pictures

architecture: venv  ## Draw the picture of the architecture anew
	@$(TOOL).draw_architecture

clean:  ## Remove everything that was generated
	@rm -rf .venv .venv.lock .cache .ansible .hypothesis .mypy_cache .pytest_cache .ruff_cache .schemathesis collections tests/output *.tar.gz
