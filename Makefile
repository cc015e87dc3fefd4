# What a person types. scripts/ does the work; .venv holds what requirements*.lock name.
python := .venv/bin/python

.PHONY: run test proofs lint bench setup compared screenshots bench-gui bench-prepare recipe-lab app dmg app-check mps-budgets

run: setup  ## open the window (with no display: train and sample in the terminal)
	@$(python) -m scripts.run

test: setup compared  ## the whole suite, with no screen
	QT_QPA_PLATFORM=offscreen $(python) -m pytest

proofs: setup  ## what takes minutes: twenty kills, a real full disk, twenty thousand iterations
	QT_QPA_PLATFORM=offscreen OMP_NUM_THREADS=1 $(python) -m pytest -m slow --durations=0 --ignore=tests/engine/test_estimate.py

lint: setup  ## style, format, types
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy

screenshots: setup  ## pictures of the window in every state, in build/screenshots; the README's with docs=1
	@$(python) -m scripts.screenshots $(if $(docs),--docs)

ITERS = 6

bench: setup compared  ## speed and memory beside transformers (or beside NANOGPT=its folder), the estimate beside what is measured
ifdef NANOGPT
	@$(python) -m scripts.bench --iters=$(ITERS) --nanogpt="$(NANOGPT)"
else
	@$(python) -m scripts.bench --iters=$(ITERS)
	@$(python) -m pytest -m slow tests/engine/test_estimate.py
endif

bench-prepare: setup  ## how fast a long text becomes tokens, beside nanoGPT's way
	@$(python) -m scripts.bench_prepare

recipe-lab: setup  ## the experiments behind the quick recipe (LAB="--help" tells which; LAB=--acceptance)
	@$(python) -m scripts.recipe_lab $(LAB)

mps-budgets: setup  ## what the engine asks of a Mac's GPU, counted on the tests' stand-in for one
	@$(python) -m tests.mps.budgets

bench-gui: setup  ## how fluent the window is while a model trains in it
	@$(python) -m scripts.bench_gui

setup:  ## make .venv, once
	@sh scripts/setup.sh

app: setup  ## on a Mac: dist/Understudy.app, signed and verified
	@$(python) -m scripts.bundle app

dmg: setup  ## on a Mac: the same as a disk image
	@$(python) -m scripts.bundle dmg

app-check: setup  ## anywhere: build the bundle with this system's libraries, start it, and read the Mac's wheels
	@$(python) -m scripts.bundle check

compared: setup
	@$(python) -m pip install --disable-pip-version-check --quiet -c requirements.lock -r requirements-compare.lock
