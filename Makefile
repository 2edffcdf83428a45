# Two commands are enough: `make demo` to see the city, `make test` to prove it.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= $(shell nproc 2>/dev/null || echo 2)
PYTEST := $(BIN)/python -m pytest
FAULTS := tests/faults tests/simulation tests/operations/test_seat_guard.py tests/operations/test_attendance_races.py \
	tests/operations/test_ledger_totals.py tests/operations/test_kept_totals.py tests/queries/test_tampering.py

.DEFAULT_GOAL := help
.PHONY: help demo serve test faults check bench bench-solver pictures audit migration catalogue lock clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/.runtime: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV) || { echo "the venv module is missing: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

demo: $(VENV)/.runtime ## From nothing to a running demo city; prints the address and the accounts
	$(BIN)/flask --app wsgi demo
	$(BIN)/python wsgi.py

serve: $(VENV)/.runtime ## Serve what is in instance/, without demo data
	$(BIN)/python wsgi.py

test: $(VENV)/.development ## Install what tests need and run all of them
	@sh tools/need-browser.sh
	$(PYTEST) -n $(WORKERS) --dist loadgroup -m "not faults" tests

faults: $(VENV)/.development ## Kills, races, cut lines, tampering and a simulated city (about ten minutes)
	@sh tools/need-browser.sh
	$(PYTEST) -n $(WORKERS) --dist loadgroup $(FAULTS)

check: $(VENV)/.development ## Static checks: format, lint, types, floors, templates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --strict volunteer/scheduling volunteer/domain
	$(BIN)/mypy volunteer
	$(BIN)/lint-imports
	$(BIN)/djlint volunteer/templates --lint --quiet

bench: $(VENV)/.development ## Page times, check-in throughput, totals of a long ledger (LONG=1: ten million entries)
	$(BIN)/python -m tests.bench $(if $(LONG),--long)

bench-solver: $(VENV)/.development ## What the optimiser reaches, at every size, in one run
	$(BIN)/python -m volunteer.scheduling bench

pictures: $(VENV)/.development ## Make the pictures of docs/pictures from the demo city
	@sh tools/need-browser.sh fonts
	$(BIN)/python -m tools.pictures

audit: $(VENV)/.development ## Lighthouse on the phone pages, where node is at hand
	@sh tools/need-browser.sh
	$(BIN)/python -m tools.audit

migration: $(VENV)/.development ## Draft a migration from the models: make migration m="what changes"
	$(BIN)/flask --app wsgi draft-migration "$(m)"

catalogue: $(VENV)/.development ## Collect the texts into the English catalogue and compile it
	$(BIN)/python -m tools.catalogue

lock: ## Compile the hashed requirements (needs uv)
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --no-emit-index-url -q requirements.in -o requirements.txt
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --no-emit-index-url -q requirements-dev.in -o requirements-dev.txt

clean: ## Remove the virtual environment and caches; instance/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
