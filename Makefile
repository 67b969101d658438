# Needs Python >= 3.11 (with venv) and make, nothing else: every target sets up .venv by itself.
# Another interpreter: make test PYTHON=python3.12

PYTHON ?= python3
# Processes that run tests side by side.
JOBS ?= 2
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
PIP_INSTALL := $(PIP) install --progress-bar off --constraint constraints.txt

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-slow fuzz lint bench coverage clean distclean

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.installed ## Match the sample day through the service (in var/demo) and show the proposals
	@$(BIN)/restplatz demo

test: $(VENV)/.installed-dev ## Run the tests (without the long ones)
	$(BIN)/python -m pytest -m "not slow" -p no:benchmark -n $(JOBS) --dist loadfile tests

test-slow: $(VENV)/.installed-dev ## Run the long property tests
	$(BIN)/python -m pytest -m slow tests

fuzz: $(VENV)/.installed-dev ## 10,000 random tiny days against brute force; goes on where it was broken off
	$(BIN)/python -m benchmarks.fuzz --seeds 0-9999 --jobs 2

lint: $(VENV)/.installed-dev ## Style, format, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(VENV)/.installed-dev ## Run the benchmarks
	$(BIN)/python -m pytest --benchmark-only benchmarks

coverage: $(VENV)/.installed-dev ## Run the tests with branch coverage; kernels run as Python, which is slow
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -m "not slow" --cov --cov-report=term-missing tests

clean: ## Remove caches and build products (keeps .venv)
	rm -rf build dist htmlcov .coverage .coverage.* .benchmarks .hypothesis .pytest_cache .mypy_cache .ruff_cache
	rm -rf .import_linter_cache
	find . -path ./$(VENV) -prune -o -path ./.git -prune -o -type d -name __pycache__ -exec rm -rf {} +

distclean: clean ## Remove .venv as well
	rm -rf $(VENV)

# Stamps: each is written last, so that a half-finished step is done again.
$(VENV)/.created:
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "error: '$(PYTHON)' not found. Install Python 3.11 or newer, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "error: expected Python 3.11 or newer, got $$($(PYTHON) --version 2>&1)." \
	       "Name a newer one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "error: $(PYTHON) has no venv module. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version 2>&1)"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/.created
	@echo "Installing what the programme needs (the first time takes a minute or two)"
	@rm -f $@ $(VENV)/.installed-dev
	@$(PIP_INSTALL) --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(VENV)/.created
	@echo "Installing what tests and checks need (the first time takes a minute or two)"
	@rm -f $@ $(VENV)/.installed
	@$(PIP_INSTALL) --editable '.[dev]'
	@touch $(VENV)/.installed $@
