# Two commands for everybody: `make demo` runs the main job, `make test` all tests; each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test fast check clinic docs browser messages clean

$(VENV)/ready: pyproject.toml hatch_build.py src/unstuck/attach/passes.c
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[dev]"
	touch $@

demo: $(VENV)/ready  ## watch, diagnose and treat a script that does not train
	@$(BIN)/unstuck treat --thorough examples/stuck_digits.py; code=$$?; test $$code -le 1

test: $(VENV)/ready  ## fast tests, then the slow ones (trials, clinic)
	$(BIN)/python -m pytest -n 2 -m "not slow"
	$(BIN)/python -m pytest -n 2 --dist loadfile -m slow

fast: $(VENV)/ready  ## fast tests only
	$(BIN)/python -m pytest -n 2 -m "not slow"

check: $(VENV)/ready  ## lint, format, types
	$(BIN)/ruff check src tests scripts benchmarks docs
	$(BIN)/ruff format --check src tests scripts benchmarks docs
	$(BIN)/mypy

clinic: $(VENV)/ready  ## score the rules
	$(BIN)/unstuck clinic clinic/cases

docs: $(VENV)/ready  ## the documentation site, into site/
	$(BIN)/python docs/build.py

browser:  ## a Chromium for the tests of the report page and the site, where apt can install one; without it they are skipped
	@command -v chromium >/dev/null || { command -v apt-get >/dev/null && apt-get update -qq \
	  && apt-get install -y -qq --no-install-recommends chromium fonts-wqy-zenhei >/dev/null; } || echo "no Chromium: the tests of the page are skipped"

messages: $(VENV)/ready  ## extract and compile the catalogue
	$(BIN)/python scripts/messages.py

clean:
	rm -rf $(VENV) .unstuck build site
