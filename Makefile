# What a person types. scripts/ does the work; .venv holds what requirements*.lock name.
python := .venv/bin/python

.PHONY: run test lint setup

run: setup  ## open the window (with no display: train and sample in the terminal)
	@$(python) -m scripts.run

test: setup  ## the whole suite, with no screen
	QT_QPA_PLATFORM=offscreen $(python) -m pytest

lint: setup  ## style, format, types
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy

setup:  ## make .venv, once
	@sh scripts/setup.sh
