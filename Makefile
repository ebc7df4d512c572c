# All set-up happens here: `make quickstart` and `make test` work in a fresh clone.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
# A fresh machine may have several; pyenv's are not on the PATH unless selected.
PYTHON ?= $(shell for p in python3.12 $$HOME/.pyenv/versions/3.12*/bin/python3.12 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 12))' 2>/dev/null && { echo "$$p"; break; }; done)
# pip compiles one file after the other to bytecode; compileall takes all cores.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt
COMPILE := $(BIN)/python -W ignore::SyntaxWarning -m compileall -q -j 0 "$(CURDIR)/$(VENV)/lib"

# Most tests wait for other processes more than they compute; those of `make check` do not.
JOBS ?= $(shell echo $$((2 * $$(nproc))))
check: JOBS = $(shell echo $$(($$(nproc) + 1)))
# Groups and their order: tests/conftest.py.
PYTEST = $(BIN)/python -m pytest -n $(JOBS) --dist loadgroup --no-loadscope-reorder --durations 20

# Two at once would install into one environment.
.NOTPARALLEL:
.PHONY: help install install-core install-tools quickstart check test docs test-compose lint format audit bench release clean

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | column -t -s $$'\t'

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.12 is needed and was not found: install it, or make PYTHON=/path/to/python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The stamps name what was installed; a changed pyproject or pin installs again.
$(VENV)/core.stamp: $(BIN)/python pyproject.toml constraints.txt
	@echo "installing hpo with SAC and Gymnasium (about two minutes)"
	$(PIP_INSTALL) --editable .
	@$(COMPILE)
	@touch $@

$(VENV)/tools.stamp: $(BIN)/python pyproject.toml constraints.txt
	@echo "installing hpo and the test tools (about two minutes)"
	$(PIP_INSTALL) --editable '.[test]'
	@$(COMPILE)
	@touch $(VENV)/core.stamp $@

$(VENV)/full.stamp: $(BIN)/python pyproject.toml constraints.txt
	@echo "installing Isaac Lab and all else (about five minutes, 8 GB)"
	$(PIP_INSTALL) --editable '.[isaaclab,test]'
	@$(COMPILE)
	@touch $(VENV)/core.stamp $(VENV)/tools.stamp $@

install-core: $(VENV)/core.stamp ## Install hpo without Isaac Lab into .venv

install-tools: $(VENV)/tools.stamp ## Install hpo and the test tools, without Isaac Lab, into .venv
	@scripts/install_postgresql.sh

install: $(VENV)/full.stamp install-tools ## Install everything, real Isaac Lab included, into .venv
	@scripts/install_chromium.sh

quickstart: install-core ## Set up and run a short real study on the embedded PostgreSQL
	$(BIN)/hpo worker --study quickstart

lint: install-tools ## Check style, types, the direction of imports and that the pinned packages fit together
	$(BIN)/python -m pip check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install-tools ## Apply the style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check: lint ## Before a commit: lint, unit tests, and the integration tests, which need no Isaac Lab
	$(PYTEST) tests/unit tests/integration

test: install lint ## Set up and run all tests
	$(PYTEST)

audit: ## Look up every pinned package among PyPI's known vulnerabilities; one that cannot be looked up is an error
	@test -x $(VENV)/audit/bin/pip-audit || { $(PYTHON) -m venv $(VENV)/audit && $(VENV)/audit/bin/python -m pip install --quiet pip-audit; }
	$(VENV)/audit/bin/pip-audit --strict --no-deps --disable-pip --vulnerability-service pypi --requirement constraints.txt

docs: ## Build the documentation site into build/site
	@test -x $(VENV)/docs/bin/mkdocs || { $(PYTHON) -m venv $(VENV)/docs && \
		$(VENV)/docs/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt mkdocs-material; }
	NO_MKDOCS_2_WARNING=1 $(VENV)/docs/bin/mkdocs build --quiet
	@echo "build/site/index.html"

test-compose: ## Build the images and test the compose stack (BASE=debootstrap makes the base images)
	$(PYTHON) -m tests.compose $(if $(BASE),--make-base-images)

bench: install ## Measure what the README claims; raw results go to benchmarks/results
	$(BIN)/python -m benchmarks.overhead
	$(BIN)/python -m benchmarks.plain_script
	$(BIN)/python -m benchmarks.replay_statistics
	$(BIN)/python -m benchmarks.samplers
	$(BIN)/python -m benchmarks.pruners
	$(BIN)/python -m benchmarks.load
	$(BIN)/python -m benchmarks.growth
	$(BIN)/python -m benchmarks.connections
	$(BIN)/python -m benchmarks.soak
	$(BIN)/python -m benchmarks.locomotion
	$(BIN)/python -m benchmarks.training_loop
	$(BIN)/python -m benchmarks.same_learning
	$(BIN)/python -m benchmarks.startup_noise

release: lint ## Tag the version of pyproject.toml and build its wheel into dist; the changelog must have it
	@test -z "$$(git status --porcelain)" || { echo "there are changes that are not committed"; exit 1; }
	@version=$$($(BIN)/python -c "import tomllib; print(tomllib.load(open('pyproject.toml', 'rb'))['project']['version'])") && \
	{ grep -q "^## \[$$version\]" CHANGELOG.md || { echo "CHANGELOG.md has no section [$$version]"; exit 1; }; } && \
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist . && git tag "v$$version" && \
	echo "tagged v$$version, built dist/hpo-$$version-py3-none-any.whl"

clean: ## Remove the environment and what was built
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
