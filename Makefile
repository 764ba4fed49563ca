# The commands of this project. `make demo` and `make test` each work from a fresh clone.
# Needed on the machine: make and Python 3.11 or newer; uv is used when it is there.

MAKEFLAGS += --no-print-directory
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
SYSTEM_PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13; do \
  "$$p" -c '$(NEW_ENOUGH)' 2>/dev/null && { command -v "$$p"; break; }; done)
PY := .venv/bin/python
PORT ?= 8000

.NOTPARALLEL:
.PHONY: help setup demo test test-sqlite test-postgres lint format bench lock messages vendor clean

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 24

setup: ## virtual environment, locked packages, translations, var/ (safe to repeat)
	@$(or $(SYSTEM_PYTHON),$(error Python 3.11 or newer is needed)) scripts/setup.py

demo: setup ## load the demo, start web and worker (PORT=8000)
	@PORT=$(PORT) scripts/demo

test: setup ## everything CI runs: lint, then the suite on SQLite and on PostgreSQL
	@$(PY) scripts/lint.py; lint=$$?; $(PY) -m scripts.test sqlite postgres; tests=$$?; \
	if [ $$lint != 0 ]; then echo; echo "== lint FAILED, see above"; fi; exit $$((lint + tests))

test-sqlite: setup ## the suite on SQLite (ARGS="tests/… -k …" narrows it)
	@$(PY) -m scripts.test sqlite -- $(ARGS)

test-postgres: setup ## the suite on PostgreSQL (found, or started for the run)
	@$(PY) -m scripts.test postgres -- $(ARGS)

lint: setup ## style, types, layers, templates, migrations, translations, production checks
	@$(PY) scripts/lint.py

format: setup ## rewrite Python in the house style
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format --quiet .

bench: setup ## the figures this product promises, measured on PostgreSQL
	@$(PY) -m benchmarks.run $(ARGS)

lock: setup ## requirements/*.txt from pyproject.toml (UPGRADE=1 takes newer versions)
	@UPGRADE=$(UPGRADE) scripts/lock.sh

messages: setup ## bring locale/*/…/django.po in step with the code
	@$(PY) scripts/translations.py update

vendor: setup ## refresh the committed front-end files from their npm packages
	@scripts/vendor_frontend

clean: ## remove what was built; data in var/ stays
	@rm -rf .venv staticfiles .mypy_cache .ruff_cache .import_linter_cache .hypothesis
