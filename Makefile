# Creditwell: `make run` starts it, `make test` proves it. Nothing else needs to be installed first
# but Python 3.11 or newer.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin

.PHONY: install install-dev run test check fmt bench openapi requirements clean

install: .venv/.app
install-dev: .venv/.dev

.venv/.python:
	PYTHON="$(PYTHON)" tools/make-venv
	@touch $@

.venv/.app: .venv/.python requirements/app.txt pyproject.toml
	tools/pip-install requirements/app.txt
	@touch $@

.venv/.dev: .venv/.app requirements/dev.txt
	tools/pip-install requirements/dev.txt
	@touch $@

run: .venv/.app
	PORT="$(PORT)" $(BIN)/creditwell serve --demo

test: .venv/.dev
	tools/test

check: .venv/.dev
	tools/check

fmt: .venv/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/.dev
	$(BIN)/python tools/bench.py

openapi: .venv/.dev
	CREDITWELL_WRITE_OPENAPI=1 $(BIN)/pytest tests/api/test_docs.py -k on_purpose

requirements: .venv/.dev
	$(BIN)/uv pip compile --generate-hashes --no-emit-index-url --python-version 3.11 \
		pyproject.toml -o requirements/app.txt
	$(BIN)/uv pip compile --generate-hashes --no-emit-index-url --python-version 3.11 \
		--group dev pyproject.toml -o requirements/dev.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
