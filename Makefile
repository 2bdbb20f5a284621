# Everything runs in a virtual environment of its own; nothing but Python 3.11 (or later) and make is needed.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.DEFAULT_GOAL := help

help: ## Show this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

.venv/ready: requirements-dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: .venv/ready ## Make the virtual environment

demo: .venv/ready ## Open a local page where anybody can be tried; end with Ctrl+C
	$(BIN)/tryggvag demo

picture: .venv/ready ## Take the README's picture anew
	TRYGGVAG_TEST_PICTURE=docs/demo.png $(BIN)/python -m pytest tests/browser -n 0 -k picture

play: .venv/ready ## Play the whole story against local servers and print its transcript
	$(BIN)/tryggvag demo --play

# First what takes long, so that no worker waits for it in the end.
LONG := tests/transcripts tests/browser
# What touches no database says the same on both.
ON_BOTH := tests/transcripts tests/contract tests/storage tests/services tests/test_cli.py
# The proof in small has the machine for itself: it starts bots of its own, and watches how long people wait.
PYTEST := $(BIN)/python -m pytest
POSTGRESQL := TRYGGVAG_TEST_DATABASE=postgresql $(PYTEST)

test: .venv/ready ## Run every test on SQLite, and what touches the database on PostgreSQL too; Chromium where it may
	@$(BIN)/python -m tests.browser.chromium
	$(PYTEST) -n 3 --dist loadgroup --ignore tests/prove $(LONG) tests
	$(POSTGRESQL) -n 3 --dist loadgroup $(ON_BOTH)
	$(PYTEST) tests/prove
	$(POSTGRESQL) tests/prove

whole: .venv/ready ## Run every test on both databases and both platforms; takes half an hour
	TRYGGVAG_TEST_ALL=1 $(MAKE) test

check: .venv/ready ## Lint, types, import rules, migrations, catalogues
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m storage.migrate check
	$(BIN)/python -m tests.check_catalogues

prove: .venv/ready ## Kill the bot 200 times over the story on each database, and one of three; find everything intact
	$(BIN)/python -m tests.prove --kills 200
	$(BIN)/python -m tests.prove --kills 200 --on postgresql
	$(BIN)/python -m tests.prove --deaths 12

fuzz: .venv/ready ## Throw 20,000 fuzzed requests and socket frames at the bot; takes a minute
	FUZZ=20000 $(BIN)/python -m pytest tests/contract/test_fuzz.py -n 0 -p no:cacheprovider --timeout 3600

# What we are measured beside wants other versions than we do, and has an environment of its own.
.venv-bench/ready: tests/bench/peers.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/bench/peers.txt
	@touch $@

bench: .venv/ready .venv-bench/ready ## Measure; writes build/bench.json
	$(BIN)/python -m tests.bench

transcripts: .venv/ready ## Write the golden transcripts anew; read the difference before you commit it
	$(BIN)/python -m pytest tests/transcripts --rewrite-transcripts

pins: .venv/ready ## Compile the pinned requirements from pyproject.toml
	$(BIN)/pip-compile -q --strip-extras --allow-unsafe --generate-hashes --no-emit-index-url --no-emit-trusted-host \
		--no-emit-find-links --extra dev -o requirements-dev.txt pyproject.toml
	$(BIN)/pip-compile -q --strip-extras --generate-hashes --no-emit-index-url --no-emit-trusted-host \
		--no-emit-find-links -c requirements-dev.txt -o requirements.txt pyproject.toml
	$(BIN)/pip-compile -q --strip-extras --generate-hashes --no-emit-index-url --no-emit-trusted-host \
		--no-emit-find-links -o tests/bench/peers.txt tests/bench/peers.in

.PHONY: help setup demo picture play test whole check prove fuzz bench transcripts pins
