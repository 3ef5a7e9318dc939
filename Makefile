# Each target is a few plain commands; the README has those of run and test for Windows too.

PYTHON ?= python3

.PHONY: run test lint train

run: .venv/installed
	.venv/bin/python app.py

test: .venv/installed-dev
	.venv/bin/python -m pytest

lint: .venv/installed-dev
	.venv/bin/python -m ruff check
	.venv/bin/python -m ruff format --check
	.venv/bin/oxlint pad

train: .venv/installed
	.venv/bin/python train.py

.venv/installed: requirements.txt
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install -r requirements.txt
	touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	.venv/bin/python -m pip install -r requirements-dev.txt
	touch $@
