.PHONY: help demo test trust check bench peers up lock clean
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin

help: ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: .venv/runtime ## Show the whole pipeline at work, on a broker that ends with it
	@$(BIN)/telex demo

test: .venv/development ## Run all tests: real Kafka, real models, real faults
	@$(BIN)/python -m pytest -m "not long" --numprocesses=4 --dist=loadfile --no-loadscope-reorder

# The tests of recovery and the soak run alone, because they measure. The others follow in two processes, the longest
# first.
trust: .venv/development ## Test what faults do to articles; FULL=1 for the long form, two to three hours
	@rm -rf build/trust/$(if $(FULL),full,short)
	@export TELEX_TRUST_FULL=$(FULL); code=0; set -- --durations=0 $(if $(FULL),--timeout=14400); \
	$(BIN)/python -m pytest tests/trust/test_recovery.py tests/trust/test_soak.py "$$@" || code=$$?; \
	$(BIN)/python -m pytest tests/trust/test_workers.py tests/trust \
		--ignore=tests/trust/test_recovery.py --ignore=tests/trust/test_soak.py \
		--numprocesses=2 --dist=loadfile --no-loadscope-reorder "$$@" || code=$$?; \
	$(BIN)/python -m pytest tests/integration -m long "$$@" || code=$$?; \
	$(BIN)/python -m tests.support.exam $(if $(PUBLISH),publish); exit $$code

check: .venv/development ## Check lint, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: .venv/runtime ## Compare the cost of the pipeline with the baseline, on this machine, in a few minutes
	@$(BIN)/telex bench

peers: .venv/development ## Compare Telex with other Kafka clients, on this machine, in an hour
	@$(BIN)/python -m peers

up: .venv/runtime ## Run a broker, the topics and one worker of each stage, until Ctrl-C
	@$(BIN)/telex up

lock: .venv/development ## Pin the newest versions that fit pyproject.toml, with hashes
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --extra full-text --group dev -c requirements.lock -o requirements-dev.lock
	for peer in confluent-kafka faststream; do \
		$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --group peer-$$peer -c requirements.lock -o peers/requirements-$$peer.lock; done

clean: ## Remove the environment and the files of tests (not the broker's data)
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/runtime: requirements.lock pyproject.toml
	@echo "Setting up Telex in .venv (once, about a minute) …"
	@$(PYTHON) -c 'import sys; sys.exit("Telex needs Python 3.11 or newer, this is " + sys.version.split()[0] + ": make PYTHON=python3.12 …") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/development: .venv/runtime requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
