# Every target works from a bare checkout: it makes .venv when that is missing or out of date.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help setup run test lint html bench new lock clean

help: ## say what each target does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(READY) ## make .venv with the locked packages and the blip command

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: $(READY) html ## build the site and serve it with the chat page on 127.0.0.1:8000, and Slack when its tokens are set
	$(BIN)/blip serve

test: $(READY) lint ## run every check and every test
	$(BIN)/python -m pytest

lint: $(READY) ## style, types and what a careful reviewer would say of the entries
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/blip lint

html: $(READY) ## build the site into build/html
	$(BIN)/sphinx-build -q -W --keep-going -j auto -b html . build/html

bench: $(READY) ## measure quality and speed beside public baselines
	$(BIN)/python -m tests.bench

new: $(READY) ## scaffold an entry: answers become kb/incidents/<id>.md
	$(BIN)/blip new

lock: $(READY) ## pin the newest versions that fit, with hashes and without addresses
	$(BIN)/uv pip compile --quiet --universal --upgrade --generate-hashes --no-emit-index-url --no-header \
	  --python-version 3.11 --group dev --group bench --extra postgres pyproject.toml -o requirements.lock

clean: ## remove everything that was made
	rm -rf $(VENV) build
